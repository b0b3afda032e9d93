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
import type { Action } from '../from-shell/action.ts';
import { base64 } from '../from-shell/cli.ts';
import { FromShell } from '../from-shell/panel.tsx';
import { asShown } from '../from-shell/sending.ts';
import { ActionButton } from '../resource/action-button.tsx';
import { ActionForm } from '../resource/action-form.tsx';
import { Copyable, DetailPage, JsonView } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { tagActions } from '../resource/tag-actions.ts';
import { TagsTab } from '../resource/tags.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import type { Params } from '../shell/services.ts';
import { kms } from './client.ts';
import { aliasAction } from './keys.tsx';
import { messages } from './messages.ts';

/** One call about a key. */
const action = (operation: string, command: Action['command']): Action => ({ service: 'kms', operation, command });
const send = (command: never): Promise<unknown> => kms().send(command);

export function KeyPage({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const [deleting, setDeleting] = useState(false);
  const answer = useAnswer(async () => (await kms().send(new DescribeKeyCommand({ KeyId: id }))).KeyMetadata!, [id], 'kms');
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
                <ActionButton
                  text={key.Enabled ? t.disable : t.enable}
                  actionsOf={() => [
                    key.Enabled
                      ? action('DisableKey', new DisableKeyCommand({ KeyId: id }))
                      : action('EnableKey', new EnableKeyCommand({ KeyId: id })),
                  ]}
                  send={send}
                  onDone={answer.reload}
                />
              )}
              {pending ? (
                <ActionButton
                  text={t.cancelDeletion}
                  actionsOf={() => [action('CancelKeyDeletion', new CancelKeyDeletionCommand({ KeyId: id }))]}
                  send={send}
                  onDone={answer.reload}
                />
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
          send={send}
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
          send={send}
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
                <ActionButton
                  variant="inline-link"
                  text={t.remove}
                  ariaLabel={`${t.remove} ${AliasName}`}
                  actionsOf={() => [action('DeleteAlias', new DeleteAliasCommand({ AliasName }))]}
                  send={send}
                  onDone={answer.reload}
                />
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
          send={send}
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
                <ActionButton
                  text={t.rotateNow}
                  said={t.rotated}
                  actionsOf={() => [action('RotateKeyOnDemand', new RotateKeyOnDemandCommand({ KeyId: id }))]}
                  send={send}
                  onDone={answer.reload}
                />
                <ActionButton
                  text={on ? t.turnOff : t.turnOn}
                  actionsOf={() => [
                    on
                      ? action('DisableKeyRotation', new DisableKeyRotationCommand({ KeyId: id }))
                      : action('EnableKeyRotation', new EnableKeyRotationCommand({ KeyId: id })),
                  ]}
                  send={send}
                  onDone={answer.reload}
                />
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
  const encryption = new EncryptCommand({ KeyId: id, Plaintext: new TextEncoder().encode(plain) });
  const encrypted = bytesOf(cipher);
  const decryption = new DecryptCommand({ KeyId: id, CiphertextBlob: encrypted });
  const encrypt = async (): Promise<void> => setCipher(base64((await kms().send(asShown(encryption))).CiphertextBlob!));
  const decrypt = async (): Promise<void> => setPlain(new TextDecoder().decode((await kms().send(asShown(decryption))).Plaintext));
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
          <Button disabled={cipher === '' || !encrypted} onClick={() => attempt(decrypt())}>
            {t.decryptNow}
          </Button>
        </div>
        {problem !== undefined && <FailureAlert error={problem} />}
        <FromShell
          actions={[
            ...(plain === '' ? [] : [action('Encrypt', encryption)]),
            ...(cipher === '' || !encrypted ? [] : [action('Decrypt', decryption)]),
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

/** Undefined for what is no base 64. */
function bytesOf(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  } catch {
    // Still being typed or pasted.
    return undefined;
  }
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
      actionsOf={({ set, removed }) =>
        tagActions('kms', {
          set: set.length > 0 && [
            'TagResource',
            new TagResourceCommand({ KeyId: id, Tags: set.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value })) }),
          ],
          removed: removed.length > 0 && ['UntagResource', new UntagResourceCommand({ KeyId: id, TagKeys: [...removed] })],
        })
      }
      send={send}
    />
  );
}
