/** One key: its policy, aliases and rotation, and trying it. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import Textarea from '@cloudscape-design/components/textarea';
import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  ListAliasesCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-kms';
import { useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { base64 } from '../from-shell/cli.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { Copyable, DetailPage, JsonView } from '../resource/detail-page.tsx';
import { FailureAlert, tellFailure } from '../resource/failure.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { TagsTab } from '../resource/tags.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import type { Params } from '../shell/services.ts';
import { kms } from './client.ts';
import { aliasAction } from './keys.tsx';
import { messages } from './messages.ts';

/** Runs a call whose failure is told in the bar. */
function useAttempt(reload: () => void): (work: Promise<unknown>, done?: string) => void {
  const s = useText(shared);
  return (work, done) =>
    void work.then(
      () => {
        notify({ type: 'success', content: done ?? s.saved });
        reload();
      },
      (error: unknown) => tellFailure(error, s.failed),
    );
}

export function KeyPage({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const [deleting, setDeleting] = useState(false);
  const answer = useAnswer(async () => (await kms().send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata!, [id], 'kms');
  const attempt = useAttempt(answer.reload);
  const key = answer.value;
  const mine = key?.KeyManager === 'CUSTOMER';
  const pending = key?.KeyState === 'PendingDeletion';
  return (
    <>
      <DetailPage
        name={id}
        answer={answer}
        actions={
          mine && (
            <>
              {!pending && (
                <Button
                  onClick={() =>
                    attempt(kms().send(key.Enabled ? new DisableKeyCommand({ KeyId: id }) : (new EnableKeyCommand({ KeyId: id }) as never)))
                  }
                >
                  {key.Enabled ? t.disable : t.enable}
                </Button>
              )}
              {pending ? (
                <Button onClick={() => attempt(kms().send(new CancelKeyDeletionCommand({ KeyId: id })))}>{t.cancelDeletion}</Button>
              ) : (
                <Button onClick={() => setDeleting(true)}>{t.scheduleDeletion}</Button>
              )}
            </>
          )
        }
        facts={[
          { label: t.arn, value: <Copyable text={key?.Arn ?? ''} /> },
          { label: t.state, value: key?.KeyState },
          { label: t.usage, value: key?.KeyUsage },
          { label: t.spec, value: key?.KeySpec },
          { label: t.manager, value: key?.KeyManager },
          { label: t.created, value: timeText(key?.CreationDate) },
          { label: t.description, value: key?.Description || '–' },
          ...(pending ? [{ label: t.deletion, value: timeText(key?.DeletionDate) }] : []),
        ]}
        tabs={[
          { id: 'policy', label: t.policy, content: <Policy id={id} editable={mine} /> },
          { id: 'aliases', label: t.aliases, content: <Aliases id={id} /> },
          ...(key?.KeySpec === 'SYMMETRIC_DEFAULT'
            ? [
                { id: 'rotation', label: t.rotation, content: <Rotation id={id} editable={mine} /> },
                { id: 'try', label: t.cryptography, content: <Try id={id} /> },
              ]
            : []),
          ...(mine ? [{ id: 'tags', label: t.tags, content: <KeyTags id={id} /> }] : []),
        ]}
      />
      {deleting && (
        <ActionForm
          modal
          title={t.scheduleDeletion}
          description={t.deletionText}
          submit={t.scheduleDeletion}
          fields={[{ name: 'days', kind: 'number', label: t.days, initial: '30', min: 7, max: 30, required: true }]}
          actionsOf={(values) => [
            {
              service: 'kms',
              operation: 'ScheduleKeyDeletion',
              command: new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: read.number(values, 'days') ?? 30 }),
            },
          ]}
          send={(command) => kms().send(command)}
          onCancel={() => setDeleting(false)}
          onDone={() => {
            setDeleting(false);
            answer.reload();
          }}
        />
      )}
    </>
  );
}

function Policy({ id, editable }: { id: string; editable: boolean }) {
  const t = useText(messages);
  const s = useText(shared);
  const [editing, setEditing] = useState(false);
  const answer = useAnswer(async () => (await kms().send(new GetKeyPolicyCommand({ KeyId: id }))).Policy ?? '{}', [id], 'kms');
  if (answer.error !== undefined) return <FailureAlert error={answer.error} />;
  const document = answer.value === undefined ? {} : (JSON.parse(answer.value) as unknown);
  return (
    <Container
      header={
        <Header variant="h2" actions={editable && <Button onClick={() => setEditing(true)}>{s.edit}</Button>}>
          {t.policy}
        </Header>
      }
    >
      <JsonView value={document} />
      {editing && (
        <ActionForm
          modal
          title={t.editPolicy}
          submit={s.save}
          fields={[{ name: 'policy', kind: 'json', label: t.policy, required: true, rows: 18, initial: JSON.stringify(document, null, 2) }]}
          actionsOf={(values) => [
            {
              service: 'kms',
              operation: 'PutKeyPolicy',
              command: new PutKeyPolicyCommand({ KeyId: id, Policy: JSON.stringify(JSON.parse(read.text(values, 'policy') ?? '')) }),
            },
          ]}
          send={(command) => kms().send(command)}
          onCancel={() => setEditing(false)}
          onDone={() => {
            setEditing(false);
            answer.reload();
          }}
        />
      )}
    </Container>
  );
}

