/** All VPCs of a region, and the form that makes one. */

import Button from '@cloudscape-design/components/button';
import { CreateVpcCommand, DeleteVpcCommand, DescribeVpcsCommand, type CreateVpcCommandOutput, type Vpc } from '@aws-sdk/client-ec2';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { notify } from '../shell/notices.ts';
import { goTo, hrefOf } from '../shell/places.ts';
import { blocks6Of } from './blocks.tsx';
import { ec2, nameOf, tagged, terraformTags } from './client.ts';
import { IdLink } from './id-link.tsx';
import { messages as ec2Messages } from './messages.ts';
import { messages as addressing } from './messages-addressing.ts';
import { messages } from './messages-network.ts';
import { blockField } from './network-fields.ts';

export function deletionOf(VpcId: string): Action & { command: DeleteVpcCommand } {
  return { service: 'ec2', operation: 'DeleteVpc', command: new DeleteVpcCommand({ VpcId }) };
}

export function Vpcs() {
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const create = (): void => goTo(hrefOf(['ec2', 'create-vpc']));
  return (
    <ResourceTable<Vpc>
      id="ec2-vpcs"
      title={t.vpcs}
      live="ec2"
      load={async (after) => {
        const { Vpcs: items = [], NextToken } = await ec2().send(
          new DescribeVpcsCommand({ MaxResults: 100, ...(after && { NextToken: after }) }),
        );
        return { items, next: NextToken };
      }}
      keyOf={({ VpcId }) => VpcId!}
      columns={[
        { id: 'id', header: e.id, width: 220, cell: ({ VpcId }) => <IdLink kind="vpcs" id={VpcId} />, text: ({ VpcId }) => VpcId! },
        { id: 'name', header: e.name, cell: nameOf },
        { id: 'state', header: e.state, width: 120, cell: ({ State }) => State },
        { id: 'cidr', header: t.cidr, cell: ({ CidrBlock }) => CidrBlock },
        { id: 'cidr6', header: t.cidr6, cell: (vpc) => blocks6Of(vpc).join(', ') || '–' },
        { id: 'default', header: t.isDefault, width: 110, cell: ({ IsDefault }) => (IsDefault ? s.yes : s.no) },
        { id: 'dhcp', header: t.dhcp, cell: ({ DhcpOptionsId }) => DhcpOptionsId ?? '–' },
      ]}
      empty={{ title: t.vpcsEmpty, text: t.vpcsEmptyText, action: <Button onClick={create}>{t.createVpc}</Button> }}
      create={{ text: t.createVpc, onClick: create }}
      remove={{
        nameOf: ({ VpcId }) => VpcId!,
        actionsOf: ({ VpcId }) => [deletionOf(VpcId!)],
        send: (command) => ec2().send(command),
        warning: t.deleteVpcWarning,
      }}
    />
  );
}

export function CreateVpc() {
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const a = useText(addressing);
  return (
    <ActionForm
      title={t.createVpc}
      description={t.createVpcText}
      submit={t.createVpc}
      fields={[
        { name: 'name', kind: 'text', label: e.name },
        blockField(t, '10.0.0.0/16'),
        { name: 'ipv6', kind: 'toggle', label: a.ipv6Want, description: a.ipv6Text },
        {
          ...{ name: 'tenancy', kind: 'select', label: a.tenancy, required: true, initial: 'default' },
          options: [
            { value: 'default', label: a.tenancyShared },
            { value: 'dedicated', label: a.tenancyDedicated },
          ],
        },
      ]}
      actionsOf={(values) => {
        const [name, CidrBlock] = [read.text(values, 'name'), read.text(values, 'cidr')];
        const ipv6 = read.flag(values, 'ipv6') || undefined;
        const InstanceTenancy = read.text(values, 'tenancy') === 'dedicated' ? ('dedicated' as const) : undefined;
        const body = {
          ...{ cidr_block: CidrBlock, assign_generated_ipv6_cidr_block: ipv6, instance_tenancy: InstanceTenancy },
          tags: terraformTags(name),
        };
        return [
          {
            service: 'ec2',
            operation: 'CreateVpc',
            command: new CreateVpcCommand({ CidrBlock, AmazonProvidedIpv6CidrBlock: ipv6, InstanceTenancy, ...tagged('vpc', name) }),
            terraform: [{ type: 'aws_vpc', name: name ?? 'this', body }],
          },
        ];
      }}
      send={(command) => ec2().send(command)}
      onCancel={() => goTo(hrefOf(['ec2', 'vpcs']))}
      onDone={([output]) => {
        const id = (output as CreateVpcCommandOutput).Vpc!.VpcId!;
        notify({ type: 'success', content: fill(s.created, { name: id }) });
        goTo(hrefOf(['ec2', 'vpcs', id]));
      }}
    />
  );
}
