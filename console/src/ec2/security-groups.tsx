/** All security groups of a region, and the form that makes one. */

import Button from '@cloudscape-design/components/button';
import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  type CreateSecurityGroupCommandOutput,
  type SecurityGroup,
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
import { goTo, hrefOf } from '../shell/places.ts';
import { ec2, titled } from './client.ts';
import { IdLink } from './id-link.tsx';
import { messages } from './messages.ts';

export function deletionOf(GroupId: string): Action & { command: DeleteSecurityGroupCommand } {
  return { service: 'ec2', operation: 'DeleteSecurityGroup', command: new DeleteSecurityGroupCommand({ GroupId }) };
}

export function SecurityGroups() {
  const t = useText(messages);
  const create = (): void => goTo(hrefOf(['ec2', 'create-security-group']));
  return (
    <ResourceTable<SecurityGroup>
      id="ec2-security-groups"
      title={t.securityGroups}
      live="ec2"
      load={async (after) => {
        const page = await ec2().send(new DescribeSecurityGroupsCommand({ MaxResults: 100, ...(after && { NextToken: after }) }));
        return { items: page.SecurityGroups ?? [], next: page.NextToken };
      }}
      keyOf={({ GroupId }) => GroupId!}
      columns={[
        {
          id: 'id',
          header: t.id,
          width: 220,
          cell: ({ GroupId }) => <IdLink kind="security-groups" id={GroupId} />,
          text: ({ GroupId }) => GroupId!,
        },
        { id: 'name', header: t.name, cell: ({ GroupName }) => GroupName! },
        { id: 'vpc', header: t.vpc, cell: ({ VpcId }) => VpcId },
        { id: 'description', header: t.description, cell: ({ Description }) => Description },
      ]}
      empty={{ title: t.groupsEmpty, text: t.groupsEmptyText, action: <Button onClick={create}>{t.createGroup}</Button> }}
      create={{ text: t.createGroup, onClick: create }}
      remove={{
        nameOf: ({ GroupId }) => GroupId!,
        actionsOf: ({ GroupId }) => [deletionOf(GroupId!)],
        send: (command) => ec2().send(command),
      }}
    />
  );
}

export function CreateSecurityGroup() {
  const t = useText(messages);
  const s = useText(shared);
  const answer = useAnswer(async () => (await ec2().send(new DescribeVpcsCommand({}))).Vpcs ?? [], []);
  if (!answer.value) return <DetailPage name={t.createGroup} answer={answer} />;
  const vpcs = answer.value;
  return (
    <ActionForm
      title={t.createGroup}
      description={t.groupsEmptyText}
      submit={t.createGroup}
      fields={[
        { name: 'name', kind: 'text', label: t.name, required: true },
        { name: 'description', kind: 'text', label: t.description, required: true },
        {
          name: 'vpc',
          kind: 'select',
          label: t.vpc,
          required: true,
          initial: (vpcs.find(({ IsDefault }) => IsDefault) ?? vpcs[0])?.VpcId ?? '',
          options: vpcs.map((vpc) => ({ value: vpc.VpcId!, label: titled(vpc.VpcId!, vpc), description: vpc.CidrBlock! })),
        },
      ]}
      actionsOf={(values) => {
        const GroupName = read.text(values, 'name') ?? '';
        const Description = read.text(values, 'description') ?? '';
        const VpcId = read.text(values, 'vpc');
        const body = { name: GroupName, description: Description, vpc_id: VpcId };
        return [
          {
            service: 'ec2',
            operation: 'CreateSecurityGroup',
            command: new CreateSecurityGroupCommand({ GroupName, Description, VpcId }),
            terraform: [{ type: 'aws_security_group', name: GroupName, body }],
          },
        ];
      }}
      send={(command) => ec2().send(command)}
      onCancel={() => goTo(hrefOf(['ec2', 'security-groups']))}
      onDone={([output], values) => {
        notify({ type: 'success', content: fill(s.created, { name: read.text(values, 'name')! }) });
        goTo(hrefOf(['ec2', 'security-groups', (output as CreateSecurityGroupCommandOutput).GroupId!]));
      }}
    />
  );
}
