/** One VPC: its facts, its subnets, its route tables. */

import Button from '@cloudscape-design/components/button';
import { DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { ConfirmDelete } from '../resource/confirm.tsx';
import { Copyable, DetailPage } from '../resource/detail-page.tsx';
import { messages as shared } from '../resource/messages.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { goTo, hrefOf } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { ec2, nameOf } from './client.ts';
import { messages as ec2Messages } from './messages.ts';
import { messages } from './messages-network.ts';
import { ResourceTags } from './resource-tags.tsx';
import { RouteTableList } from './route-tables.tsx';
import { SubnetList } from './subnets.tsx';
import { deletionOf } from './vpcs.tsx';

export function Vpc({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const e = useText(ec2Messages);
  const s = useText(shared);
  const answer = useAnswer(async () => (await ec2().send(new DescribeVpcsCommand({ VpcIds: [id] }))).Vpcs![0]!, [id], 'ec2');
  const [deleting, setDeleting] = useState(false);
  const vpc = answer.value;
  const name = vpc && nameOf(vpc);
  const blocks = (vpc?.CidrBlockAssociationSet ?? []).map(({ CidrBlock }) => CidrBlock).join(', ');
  return (
    <>
      <DetailPage
        name={name ? `${id} (${name})` : id}
        answer={answer}
        actions={<Button onClick={() => setDeleting(true)}>{s.delete}</Button>}
        facts={[
          { label: e.id, value: <Copyable text={id} /> },
          { label: e.state, value: vpc?.State },
          { label: t.blocks, value: blocks || vpc?.CidrBlock },
          { label: t.isDefault, value: vpc?.IsDefault ? s.yes : s.no },
          { label: t.tenancy, value: vpc?.InstanceTenancy },
          { label: t.dhcp, value: vpc?.DhcpOptionsId },
        ]}
        tabs={[
          { id: 'subnets', label: t.subnets, content: <SubnetList vpc={id} /> },
          { id: 'route-tables', label: t.routeTables, content: <RouteTableList vpc={id} /> },
          { id: 'tags', label: s.tags, content: <ResourceTags id={id} /> },
        ]}
      />
      {deleting && (
        <ConfirmDelete
          items={[id]}
          nameOf={String}
          remove={() => ec2().send(deletionOf(id).command)}
          actionOf={deletionOf}
          warning={t.deleteVpcWarning}
          onCancel={() => setDeleting(false)}
          onDone={() => goTo(hrefOf(['ec2', 'vpcs']))}
        />
      )}
    </>
  );
}
