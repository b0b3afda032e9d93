/** Groups: the list, the page that makes one, and one with its members. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import Table from '@cloudscape-design/components/table';
import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  DeleteGroupCommand,
  GetGroupCommand,
  ListGroupsCommand,
  ListUsersCommand,
  RemoveUserFromGroupCommand,
  type Group,
} from '@aws-sdk/client-iam';
import { useState } from 'react';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionButton } from '../resource/action-button.tsx';
import { ActionForm } from '../resource/action-form.tsx';
import { Copyable, DetailPage } from '../resource/detail-page.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { iam } from './client.ts';
import { LastAccessed } from './last-accessed.tsx';
import { messages as access } from './messages-access.ts';
import { messages } from './messages.ts';
import { detachAction, heldBy } from './owner.ts';
import { PermissionsTab } from './permissions-tab.tsx';
import { entityName } from './users.tsx';

const removal = (GroupName: string, UserName: string | undefined): Action => ({
  ...{ service: 'iam', operation: 'RemoveUserFromGroup' },
  command: new RemoveUserFromGroupCommand({ GroupName, UserName }),
});

/** IAM deletes only a group that has nothing and nobody left. */
async function deletionOf(GroupName: string): Promise<Action[]> {
  const owner = { kind: 'group', name: GroupName } as const;
  const [held, { Users = [] }] = await Promise.all([heldBy(owner), iam().send(new GetGroupCommand({ GroupName }))]);
  return [
    ...held.map((one) => detachAction(owner, one)),
    ...Users.map(({ UserName }) => removal(GroupName, UserName)),
    { service: 'iam', operation: 'DeleteGroup', command: new DeleteGroupCommand({ GroupName }) },
  ];
}

export function Groups() {
  const t = useText(messages);
  const create = (): void => goTo(hrefOf(['iam', 'groups', 'create']));
  return (
    <ResourceTable<Group>
      id="iam-groups"
      title={t.groups}
      live="iam"
      load={async (after) => {
        const page = await iam().send(new ListGroupsCommand({ MaxItems: 200, ...(after && { Marker: after }) }));
        return { items: page.Groups ?? [], next: page.IsTruncated ? page.Marker : undefined };
      }}
      keyOf={({ GroupName }) => GroupName!}
      columns={[
        {
          id: 'name',
          header: t.name,
          cell: ({ GroupName }) => (
            <Link href={hrefOf(['iam', 'groups', GroupName!])} onFollow={follow}>
              {GroupName}
            </Link>
          ),
          text: ({ GroupName }) => GroupName!,
        },
        { id: 'path', header: t.path, cell: ({ Path }) => Path! },
        {
          id: 'created',
          header: t.created,
          cell: ({ CreateDate }) => timeText(CreateDate),
          text: ({ CreateDate }) => CreateDate?.getTime() ?? 0,
        },
      ]}
      empty={{ title: t.groupsEmpty, text: t.groupsEmptyText, action: <Button onClick={create}>{t.createGroup}</Button> }}
      create={{ text: t.createGroup, onClick: create }}
      remove={{
        nameOf: ({ GroupName }) => GroupName!,
        actionsOf: ({ GroupName }) => deletionOf(GroupName!),
        send: (command) => iam().send(command),
      }}
    />
  );
}

export function CreateGroup() {
  const t = useText(messages);
  const s = useText(shared);
  return (
    <ActionForm
      title={t.createGroup}
      submit={t.createGroup}
      fields={[
        {
          name: 'name',
          kind: 'text',
          label: t.name,
          required: true,
          pattern: entityName,
          check: (value) => (entityName.test(value) ? undefined : t.nameFault),
        },
      ]}
      actionsOf={(values) => {
        const name = read.text(values, 'name') ?? '';
        return [
          {
            service: 'iam',
            operation: 'CreateGroup',
            command: new CreateGroupCommand({ GroupName: name }),
            terraform: [{ type: 'aws_iam_group', name, body: { name } }],
          },
        ];
      }}
      send={(command) => iam().send(command)}
      onCancel={() => goTo(hrefOf(['iam', 'groups']))}
      onDone={(_outputs, values) => {
        const name = read.text(values, 'name')!;
        notify({ type: 'success', content: fill(s.created, { name }) });
        goTo(hrefOf(['iam', 'groups', name]));
      }}
    />
  );
}

export function GroupPage({ params }: { params: Params }) {
  const name = params['name']!;
  const t = useText(messages);
  const a = useText(access);
  const answer = useAnswer(() => iam().send(new GetGroupCommand({ GroupName: name })), [name], 'iam');
  const group = answer.value?.Group;
  return (
    <DetailPage
      name={name}
      answer={answer}
      facts={[
        { label: t.arn, value: <Copyable text={group?.Arn ?? ''} /> },
        { label: t.id, value: group?.GroupId },
        { label: t.created, value: timeText(group?.CreateDate) },
      ]}
      tabs={[
        { id: 'permissions', label: t.permissions, content: <PermissionsTab owner={{ kind: 'group', name }} /> },
        { id: 'access', label: a.lastAccessed, content: group?.Arn ? <LastAccessed arn={group.Arn} /> : null },
        { id: 'members', label: t.members, content: <Members group={name} users={answer.value?.Users ?? []} reload={answer.reload} /> },
      ]}
    />
  );
}

function Members({ group, users, reload }: { group: string; users: readonly { UserName?: string | undefined }[]; reload(): void }) {
  const t = useText(messages);
  const s = useText(shared);
  const [adding, setAdding] = useState(false);
  const all = useAnswer(
    async () => (adding ? ((await iam().send(new ListUsersCommand({ MaxItems: 1_000 }))).Users ?? []) : undefined),
    [adding],
  );
  return (
    <>
      <Table
        items={users}
        empty={<Box color="text-body-secondary">{t.noMembers}</Box>}
        header={
          <Header variant="h2" actions={<Button onClick={() => setAdding(true)}>{t.addMember}</Button>}>
            {t.members}
          </Header>
        }
        columnDefinitions={[
          {
            id: 'name',
            header: t.user,
            cell: ({ UserName }) => (
              <Link href={hrefOf(['iam', 'users', UserName!])} onFollow={follow}>
                {UserName}
              </Link>
            ),
          },
          {
            id: 'remove',
            header: s.actions,
            cell: ({ UserName }) => (
              <ActionButton
                variant="inline-link"
                text={t.removeFromGroup}
                ariaLabel={`${t.removeFromGroup}: ${UserName}`}
                actionsOf={() => [removal(group, UserName)]}
                send={(command) => iam().send(command)}
                onDone={reload}
              />
            ),
          },
        ]}
      />
      {adding && all.value && (
        <ActionForm
          modal
          title={t.addMember}
          submit={t.addMember}
          fields={[
            {
              name: 'user',
              kind: 'select',
              label: t.user,
              required: true,
              options: all.value.map(({ UserName }) => ({ value: UserName! })),
            },
          ]}
          actionsOf={(values) => [
            {
              service: 'iam',
              operation: 'AddUserToGroup',
              command: new AddUserToGroupCommand({ GroupName: group, UserName: read.text(values, 'user') }),
            },
          ]}
          send={(command) => iam().send(command)}
          onCancel={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            reload();
          }}
        />
      )}
    </>
  );
}
