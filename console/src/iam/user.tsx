/** One user: permissions, groups, credentials, tags. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import Table from '@cloudscape-design/components/table';
import {
  AddUserToGroupCommand,
  GetUserCommand,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  ListUserTagsCommand,
  RemoveUserFromGroupCommand,
  TagUserCommand,
  UntagUserCommand,
} from '@aws-sdk/client-iam';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { ActionButton } from '../resource/action-button.tsx';
import { ActionForm } from '../resource/action-form.tsx';
import { Copyable, DetailPage } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { tagActions } from '../resource/tag-actions.ts';
import { TagsTab } from '../resource/tags.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { follow, hrefOf } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { iam } from './client.ts';
import { Credentials } from './credentials.tsx';
import { LastAccessed } from './last-accessed.tsx';
import { messages as access } from './messages-access.ts';
import { messages } from './messages.ts';
import { PermissionsTab } from './permissions-tab.tsx';

export function UserPage({ params }: { params: Params }) {
  const name = params['name']!;
  const t = useText(messages);
  const a = useText(access);
  const answer = useAnswer(async () => (await iam().send(new GetUserCommand({ UserName: name }))).User!, [name], 'iam');
  const user = answer.value;
  return (
    <DetailPage
      name={name}
      answer={answer}
      facts={[
        { label: t.arn, value: <Copyable text={user?.Arn ?? ''} /> },
        { label: t.id, value: user?.UserId },
        { label: t.path, value: user?.Path },
        { label: t.created, value: timeText(user?.CreateDate) },
        { label: t.passwordUsed, value: timeText(user?.PasswordLastUsed) },
      ]}
      tabs={[
        { id: 'permissions', label: t.permissions, content: <PermissionsTab owner={{ kind: 'user', name }} /> },
        { id: 'groups', label: t.memberOf, content: <Groups user={name} /> },
        { id: 'credentials', label: t.credentials, content: <Credentials user={name} /> },
        { id: 'access', label: a.lastAccessed, content: user?.Arn ? <LastAccessed arn={user.Arn} /> : null },
        {
          id: 'tags',
          label: t.tags,
          content: (
            <TagsTab
              live="iam"
              load={async () =>
                ((await iam().send(new ListUserTagsCommand({ UserName: name }))).Tags ?? []).map(({ Key, Value }) => ({
                  Key: Key!,
                  Value: Value!,
                }))
              }
              actionsOf={({ set, removed }) =>
                tagActions('iam', {
                  set: set.length > 0 && ['TagUser', new TagUserCommand({ UserName: name, Tags: [...set] })],
                  removed: removed.length > 0 && ['UntagUser', new UntagUserCommand({ UserName: name, TagKeys: [...removed] })],
                })
              }
              send={(command) => iam().send(command)}
            />
          ),
        },
      ]}
    />
  );
}

function Groups({ user }: { user: string }) {
  const t = useText(messages);
  const s = useText(shared);
  const mine = useAnswer(async () => (await iam().send(new ListGroupsForUserCommand({ UserName: user }))).Groups ?? [], [user], 'iam');
  const [adding, setAdding] = useState(false);
  const all = useAnswer(
    async () => (adding ? ((await iam().send(new ListGroupsCommand({ MaxItems: 1_000 }))).Groups ?? []) : undefined),
    [adding],
  );
  return (
    <>
      <Table
        items={mine.value ?? []}
        loading={mine.loading && !mine.value}
        empty={mine.error === undefined ? <Box color="text-body-secondary">{t.noGroups}</Box> : <FailureAlert error={mine.error} />}
        header={
          <Header variant="h2" actions={<Button onClick={() => setAdding(true)}>{t.addToGroup}</Button>}>
            {t.memberOf}
          </Header>
        }
        columnDefinitions={[
          {
            id: 'name',
            header: t.name,
            cell: ({ GroupName }) => (
              <Link href={hrefOf(['iam', 'groups', GroupName!])} onFollow={follow}>
                {GroupName}
              </Link>
            ),
          },
          {
            id: 'remove',
            header: s.actions,
            cell: ({ GroupName }) => (
              <ActionButton
                variant="inline-link"
                text={t.removeFromGroup}
                ariaLabel={`${t.removeFromGroup}: ${GroupName}`}
                actionsOf={() => [
                  {
                    ...{ service: 'iam', operation: 'RemoveUserFromGroup' },
                    command: new RemoveUserFromGroupCommand({ UserName: user, GroupName }),
                  },
                ]}
                send={(command) => iam().send(command)}
                onDone={mine.reload}
              />
            ),
          },
        ]}
      />
      {adding && all.value && (
        <ActionForm
          modal
          title={t.addToGroup}
          submit={t.addToGroup}
          fields={[
            {
              name: 'group',
              kind: 'select',
              label: t.group,
              required: true,
              options: all.value.map(({ GroupName }) => ({ value: GroupName! })),
            },
          ]}
          actionsOf={(values) => [
            {
              service: 'iam',
              operation: 'AddUserToGroup',
              command: new AddUserToGroupCommand({ UserName: user, GroupName: read.text(values, 'group') }),
              terraform: [
                { type: 'aws_iam_user_group_membership', name: user, body: { user, groups: [read.text(values, 'group') ?? ''] } },
              ],
            },
          ]}
          send={(command) => iam().send(command)}
          onCancel={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            mine.reload();
          }}
        />
      )}
    </>
  );
}
