/** Subnets: all of a region or those of one VPC, and the form that makes one. */

import Button from '@cloudscape-design/components/button';
import {
  CreateSubnetCommand,
  DeleteSubnetCommand,
  DescribeAvailabilityZonesCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type CreateSubnetCommandOutput,
  type Subnet,
} from '@aws-sdk/client-ec2';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { DetailPage } from '../resource/detail-page.tsx';
import { read } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { goTo, hrefOf, usePlace } from '../shell/places.ts';
import { blocks6Of } from './blocks.tsx';
import { ec2, nameOf, tagged, terraformTags } from './client.ts';
import { IdLink } from './id-link.tsx';
import { messages as ec2Messages } from './messages.ts';
import { messages as addressing } from './messages-addressing.ts';
import { messages } from './messages-network.ts';
import { blockField, isBlock6, vpcField } from './network-fields.ts';

export function deletionOf(SubnetId: string): Action & { command: DeleteSubnetCommand } {
  return { service: 'ec2', operation: 'DeleteSubnet', command: new DeleteSubnetCommand({ SubnetId }) };
}

export const Subnets = () => <SubnetList />;

export function SubnetList({ vpc }: { vpc?: string }) {
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const create = (): void => goTo(hrefOf(['ec2', 'create-subnet'], { vpc }));
  return (
    <ResourceTable<Subnet>
      id="ec2-subnets"
      title={t.subnets}
      live="ec2"
      {...(vpc !== undefined && { variant: 'embedded' as const })}
      load={async (after) => {
        const { Subnets: items = [], NextToken } = await ec2().send(
          new DescribeSubnetsCommand({
            MaxResults: 100,
            ...(vpc !== undefined && { Filters: [{ Name: 'vpc-id', Values: [vpc] }] }),
            ...(after && { NextToken: after }),
          }),
        );
        return { items, next: NextToken };
      }}
      keyOf={({ SubnetId }) => SubnetId!}
      columns={[
        {
          id: 'id',
          header: e.id,
          width: 240,
          cell: ({ SubnetId }) => <IdLink kind="subnets" id={SubnetId} />,
          text: ({ SubnetId }) => SubnetId!,
        },
        { id: 'name', header: e.name, cell: nameOf },
        { id: 'zone', header: e.zone, width: 150, cell: ({ AvailabilityZone }) => AvailabilityZone },
        { id: 'cidr', header: t.cidr, width: 160, cell: ({ CidrBlock }) => CidrBlock },
        { id: 'cidr6', header: t.cidr6, width: 220, cell: (subnet) => blocks6Of(subnet).join(', ') || '–' },
        { id: 'free', header: t.free, width: 130, cell: ({ AvailableIpAddressCount }) => AvailableIpAddressCount },
        {
          id: 'public',
          header: t.publicAddresses,
          width: 130,
          cell: ({ MapPublicIpOnLaunch }) => (MapPublicIpOnLaunch ? s.yes : s.no),
        },
        { id: 'vpc', header: e.vpc, width: 220, cell: ({ VpcId }) => <IdLink kind="vpcs" id={VpcId} />, text: ({ VpcId }) => VpcId! },
      ]}
      empty={{ title: t.subnetsEmpty, text: t.subnetsEmptyText, action: <Button onClick={create}>{t.createSubnet}</Button> }}
      create={{ text: t.createSubnet, onClick: create }}
      remove={{
        nameOf: ({ SubnetId }) => SubnetId!,
        actionsOf: ({ SubnetId }) => [deletionOf(SubnetId!)],
        send: (command) => ec2().send(command),
        warning: t.deleteSubnetWarning,
      }}
    />
  );
}

async function loadChoices() {
  const [{ Vpcs = [] }, { AvailabilityZones = [] }] = await Promise.all([
    ec2().send(new DescribeVpcsCommand({})),
    ec2().send(new DescribeAvailabilityZonesCommand({})),
  ]);
  return { vpcs: Vpcs, zones: AvailabilityZones.map(({ ZoneName }) => ({ value: ZoneName! })) };
}

export function CreateSubnet() {
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const a = useText(addressing);
  const asked = usePlace().query.get('vpc');
  const answer = useAnswer(loadChoices, []);
  if (!answer.value) return <DetailPage name={t.createSubnet} answer={answer} />;
  const { vpcs, zones } = answer.value;
  return (
    <ActionForm
      title={t.createSubnet}
      description={t.createSubnetText}
      submit={t.createSubnet}
      fields={[
        { name: 'name', kind: 'text', label: e.name },
        vpcField(e.vpc, vpcs, asked),
        { name: 'zone', kind: 'select', label: e.zone, required: true, options: zones },
        blockField(t),
        {
          ...{ name: 'ipv6', kind: 'text', label: a.subnetBlock, description: a.subnetBlockHint },
          check: (value) => (value === '' || isBlock6(value) ? undefined : a.block6Fault),
        },
      ]}
      actionsOf={(values) => {
        const [name, VpcId] = [read.text(values, 'name'), read.text(values, 'vpc')];
        const [AvailabilityZone, CidrBlock] = [read.text(values, 'zone'), read.text(values, 'cidr')];
        const Ipv6CidrBlock = read.text(values, 'ipv6');
        const body = {
          vpc_id: VpcId,
          availability_zone: AvailabilityZone,
          cidr_block: CidrBlock,
          ipv6_cidr_block: Ipv6CidrBlock,
          tags: terraformTags(name),
        };
        return [
          {
            service: 'ec2',
            operation: 'CreateSubnet',
            command: new CreateSubnetCommand({ VpcId, AvailabilityZone, CidrBlock, Ipv6CidrBlock, ...tagged('subnet', name) }),
            terraform: [{ type: 'aws_subnet', name: name ?? 'this', body }],
          },
        ];
      }}
      send={(command) => ec2().send(command)}
      onCancel={() => goTo(hrefOf(['ec2', 'subnets']))}
      onDone={([output]) => {
        const id = (output as CreateSubnetCommandOutput).Subnet!.SubnetId!;
        notify({ type: 'success', content: fill(s.created, { name: id }) });
        goTo(hrefOf(['ec2', 'subnets', id]));
      }}
    />
  );
}
