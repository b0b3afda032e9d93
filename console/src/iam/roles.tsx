/** Roles: the list, the page that makes one, and one with its trust. */

import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  GetRoleCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  type Role,
} from '@aws-sdk/client-iam';
import { useState } from 'react';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { Copyable, DetailPage, JsonView } from '../resource/detail-page.tsx';
import { read, type Values } from '../resource/fields.ts';
import { secondsText, timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { tagActions } from '../resource/tag-actions.ts';
import { TagsTab } from '../resource/tags.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { identity } from '../session/session.ts';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { documentOf, iam } from './client.ts';
import { LastAccessed } from './last-accessed.tsx';
import { messages as access } from './messages-access.ts';
import { messages } from './messages.ts';
import { allPolicies, attachAction, detachAction, heldBy } from './owner.ts';
import { PermissionsTab } from './permissions-tab.tsx';
import { entityName } from './users.tsx';

/** IAM deletes only a role that has nothing left, and that no instance profile has. */
async function deletionOf(RoleName: string): Promise<Action[]> {
  const owner = { kind: 'role', name: RoleName } as const;
  const [held, { InstanceProfiles = [] }] = await Promise.all([
    heldBy(owner),
    iam().send(new ListInstanceProfilesForRoleCommand({ RoleName })),
  ]);
  return [
    ...held.map((one) => detachAction(owner, one)),
    ...InstanceProfiles.map(({ InstanceProfileName }): Action => ({
      ...{ service: 'iam', operation: 'RemoveRoleFromInstanceProfile' },
      command: new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }),
    })),
    { service: 'iam', operation: 'DeleteRole', command: new DeleteRoleCommand({ RoleName }) },
  ];
}

export function Roles() {
  const t = useText(messages);
  const create = (): void => goTo(hrefOf(['iam', 'roles', 'create']));
  return (
    <ResourceTable<Role>
      id="iam-roles"
      title={t.roles}
      live="iam"
      load={async (after) => {
        const page = await iam().send(new ListRolesCommand({ MaxItems: 200, ...(after && { Marker: after }) }));
        return { items: page.Roles ?? [], next: page.IsTruncated ? page.Marker : undefined };
      }}
      keyOf={({ RoleName }) => RoleName!}
      columns={[
        {
          id: 'name',
          header: t.name,
          cell: ({ RoleName }) => (
            <Link href={hrefOf(['iam', 'roles', RoleName!])} onFollow={follow}>
              {RoleName}
            </Link>
          ),
          text: ({ RoleName }) => RoleName!,
        },
        { id: 'description', header: t.description, cell: ({ Description }) => Description ?? '–' },
        { id: 'path', header: t.path, cell: ({ Path }) => Path!, hidden: true },
        {
          id: 'created',
          header: t.created,
          cell: ({ CreateDate }) => timeText(CreateDate),
          text: ({ CreateDate }) => CreateDate?.getTime() ?? 0,
        },
      ]}
      empty={{ title: t.rolesEmpty, text: t.rolesEmptyText, action: <Button onClick={create}>{t.createRole}</Button> }}
      create={{ text: t.createRole, onClick: create }}
      remove={{
        nameOf: ({ RoleName }) => RoleName!,
        actionsOf: ({ RoleName }) => deletionOf(RoleName!),
        send: (command) => iam().send(command),
        warning: t.deleteRoleWarning,
      }}
    />
  );
}

function trustOf(values: Values): unknown {
  if (values['trust'] === 'custom') return JSON.parse(read.text(values, 'document') ?? '');
  const Principal =
    values['trust'] === 'service'
      ? { Service: read.text(values, 'service') }
      : { AWS: `arn:aws:iam::${read.text(values, 'account') ?? ''}:root` };
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }] };
}

const trustedServices = ['ec2', 'lambda', 'ecs-tasks', 'events', 'states', 'apigateway', 'scheduler'].map((name) => ({
  value: `${name}.amazonaws.com`,
}));

