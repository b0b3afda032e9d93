/** One security group: the rules of what comes in and what goes out. */

import Button from '@cloudscape-design/components/button';
import {
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import { useState } from 'react';
import type { Action } from '../from-shell/action.ts';
import { useText } from '../language/catalogue.ts';
import { ConfirmDelete } from '../resource/confirm.tsx';
import { Copyable, DetailPage } from '../resource/detail-page.tsx';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { goTo, hrefOf } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { ec2 } from './client.ts';
import { messages } from './messages.ts';
import { AddRule } from './rule-form.tsx';
import { deletionOf } from './security-groups.tsx';

export function SecurityGroup({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const s = useText(shared);
  const answer = useAnswer(
    async () => (await ec2().send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))).SecurityGroups![0]!,
    [id],
    'ec2',
  );
  const [deleting, setDeleting] = useState(false);
  const group = answer.value;
  return (
    <>
      <DetailPage
        name={group ? `${id} (${group.GroupName})` : id}
        answer={answer}
        actions={<Button onClick={() => setDeleting(true)}>{s.delete}</Button>}
        facts={[
          { label: t.id, value: <Copyable text={id} /> },
          { label: t.description, value: group?.Description },
          { label: t.vpc, value: group?.VpcId },
        ]}
        tabs={[
          { id: 'inbound', label: t.inbound, content: <Rules group={id} egress={false} /> },
          { id: 'outbound', label: t.outbound, content: <Rules group={id} egress /> },
        ]}
      />
      {deleting && (
        <ConfirmDelete
          items={[id]}
          nameOf={String}
          actionsOf={() => [deletionOf(id)]}
          send={(command) => ec2().send(command)}
          onCancel={() => setDeleting(false)}
          onDone={() => goTo(hrefOf(['ec2', 'security-groups']))}
        />
      )}
    </>
  );
}

function revocation(group: string, { SecurityGroupRuleId, IsEgress }: SecurityGroupRule) {
  const input = { GroupId: group, SecurityGroupRuleIds: [SecurityGroupRuleId!] };
  return IsEgress
    ? ({ service: 'ec2', operation: 'RevokeSecurityGroupEgress', command: new RevokeSecurityGroupEgressCommand(input) } satisfies Action)
    : ({ service: 'ec2', operation: 'RevokeSecurityGroupIngress', command: new RevokeSecurityGroupIngressCommand(input) } satisfies Action);
}

function peerOf(rule: SecurityGroupRule): string {
  return rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.ReferencedGroupInfo?.GroupId ?? rule.PrefixListId ?? '';
}

function portsOf({ FromPort, ToPort }: SecurityGroupRule): string {
  if (FromPort === undefined || FromPort === -1) return '–';
  return FromPort === ToPort ? String(FromPort) : `${FromPort}–${ToPort}`;
}

function Rules({ group, egress }: { group: string; egress: boolean }) {
  const t = useText(messages);
  const [adding, setAdding] = useState(false);
  const [turn, setTurn] = useState(0);
  const direction = egress ? 'outbound' : 'inbound';
  const add = (): void => setAdding(true);
  return (
    <>
      <ResourceTable<SecurityGroupRule>
        variant="embedded"
        id={`ec2-${direction}-rules`}
        title={t[direction]}
        live="ec2"
        on={[turn]}
        load={async () => {
          const Filters = [{ Name: 'group-id', Values: [group] }];
          const { SecurityGroupRules = [] } = await ec2().send(new DescribeSecurityGroupRulesCommand({ Filters }));
          return { items: SecurityGroupRules.filter(({ IsEgress }) => IsEgress === egress) };
        }}
        keyOf={({ SecurityGroupRuleId }) => SecurityGroupRuleId!}
        columns={[
          { id: 'id', header: t.rule, width: 230, cell: ({ SecurityGroupRuleId }) => SecurityGroupRuleId },
          {
            id: 'protocol',
            header: t.protocol,
            cell: ({ IpProtocol }) => (IpProtocol === '-1' ? t.allTraffic : IpProtocol?.toUpperCase()),
          },
          { id: 'ports', header: t.ports, cell: portsOf },
          { id: 'peer', header: t.peer, cell: peerOf },
          { id: 'description', header: t.description, cell: ({ Description }) => Description ?? '–' },
        ]}
        empty={{ title: t[`${direction}Empty`], text: t[`${direction}EmptyText`], action: <Button onClick={add}>{t.addRule}</Button> }}
        create={{ text: t.addRule, onClick: add }}
        remove={{
          nameOf: ({ SecurityGroupRuleId }) => SecurityGroupRuleId!,
          actionsOf: (rule) => [revocation(group, rule)],
          send: (command) => ec2().send(command),
        }}
      />
      {adding && (
        <AddRule
          group={group}
          egress={egress}
          onCancel={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            setTurn(turn + 1);
          }}
        />
      )}
    </>
  );
}
