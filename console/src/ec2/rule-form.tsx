/** The form of a rule of a security group. */

import { AuthorizeSecurityGroupEgressCommand, AuthorizeSecurityGroupIngressCommand, type IpPermission } from '@aws-sdk/client-ec2';
import type { Action } from '../from-shell/action.ts';
import { useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read, type Field, type Values } from '../resource/fields.ts';
import { notify } from '../shell/notices.ts';
import { ec2 } from './client.ts';
import { messages } from './messages.ts';

type Texts = (typeof messages)['en'];

const peerForm = /^(?:[\d.]+\/\d{1,2}|[\da-fA-F:.]*:[\da-fA-F:.]*\/\d{1,3}|sg-[\da-f]+|pl-[\da-f]+)$/;
const hasPorts = ({ protocol }: Values): boolean => protocol === 'tcp' || protocol === 'udp';

function fieldsOf(t: Texts): Field[] {
  return [
    {
      name: 'protocol',
      kind: 'select',
      label: t.protocol,
      required: true,
      options: [
        { value: 'tcp', label: 'TCP' },
        { value: 'udp', label: 'UDP' },
        { value: 'icmp', label: 'ICMP' },
        { value: '-1', label: t.allTraffic },
      ],
    },
    { name: 'from', kind: 'number', label: t.fromPort, initial: '22', min: 0, max: 65_535, required: true, visible: hasPorts },
    {
      name: 'to',
      kind: 'number',
      label: t.toPort,
      initial: '22',
      min: 0,
      max: 65_535,
      required: true,
      visible: hasPorts,
      check: (value, values) => (Number(value) < (read.number(values, 'from') ?? 0) ? t.portsFault : undefined),
    },
    {
      name: 'icmp',
      kind: 'number',
      label: t.icmpType,
      initial: '-1',
      min: -1,
      max: 255,
      required: true,
      visible: ({ protocol }) => protocol === 'icmp',
    },
    {
      name: 'peer',
      kind: 'text',
      label: t.peer,
      description: t.peerHint,
      required: true,
      pattern: peerForm,
      check: (value) => (peerForm.test(value) ? undefined : t.peerFault),
    },
    { name: 'description', kind: 'text', label: t.description },
  ];
}

function permissionOf(values: Values): IpPermission {
  const protocol = read.text(values, 'protocol') ?? 'tcp';
  const peer = read.text(values, 'peer') ?? '';
  const description = read.text(values, 'description');
  const said = description === undefined ? {} : { Description: description };
  const range = hasPorts(values)
    ? { FromPort: read.number(values, 'from'), ToPort: read.number(values, 'to') }
    : protocol === 'icmp'
      ? { FromPort: read.number(values, 'icmp'), ToPort: -1 }
      : {};
  return {
    IpProtocol: protocol,
    ...range,
    ...(peer.startsWith('sg-')
      ? { UserIdGroupPairs: [{ GroupId: peer, ...said }] }
      : peer.startsWith('pl-')
        ? { PrefixListIds: [{ PrefixListId: peer, ...said }] }
        : peer.includes(':')
          ? { Ipv6Ranges: [{ CidrIpv6: peer, ...said }] }
          : { IpRanges: [{ CidrIp: peer, ...said }] }),
  };
}

function actionOf(group: string, egress: boolean, values: Values): Action {
  const permission = permissionOf(values);
  const input = { GroupId: group, IpPermissions: [permission] };
  const peer = read.text(values, 'peer');
  const kind = peer?.startsWith('sg-')
    ? 'referenced_security_group_id'
    : peer?.startsWith('pl-')
      ? 'prefix_list_id'
      : peer?.includes(':')
        ? 'cidr_ipv6'
        : 'cidr_ipv4';
  const body = {
    security_group_id: group,
    ip_protocol: permission.IpProtocol,
    from_port: permission.FromPort,
    to_port: permission.ToPort,
    [kind]: peer,
    description: read.text(values, 'description'),
  };
  const terraform = [{ type: `aws_vpc_security_group_${egress ? 'egress' : 'ingress'}_rule`, name: group, body }];
  return egress
    ? { service: 'ec2', operation: 'AuthorizeSecurityGroupEgress', command: new AuthorizeSecurityGroupEgressCommand(input), terraform }
    : { service: 'ec2', operation: 'AuthorizeSecurityGroupIngress', command: new AuthorizeSecurityGroupIngressCommand(input), terraform };
}

export function AddRule({ group, egress, onDone, onCancel }: { group: string; egress: boolean; onDone(): void; onCancel(): void }) {
  const t = useText(messages);
  return (
    <ActionForm
      modal
      title={t.addRule}
      description={egress ? t.outboundEmptyText : t.inboundEmptyText}
      fields={fieldsOf(t)}
      submit={t.addRule}
      actionsOf={(values) => [actionOf(group, egress, values)]}
      send={(command) => ec2().send(command)}
      onCancel={onCancel}
      onDone={() => {
        notify({ type: 'success', content: t.ruleAdded });
        onDone();
      }}
    />
  );
}
