/** All users, and the page that makes one. */

import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import {
  CreateLoginProfileCommand,
  CreateUserCommand,
  DeactivateMFADeviceCommand,
  DeleteAccessKeyCommand,
  DeleteLoginProfileCommand,
  DeleteUserCommand,
  ListAccessKeysCommand,
  ListGroupsForUserCommand,
  ListMFADevicesCommand,
  ListUsersCommand,
  RemoveUserFromGroupCommand,
  type User,
} from '@aws-sdk/client-iam';
import { fill, useText } from '../language/catalogue.ts';
import type { Action } from '../from-shell/action.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read, type Values } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { tagMap } from '../resource/tag-map.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { identity } from '../session/session.ts';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import { action, iam, policyExample } from './client.ts';
import { messages } from './messages.ts';
import { allPolicies, attachAction, detachAction, hasLoginProfile, heldBy, putInlineAction } from './owner.ts';

export const entityName = /^[\w+=,.@-]{1,64}$/;

/** IAM deletes only a user that has nothing left: what it has goes first. */
async function deletionOf(UserName: string): Promise<Action[]> {
  const client = iam();
  const owner = { kind: 'user', name: UserName } as const;
  const [held, hasPassword, keys, groups, devices] = await Promise.all([
    heldBy(owner),
    hasLoginProfile(UserName),
    client.send(new ListAccessKeysCommand({ UserName })),
    client.send(new ListGroupsForUserCommand({ UserName })),
    client.send(new ListMFADevicesCommand({ UserName })),
  ]);
  return [
    ...held.map((one) => detachAction(owner, one)),
    ...(keys.AccessKeyMetadata ?? []).map(({ AccessKeyId }) =>
      action('DeleteAccessKey', new DeleteAccessKeyCommand({ UserName, AccessKeyId })),
    ),
    ...(groups.Groups ?? []).map(({ GroupName }) => action('RemoveUserFromGroup', new RemoveUserFromGroupCommand({ UserName, GroupName }))),
    ...(devices.MFADevices ?? []).map(({ SerialNumber }) =>
      action('DeactivateMFADevice', new DeactivateMFADeviceCommand({ UserName, SerialNumber })),
    ),
    ...(hasPassword ? [action('DeleteLoginProfile', new DeleteLoginProfileCommand({ UserName }))] : []),
    action('DeleteUser', new DeleteUserCommand({ UserName })),
  ];
}

export function Users() {
  const t = useText(messages);
  const create = (): void => goTo(hrefOf(['iam', 'users', 'create']));
  return (
    <ResourceTable<User>
      id="iam-users"
      title={t.users}
      description={fill(t.signInLink, { account: identity().account })}
      live="iam"
      load={async (after) => {
        const page = await iam().send(new ListUsersCommand({ MaxItems: 200, ...(after && { Marker: after }) }));
        return { items: page.Users ?? [], next: page.IsTruncated ? page.Marker : undefined };
      }}
      keyOf={({ UserName }) => UserName!}
      columns={[
        {
          id: 'name',
          header: t.name,
          cell: ({ UserName }) => (
            <Link href={hrefOf(['iam', 'users', UserName!])} onFollow={follow}>
              {UserName}
            </Link>
          ),
          text: ({ UserName }) => UserName!,
        },
        { id: 'path', header: t.path, cell: ({ Path }) => Path! },
        { id: 'id', header: t.id, cell: ({ UserId }) => UserId!, hidden: true },
        {
          id: 'created',
          header: t.created,
          cell: ({ CreateDate }) => timeText(CreateDate),
          text: ({ CreateDate }) => CreateDate?.getTime() ?? 0,
        },
        {
          id: 'passwordUsed',
          header: t.passwordUsed,
          cell: ({ PasswordLastUsed }) => timeText(PasswordLastUsed),
          text: ({ PasswordLastUsed }) => PasswordLastUsed?.getTime() ?? 0,
        },
      ]}
      empty={{ title: t.usersEmpty, text: t.usersEmptyText, action: <Button onClick={create}>{t.createUser}</Button> }}
      create={{ text: t.createUser, onClick: create }}
      remove={{
        nameOf: ({ UserName }) => UserName!,
        actionsOf: ({ UserName }) => deletionOf(UserName!),
        send: (command) => iam().send(command),
        warning: t.deleteUserWarning,
      }}
    />
  );
}

function createActions(values: Values): Action[] {
  const name = read.text(values, 'name') ?? '';
  const owner = { kind: 'user', name } as const;
  const [Tags, password, inline] = [read.tags(values), read.text(values, 'password'), read.text(values, 'inlineName')];
  const mustChange = read.flag(values, 'mustChange');
  const actions: Action[] = [
    {
      service: 'iam',
      operation: 'CreateUser',
      command: new CreateUserCommand({ UserName: name, ...(Tags && { Tags }) }),
      terraform: [{ type: 'aws_iam_user', name, body: { name, tags: Tags && tagMap(Tags) } }],
    },
  ];
  if (read.flag(values, 'console'))
    actions.push({
      service: 'iam',
      operation: 'CreateLoginProfile',
      command: new CreateLoginProfileCommand({ UserName: name, Password: password ?? '', PasswordResetRequired: mustChange }),
    });
  const attached = new Set(read.list(values, 'policies'));
  if (read.flag(values, 'console') && mustChange) attached.add('arn:aws:iam::aws:policy/IAMUserChangePassword');
  for (const arn of attached) actions.push(attachAction(owner, arn));
  if (inline) actions.push(putInlineAction(owner, inline, JSON.parse(read.text(values, 'document') ?? '')));
  return actions;
}

export function CreateUser() {
  const t = useText(messages);
  const s = useText(shared);
  const policies = useAnswer(allPolicies, []);
  const withConsole = (values: Values): boolean => values['console'] === true;
  return (
    <ActionForm
      title={t.createUser}
      submit={t.createUser}
      fields={[
        {
          name: 'name',
          kind: 'text',
          label: t.name,
          required: true,
          pattern: entityName,
          check: (value) => (entityName.test(value) ? undefined : t.nameFault),
          section: t.generalSection,
        },
        { name: 'console', kind: 'toggle', label: t.consoleAccess, description: t.consoleAccessText },
        { name: 'password', kind: 'password', label: t.password, description: t.passwordHint, required: true, visible: withConsole },
        { name: 'mustChange', kind: 'toggle', label: t.mustChange, description: t.mustChangeHint, initial: true, visible: withConsole },
        {
          name: 'policies',
          kind: 'multiselect',
          label: t.attachChosen,
          section: t.permissionsSection,
          options: (policies.value ?? []).map(({ Arn, PolicyName }) => ({
            value: Arn!,
            label: PolicyName!,
            description: Arn!.startsWith('arn:aws:iam::aws:') ? t.aws : t.local,
          })),
        },
        { name: 'inlineName', kind: 'text', label: t.inlineName, pattern: /^[\w+=,.@-]{1,128}$/ },
        {
          name: 'document',
          kind: 'policy',
          label: t.document,
          required: true,
          initial: JSON.stringify(policyExample, null, 2),
          visible: (values) => values['inlineName'] !== '',
        },
        { name: 'tags', kind: 'tags', label: t.tags, section: t.tags },
      ]}
      actionsOf={createActions}
      send={(command) => iam().send(command)}
      onCancel={() => goTo(hrefOf(['iam', 'users']))}
      onDone={(_outputs, values) => {
        const name = read.text(values, 'name')!;
        notify({ type: 'success', content: fill(s.created, { name }) });
        goTo(hrefOf(['iam', 'users', name]));
      }}
    />
  );
}
