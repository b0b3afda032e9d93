/** Managed policies: the list, the page that makes one, and one with its versions and holders. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  ListEntitiesForPolicyCommand,
  ListPolicyVersionsCommand,
  SetDefaultPolicyVersionCommand,
  type Policy,
} from '@aws-sdk/client-iam';
import { useState } from 'react';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionButton } from '../resource/action-button.tsx';
import { ActionForm } from '../resource/action-form.tsx';
import { Copyable, DetailPage, JsonView } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { documentOf, iam, nameOfArn, policyExample } from './client.ts';
import { messages } from './messages.ts';
import { allPolicies } from './owner.ts';

const isAws = (arn: string): boolean => arn.startsWith('arn:aws:iam::aws:');

const versionDeletion = (PolicyArn: string, VersionId: string | undefined): Action => ({
  ...{ service: 'iam', operation: 'DeletePolicyVersion' },
  command: new DeletePolicyVersionCommand({ PolicyArn, VersionId }),
});

/** IAM deletes only a policy that has no version beside the default. */
async function deletionOf(PolicyArn: string): Promise<Action[]> {
  const { Versions = [] } = await iam().send(new ListPolicyVersionsCommand({ PolicyArn }));
  return [
    ...Versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion).map(({ VersionId }) => versionDeletion(PolicyArn, VersionId)),
    { service: 'iam', operation: 'DeletePolicy', command: new DeletePolicyCommand({ PolicyArn }) },
  ];
}

export function Policies() {
  const t = useText(messages);
  const create = (): void => goTo(hrefOf(['iam', 'policies', 'create']));
  return (
    <ResourceTable<Policy>
      id="iam-policies"
      title={t.policies}
      live="iam"
      load={async () => ({ items: await allPolicies() })}
      keyOf={({ Arn }) => Arn!}
      columns={[
        {
          id: 'name',
          header: t.name,
          cell: ({ Arn, PolicyName }) => (
            <Link href={hrefOf(['iam', 'policies', Arn!])} onFollow={follow}>
              {PolicyName}
            </Link>
          ),
          text: ({ PolicyName }) => PolicyName!,
          width: 380,
        },
        { id: 'scope', header: t.scope, cell: ({ Arn }) => (isAws(Arn!) ? t.aws : t.local) },
        {
          id: 'attachments',
          header: t.attachments,
          cell: ({ AttachmentCount }) => AttachmentCount ?? 0,
          text: ({ AttachmentCount }) => AttachmentCount ?? 0,
        },
        { id: 'arn', header: t.arn, cell: ({ Arn }) => Arn!, hidden: true },
        {
          id: 'created',
          header: t.created,
          cell: ({ CreateDate }) => timeText(CreateDate),
          text: ({ CreateDate }) => CreateDate?.getTime() ?? 0,
        },
      ]}
      empty={{ title: t.policiesEmpty, text: t.policiesEmptyText, action: <Button onClick={create}>{t.createPolicy}</Button> }}
      create={{ text: t.createPolicy, onClick: create }}
      remove={{
        nameOf: ({ PolicyName }) => PolicyName!,
        actionsOf: ({ Arn }) => deletionOf(Arn!),
        send: (command) => iam().send(command),
      }}
    />
  );
}

export function CreatePolicy() {
  const t = useText(messages);
  const s = useText(shared);
  return (
    <ActionForm
      title={t.createPolicy}
      submit={t.createPolicy}
      fields={[
        { name: 'name', kind: 'text', label: t.name, required: true, pattern: /^[\w+=,.@-]{1,128}$/, section: t.generalSection },
        { name: 'description', kind: 'text', label: t.description },
        {
          name: 'document',
          kind: 'policy',
          label: t.document,
          required: true,
          rows: 18,
          initial: JSON.stringify(policyExample, null, 2),
          section: t.document,
        },
        { name: 'tags', kind: 'tags', label: t.tags, section: t.tags },
      ]}
      actionsOf={(values) => {
        const name = read.text(values, 'name') ?? '';
        const [Description, Tags] = [read.text(values, 'description'), read.tags(values)];
        const document = JSON.parse(read.text(values, 'document') ?? '') as unknown;
        return [
          {
            service: 'iam',
            operation: 'CreatePolicy',
            command: new CreatePolicyCommand({
              PolicyName: name,
              PolicyDocument: JSON.stringify(document),
              ...(Description && { Description }),
              ...(Tags && { Tags }),
            }),
            terraform: [{ type: 'aws_iam_policy', name, body: { name, description: Description, policy: { json: document } } }],
          },
        ];
      }}
      send={(command) => iam().send(command)}
      onCancel={() => goTo(hrefOf(['iam', 'policies']))}
      onDone={([output], values) => {
        notify({ type: 'success', content: fill(s.created, { name: read.text(values, 'name')! }) });
        goTo(hrefOf(['iam', 'policies', (output as { Policy: Policy }).Policy.Arn!]));
      }}
    />
  );
}

async function loadPolicy(PolicyArn: string) {
  const { Policy: policy } = await iam().send(new GetPolicyCommand({ PolicyArn }));
  const { PolicyVersion } = await iam().send(new GetPolicyVersionCommand({ PolicyArn, VersionId: policy!.DefaultVersionId }));
  return { policy: policy!, document: documentOf(PolicyVersion?.Document) };
}