export function CreateRole() {
  const t = useText(messages);
  const s = useText(shared);
  const policies = useAnswer(allPolicies, []);
  return (
    <ActionForm
      title={t.createRole}
      submit={t.createRole}
      fields={[
        {
          name: 'trust',
          kind: 'tiles',
          label: t.trusted,
          required: true,
          section: t.trust,
          options: [
            { value: 'account', label: t.trustAccount },
            { value: 'service', label: t.trustService },
            { value: 'custom', label: t.trustCustom },
          ],
        },
        {
          name: 'account',
          kind: 'text',
          label: t.accountId,
          required: true,
          initial: identity().account,
          pattern: /^\d{12}$/,
          visible: ({ trust }) => trust === 'account',
        },
        {
          name: 'service',
          kind: 'select',
          label: t.service,
          required: true,
          options: trustedServices,
          visible: ({ trust }) => trust === 'service',
        },
        {
          name: 'document',
          kind: 'json',
          label: t.trustPolicy,
          required: true,
          initial: JSON.stringify(
            { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }] },
            null,
            2,
          ),
          visible: ({ trust }) => trust === 'custom',
        },
        {
          name: 'name',
          kind: 'text',
          label: t.name,
          required: true,
          pattern: entityName,
          check: (value) => (entityName.test(value) ? undefined : t.nameFault),
          section: t.generalSection,
        },
        { name: 'description', kind: 'text', label: t.description },
        { name: 'maxSession', kind: 'number', label: t.maxSession, initial: '3600', min: 3_600, max: 43_200, required: true },
        {
          name: 'policies',
          kind: 'multiselect',
          label: t.attachChosen,
          section: t.permissionsSection,
          options: (policies.value ?? []).map(({ Arn, PolicyName }) => ({ value: Arn!, label: PolicyName! })),
        },
        { name: 'tags', kind: 'tags', label: t.tags, section: t.tags },
      ]}
      actionsOf={(values) => {
        const name = read.text(values, 'name') ?? '';
        const [Description, Tags] = [read.text(values, 'description'), read.tags(values)];
        const trust = trustOf(values);
        return [
          {
            service: 'iam',
            operation: 'CreateRole',
            command: new CreateRoleCommand({
              RoleName: name,
              AssumeRolePolicyDocument: JSON.stringify(trust),
              MaxSessionDuration: read.number(values, 'maxSession') ?? 3_600,
              ...(Description && { Description }),
              ...(Tags && { Tags }),
            }),
            terraform: [
              {
                type: 'aws_iam_role',
                name,
                body: {
                  name,
                  description: Description,
                  max_session_duration: read.number(values, 'maxSession'),
                  assume_role_policy: { json: trust },
                },
              },
            ],
          },
          ...read.list(values, 'policies').map((arn) => attachAction({ kind: 'role', name }, arn)),
        ];
      }}
      send={(command) => iam().send(command)}
      onCancel={() => goTo(hrefOf(['iam', 'roles']))}
      onDone={(_outputs, values) => {
        const name = read.text(values, 'name')!;
        notify({ type: 'success', content: fill(s.created, { name }) });
        goTo(hrefOf(['iam', 'roles', name]));
      }}
    />
  );
}

export function RolePage({ params }: { params: Params }) {
  const name = params['name']!;
  const t = useText(messages);
  const a = useText(access);
  const answer = useAnswer(async () => (await iam().send(new GetRoleCommand({ RoleName: name }))).Role!, [name], 'iam');
  const role = answer.value;
  return (
    <DetailPage
      name={name}
      answer={answer}
      facts={[
        { label: t.arn, value: <Copyable text={role?.Arn ?? ''} /> },
        { label: t.id, value: role?.RoleId },
        { label: t.created, value: timeText(role?.CreateDate) },
        { label: t.maxSession, value: secondsText(role?.MaxSessionDuration) },
        { label: t.description, value: role?.Description ?? '–' },
        { label: t.lastUsed, value: timeText(role?.RoleLastUsed?.LastUsedDate) },
      ]}
      tabs={[
        { id: 'permissions', label: t.permissions, content: <PermissionsTab owner={{ kind: 'role', name }} /> },
        {
          id: 'trust',
          label: t.trust,
          content: <Trust role={name} document={documentOf(role?.AssumeRolePolicyDocument)} reload={answer.reload} />,
        },
        { id: 'access', label: a.lastAccessed, content: role?.Arn ? <LastAccessed arn={role.Arn} /> : null },
        {
          id: 'tags',
          label: t.tags,
          content: (
            <TagsTab
              live="iam"
              load={async () =>
                ((await iam().send(new ListRoleTagsCommand({ RoleName: name }))).Tags ?? []).map(({ Key, Value }) => ({
                  Key: Key!,
                  Value: Value!,
                }))
              }
              actionsOf={({ set, removed }) =>
                tagActions('iam', {
                  set: set.length > 0 && ['TagRole', new TagRoleCommand({ RoleName: name, Tags: [...set] })],
                  removed: removed.length > 0 && ['UntagRole', new UntagRoleCommand({ RoleName: name, TagKeys: [...removed] })],
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

function Trust({ role, document, reload }: { role: string; document: unknown; reload(): void }) {
  const t = useText(messages);
  const s = useText(shared);
  const [editing, setEditing] = useState(false);
  return (
    <Container
      header={
        <Header variant="h2" description={t.trustHint} actions={<Button onClick={() => setEditing(true)}>{s.edit}</Button>}>
          {t.trustPolicy}
        </Header>
      }
    >
      <JsonView value={document} />
      {editing && (
        <ActionForm
          modal
          title={t.editTrust}
          submit={s.save}
          fields={[
            { name: 'document', kind: 'json', label: t.trustPolicy, required: true, rows: 16, initial: JSON.stringify(document, null, 2) },
          ]}
          actionsOf={(values) => [
            {
              service: 'iam',
              operation: 'UpdateAssumeRolePolicy',
              command: new UpdateAssumeRolePolicyCommand({
                RoleName: role,
                PolicyDocument: JSON.stringify(JSON.parse(read.text(values, 'document') ?? '')),
              }),
            },
          ]}
          send={(command) => iam().send(command)}
          onCancel={() => setEditing(false)}
          onDone={() => {
            setEditing(false);
            notify({ type: 'success', content: s.saved });
            reload();
          }}
        />
      )}
    </Container>
  );
}
