/** The blocks of addresses of a VPC or of a subnet: listed, added, taken away. */

import {
  AssociateSubnetCidrBlockCommand,
  AssociateVpcCidrBlockCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  DisassociateSubnetCidrBlockCommand,
  DisassociateVpcCidrBlockCommand,
  type Subnet,
  type Vpc,
} from '@aws-sdk/client-ec2';
import type { Action } from '../from-shell/action.ts';
import { useText } from '../language/catalogue.ts';
import { read, type Field, type Values } from '../resource/fields.ts';
import { atHand, ResourceTable } from '../resource/resource-table.tsx';
import { AskButton } from './ask-button.tsx';
import { ec2 } from './client.ts';
import { messages } from './messages-addressing.ts';
import { messages as network } from './messages-network.ts';
import { blockCheck, freeBlock6, isBlock6 } from './network-fields.ts';

/** `id` is absent where the block cannot be taken away. */
type Block = { id?: string | undefined; block: string; state: string };

function Blocks({
  of,
  text,
  blocks,
  fields,
  actionsOf,
  removalOf,
  onChange,
}: {
  of: string;
  text: string;
  blocks: readonly Block[];
  fields(): Promise<readonly Field[]>;
  actionsOf(values: Values): readonly Action[];
  removalOf(block: Block): Action;
  onChange(): void;
}) {
  const t = useText(messages);
  return (
    <ResourceTable<Block>
      {...atHand(blocks)}
      id="ec2-blocks"
      title={t.blocks}
      description={text}
      keyOf={({ block }) => block}
      columns={[
        { id: 'block', header: t.block, cell: ({ block }) => block },
        { id: 'family', header: t.family, cell: ({ block }) => (isBlock6(block) ? 'IPv6' : 'IPv4') },
        { id: 'state', header: t.state, cell: ({ state }) => state },
        { id: 'id', header: t.id, width: 280, cell: ({ id }) => id ?? '–' },
      ]}
      empty={{ title: t.blocks, text }}
      headerExtra={<AskButton id={of} text={t.addBlock} fields={fields} actionsOf={actionsOf} onDone={onChange} />}
      remove={{
        nameOf: ({ block }) => block,
        actionsOf: (block) => [removalOf(block)],
        send: (command) => ec2().send(command),
        onRemoved: onChange,
        warning: t.removeBlockWarning,
      }}
    />
  );
}

export function VpcBlocks({ vpc, onChange }: { vpc: Vpc; onChange(): void }) {
  const t = useText(messages);
  const n = useText(network);
  const VpcId = vpc.VpcId!;
  const blocks = [
    ...(vpc.CidrBlockAssociationSet ?? []).map((one) => ({
      id: one.AssociationId,
      block: one.CidrBlock!,
      state: one.CidrBlockState?.State ?? '',
    })),
    ...(vpc.Ipv6CidrBlockAssociationSet ?? []).map((one) => ({
      ...{ id: one.AssociationId, block: one.Ipv6CidrBlock!, state: one.Ipv6CidrBlockState?.State ?? '' },
    })),
  ];
  const fields: Field[] = [
    {
      ...{ name: 'family', kind: 'tiles', label: t.family, required: true, initial: 'ipv4' },
      options: [
        { value: 'ipv4', label: t.ipv4Block, description: t.ipv4Text },
        { value: 'ipv6', label: t.ipv6Block, description: t.ipv6Text },
      ],
    },
    {
      ...{ name: 'block', kind: 'text', label: t.ipv4Block, description: n.cidrHint, required: true, check: blockCheck(n) },
      visible: (values) => values['family'] === 'ipv4',
    },
  ];
  return (
    <Blocks
      of={VpcId}
      text={t.blocksText}
      blocks={blocks}
      fields={async () => fields}
      actionsOf={(values) => {
        const CidrBlock = values['family'] === 'ipv4' ? read.text(values, 'block') : undefined;
        const ipv6 = CidrBlock === undefined;
        const body = ipv6 ? { vpc_id: VpcId, assign_generated_ipv6_cidr_block: true } : { vpc_id: VpcId, cidr_block: CidrBlock };
        return [
          {
            ...{ service: 'ec2', operation: 'AssociateVpcCidrBlock' },
            command: new AssociateVpcCidrBlockCommand({ VpcId, ...(ipv6 ? { AmazonProvidedIpv6CidrBlock: true } : { CidrBlock }) }),
            terraform: [{ type: `aws_vpc_ipv${ipv6 ? 6 : 4}_cidr_block_association`, name: 'this', body }],
          },
        ];
      }}
      removalOf={({ id }) => ({
        ...{ service: 'ec2', operation: 'DisassociateVpcCidrBlock' },
        command: new DisassociateVpcCidrBlockCommand({ AssociationId: id }),
      })}
      onChange={onChange}
    />
  );
}

/** The first /64 of the VPC's IPv6 block that no subnet has. */
async function proposal(vpc: string): Promise<string | undefined> {
  const [{ Vpcs = [] }, { Subnets = [] }] = await Promise.all([
    ec2().send(new DescribeVpcsCommand({ VpcIds: [vpc] })),
    ec2().send(new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpc] }] })),
  ]);
  const range = Vpcs[0]?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock;
  return range && freeBlock6(range, Subnets.flatMap(blocks6Of));
}

export const blocks6Of = ({ Ipv6CidrBlockAssociationSet = [] }: Pick<Subnet | Vpc, 'Ipv6CidrBlockAssociationSet'>): string[] =>
  Ipv6CidrBlockAssociationSet.map(({ Ipv6CidrBlock }) => Ipv6CidrBlock!);

export function SubnetBlocks({ subnet, onChange }: { subnet: Subnet; onChange(): void }) {
  const t = useText(messages);
  const SubnetId = subnet.SubnetId!;
  return (
    <Blocks
      of={SubnetId}
      text={t.subnetBlocksText}
      blocks={[
        { block: subnet.CidrBlock!, state: 'associated' },
        ...(subnet.Ipv6CidrBlockAssociationSet ?? []).map((one) => ({
          ...{ id: one.AssociationId, block: one.Ipv6CidrBlock!, state: one.Ipv6CidrBlockState?.State ?? '' },
        })),
      ]}
      fields={async () => {
        const initial = await proposal(subnet.VpcId!);
        return [
          {
            ...{ name: 'block', kind: 'text', label: t.subnetBlock, required: true, ...(initial && { initial }) },
            description: initial === undefined ? t.noVpcBlock : t.subnetBlockHint,
            check: (value) => (isBlock6(value) ? undefined : t.block6Fault),
          },
        ];
      }}
      actionsOf={(values) => [
        {
          ...{ service: 'ec2', operation: 'AssociateSubnetCidrBlock' },
          command: new AssociateSubnetCidrBlockCommand({ SubnetId, Ipv6CidrBlock: read.text(values, 'block') }),
        },
      ]}
      removalOf={({ id }) => ({
        ...{ service: 'ec2', operation: 'DisassociateSubnetCidrBlock' },
        command: new DisassociateSubnetCidrBlockCommand({ AssociationId: id }),
      })}
      onChange={onChange}
    />
  );
}