export function PolicyPage({ params }: { params: Params }) {
  const arn = params['arn']!;
  const t = useText(messages);
  const s = useText(shared);
  const answer = useAnswer(() => loadPolicy(arn), [arn], 'iam');
  const [editing, setEditing] = useState(false);
  const { policy, document } = answer.value ?? {};
  return (
    <>
      <DetailPage
        name={policy?.PolicyName ?? nameOfArn(arn)}
        answer={answer}
        actions={
          isAws(arn) ? undefined : (
            <Button disabled={document === undefined} onClick={() => setEditing(true)}>
              {t.editPolicy}
            </Button>
          )
        }
        facts={[
          { label: t.arn, value: <Copyable text={arn} /> },
          { label: t.scope, value: isAws(arn) ? t.aws : t.local },
          { label: t.attachments, value: policy?.AttachmentCount ?? 0 },
          { label: t.description, value: policy?.Description ?? '–' },
          { label: t.created, value: timeText(policy?.CreateDate) },
          { label: t.version, value: policy?.DefaultVersionId },
        ]}
        tabs={[
          {
            id: 'document',
            label: t.document,
            content: (
              <Container header={<Header variant="h2">{t.document}</Header>}>
                <JsonView value={document} />
              </Container>
            ),
          },
          { id: 'versions', label: t.versions, content: <Versions arn={arn} reload={answer.reload} /> },
          { id: 'entities', label: t.entities, content: <Entities arn={arn} /> },
        ]}
      />
      {editing && (
        <ActionForm
          modal
          title={t.editPolicy}
          submit={s.save}
          fields={[
            { name: 'document', kind: 'policy', label: t.document, required: true, rows: 18, initial: JSON.stringify(document, null, 2) },
          ]}
          actionsOf={(values) => [
            {
              service: 'iam',
              operation: 'CreatePolicyVersion',
              command: new CreatePolicyVersionCommand({
                PolicyArn: arn,
                PolicyDocument: JSON.stringify(JSON.parse(read.text(values, 'document') ?? '')),
                SetAsDefault: true,
              }),
            },
          ]}
          send={(command) => iam().send(command)}
          onCancel={() => setEditing(false)}
          onDone={() => {
            setEditing(false);
            notify({ type: 'success', content: s.saved });
            answer.reload();
          }}
        />
      )}
    </>
  );
}

function Versions({ arn, reload }: { arn: string; reload(): void }) {
  const t = useText(messages);
  const s = useText(shared);
  const versions = useAnswer(
    async () => (await iam().send(new ListPolicyVersionsCommand({ PolicyArn: arn }))).Versions ?? [],
    [arn],
    'iam',
  );
  const done = (): void => {
    versions.reload();
    reload();
  };
  return (
    <Table
      items={versions.value ?? []}
      loading={versions.loading && !versions.value}
      header={<Header variant="h2">{t.versions}</Header>}
      empty={versions.error !== undefined && <FailureAlert error={versions.error} />}
      columnDefinitions={[
        { id: 'id', header: t.version, cell: ({ VersionId }) => VersionId },
        { id: 'created', header: t.created, cell: ({ CreateDate }) => timeText(CreateDate) },
        { id: 'default', header: t.isDefault, cell: ({ IsDefaultVersion }) => (IsDefaultVersion ? s.yes : s.no) },
        {
          id: 'actions',
          header: s.actions,
          cell: ({ IsDefaultVersion, VersionId }) =>
            IsDefaultVersion || isAws(arn) ? null : (
              <SpaceBetween direction="horizontal" size="s">
                <ActionButton
                  variant="inline-link"
                  text={t.makeDefault}
                  ariaLabel={`${t.makeDefault}: ${VersionId}`}
                  actionsOf={() => [
                    {
                      ...{ service: 'iam', operation: 'SetDefaultPolicyVersion' },
                      command: new SetDefaultPolicyVersionCommand({ PolicyArn: arn, VersionId }),
                    },
                  ]}
                  send={(command) => iam().send(command)}
                  onDone={done}
                />
                <ActionButton
                  variant="inline-link"
                  text={s.delete}
                  ariaLabel={`${s.delete}: ${VersionId}`}
                  actionsOf={() => [versionDeletion(arn, VersionId)]}
                  send={(command) => iam().send(command)}
                  onDone={done}
                />
              </SpaceBetween>
            ),
        },
      ]}
    />
  );
}

function Entities({ arn }: { arn: string }) {
  const t = useText(messages);
  const { value, error } = useAnswer(() => iam().send(new ListEntitiesForPolicyCommand({ PolicyArn: arn })), [arn], 'iam');
  const rows = [
    ...(value?.PolicyUsers ?? []).map(({ UserName }) => ({ kind: t.users, name: UserName!, to: ['iam', 'users', UserName!] })),
    ...(value?.PolicyGroups ?? []).map(({ GroupName }) => ({ kind: t.groups, name: GroupName!, to: ['iam', 'groups', GroupName!] })),
    ...(value?.PolicyRoles ?? []).map(({ RoleName }) => ({ kind: t.roles, name: RoleName!, to: ['iam', 'roles', RoleName!] })),
  ];
  return (
    <Table
      items={rows}
      header={<Header variant="h2">{t.entities}</Header>}
      empty={error === undefined ? <Box color="text-body-secondary">{t.noEntities}</Box> : <FailureAlert error={error} />}
      columnDefinitions={[
        {
          id: 'name',
          header: t.name,
          cell: ({ name, to }) => (
            <Link href={hrefOf(to)} onFollow={follow}>
              {name}
            </Link>
          ),
        },
        { id: 'kind', header: t.kind, cell: ({ kind }) => kind },
      ]}
    />
  );
}