function Aliases({ id }: { id: string }) {
  const t = useText(messages);
  const s = useText(shared);
  const [adding, setAdding] = useState(false);
  const answer = useAnswer(async () => (await kms().send(new ListAliasesCommand({ KeyId: id }))).Aliases ?? [], [id], 'kms');
  const attempt = useAttempt(answer.reload);
  return (
    <>
      <Table
        items={answer.value ?? []}
        header={
          <Header variant="h2" actions={<Button onClick={() => setAdding(true)}>{t.addAlias}</Button>}>
            {t.aliases}
          </Header>
        }
        empty={answer.error === undefined ? <Box color="text-body-secondary">{t.noAliases}</Box> : <FailureAlert error={answer.error} />}
        columnDefinitions={[
          { id: 'name', header: t.alias, cell: ({ AliasName }) => AliasName },
          {
            id: 'remove',
            header: s.actions,
            cell: ({ AliasName }) =>
              AliasName?.startsWith('alias/aws/') ? null : (
                <Button variant="inline-link" onClick={() => attempt(kms().send(new DeleteAliasCommand({ AliasName })))}>
                  {t.remove}
                </Button>
              ),
          },
        ]}
      />
      {adding && (
        <ActionForm
          modal
          title={t.addAlias}
          submit={t.addAlias}
          fields={[
            { name: 'alias', kind: 'text', label: t.alias, description: t.aliasHint, required: true, pattern: /^(?!aws\/)[\w/-]{1,250}$/ },
          ]}
          actionsOf={(values) => [aliasAction(id, read.text(values, 'alias') ?? '')]}
          send={(command) => kms().send(command)}
          onCancel={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            answer.reload();
          }}
        />
      )}
    </>
  );
}

function Rotation({ id, editable }: { id: string; editable: boolean }) {
  const t = useText(messages);
  const answer = useAnswer(() => kms().send(new GetKeyRotationStatusCommand({ KeyId: id })), [id], 'kms');
  const attempt = useAttempt(answer.reload);
  if (answer.error !== undefined) return <FailureAlert error={answer.error} />;
  const on = answer.value?.KeyRotationEnabled ?? false;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            editable && (
              <div className="actions">
                <Button onClick={() => attempt(kms().send(new RotateKeyOnDemandCommand({ KeyId: id })), t.rotated)}>{t.rotateNow}</Button>
                <Button
                  onClick={() =>
                    attempt(
                      on
                        ? kms().send(new DisableKeyRotationCommand({ KeyId: id }))
                        : kms().send(new EnableKeyRotationCommand({ KeyId: id })),
                    )
                  }
                >
                  {on ? t.turnOff : t.turnOn}
                </Button>
              </div>
            )
          }
        >
          {t.rotation}
        </Header>
      }
    >
      {on ? fill(t.rotationOn, { days: answer.value?.RotationPeriodInDays ?? 365 }) : t.rotationOff}
    </Container>
  );
}

function Try({ id }: { id: string }) {
  const t = useText(messages);
  const [plain, setPlain] = useState('');
  const [cipher, setCipher] = useState('');
  const [problem, setProblem] = useState<unknown>();
  const attempt = (work: Promise<void>): void => void work.then(() => setProblem(undefined), setProblem);
  const encrypt = async (): Promise<void> => {
    const { CiphertextBlob } = await kms().send(new EncryptCommand({ KeyId: id, Plaintext: new TextEncoder().encode(plain) }));
    setCipher(base64(CiphertextBlob!));
  };
  const decrypt = async (): Promise<void> => {
    const CiphertextBlob = Uint8Array.from(atob(cipher.trim()), (letter) => letter.charCodeAt(0));
    const { Plaintext } = await kms().send(new DecryptCommand({ KeyId: id, CiphertextBlob }));
    setPlain(new TextDecoder().decode(Plaintext));
  };
  return (
    <Container header={<Header variant="h2">{t.cryptography}</Header>}>
      <SpaceBetween size="m">
        <FormField label={t.plaintext} stretch>
          <Textarea value={plain} rows={3} onChange={({ detail }) => setPlain(detail.value)} />
        </FormField>
        <FormField label={t.ciphertext} stretch>
          <Textarea value={cipher} rows={4} spellcheck={false} onChange={({ detail }) => setCipher(detail.value)} />
        </FormField>
        <div className="actions">
          <Button disabled={plain === ''} onClick={() => attempt(encrypt())}>
            {t.encryptNow}
          </Button>
          <Button disabled={cipher === ''} onClick={() => attempt(decrypt())}>
            {t.decryptNow}
          </Button>
        </div>
        {problem !== undefined && <FailureAlert error={problem} />}
      </SpaceBetween>
    </Container>
  );
}

function KeyTags({ id }: { id: string }) {
  return (
    <TagsTab
      live="kms"
      load={async () =>
        ((await kms().send(new ListResourceTagsCommand({ KeyId: id }))).Tags ?? []).map(({ TagKey, TagValue }) => ({
          Key: TagKey!,
          Value: TagValue!,
        }))
      }
      save={async (set, removed) => {
        if (removed.length > 0) await kms().send(new UntagResourceCommand({ KeyId: id, TagKeys: [...removed] }));
        if (set.length > 0)
          await kms().send(new TagResourceCommand({ KeyId: id, Tags: set.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value })) }));
      }}
    />
  );
}
