/** The policies of a user, group or role: attached and inline, and how more come to it. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { ActionButton } from '../resource/action-button.tsx';
import { ActionForm } from '../resource/action-form.tsx';
import { FailureAlert, tellFailure } from '../resource/failure.tsx';
import { read } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { Empty } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { follow, hrefOf } from '../shell/places.ts';
import { iam, policyExample } from './client.ts';
import { messages } from './messages.ts';
import { allPolicies, attachAction, detachAction, heldBy, inlineDocument, putInlineAction, type Held, type Owner } from './owner.ts';

export function PermissionsTab({ owner }: { owner: Owner }) {
  const t = useText(messages);
  const s = useText(shared);
  const held = useAnswer(() => heldBy(owner), [owner.kind, owner.name], 'iam');
  const [open, setOpen] = useState<'attach' | { inline: string | undefined; document: unknown }>();
  const policies = useAnswer(async () => (open === 'attach' ? allPolicies() : []), [open === 'attach']);
  const attempt = (work: Promise<unknown>): void => void work.then(held.reload, (error: unknown) => tellFailure(error, s.failed));
  const done = (): void => {
    setOpen(undefined);
    notify({ type: 'success', content: s.saved });
    held.reload();
  };
  const edit = (name: string): void => attempt(inlineDocument(owner, name).then((document) => setOpen({ inline: name, document })));
  return (
    <>
      {held.error !== undefined && <FailureAlert error={held.error} />}
      <Table<Held>
        items={held.value ?? []}
        loading={held.loading && !held.value}
        empty={<Empty title={t.noPermissions} text={t.noPermissionsText} />}
        header={
          <Header
            variant="h2"
            counter={held.value ? `(${held.value.length})` : ''}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button onClick={() => setOpen({ inline: undefined, document: policyExample })}>{t.addInline}</Button>
                <Button variant="primary" onClick={() => setOpen('attach')}>
                  {t.attach}
                </Button>
              </SpaceBetween>
            }
          >
            {t.permissions}
          </Header>
        }
        columnDefinitions={[
          {
            id: 'name',
            header: t.name,
            isRowHeader: true,
            cell: ({ kind, name, arn }) =>
              kind === 'attached' ? (
                <Link href={hrefOf(['iam', 'policies', arn!])} onFollow={follow}>
                  {name}
                </Link>
              ) : (
                <Button variant="inline-link" onClick={() => edit(name)}>
                  {name}
                </Button>
              ),
          },
          { id: 'kind', header: t.kind, cell: ({ kind }) => (kind === 'attached' ? t.attached : t.inline) },
          {
            id: 'remove',
            header: s.actions,
            cell: (one) => (
              <ActionButton
                variant="inline-link"
                text={t.detach}
                ariaLabel={`${t.detach} ${one.name}`}
                actionsOf={() => [detachAction(owner, one)]}
                send={(command) => iam().send(command)}
                onDone={held.reload}
              />
            ),
          },
        ]}
      />
      {open === 'attach' && policies.value && policies.value.length > 0 && (
        <ActionForm
          modal
          title={t.attach}
          submit={t.attach}
          fields={[
            {
              name: 'policies',
              kind: 'multiselect',
              label: t.attachChosen,
              required: true,
              options: policies.value.map(({ Arn, PolicyName }) => ({
                value: Arn!,
                label: PolicyName!,
                description: Arn!.startsWith('arn:aws:iam::aws:') ? t.aws : t.local,
              })),
            },
          ]}
          actionsOf={(values) => read.list(values, 'policies').map((arn) => attachAction(owner, arn))}
          send={(command) => iam().send(command)}
          onCancel={() => setOpen(undefined)}
          onDone={done}
        />
      )}
      {typeof open === 'object' && (
        <ActionForm
          modal
          title={open.inline === undefined ? t.addInline : t.editInline}
          submit={s.save}
          fields={[
            ...(open.inline === undefined
              ? ([{ name: 'name', kind: 'text', label: t.inlineName, required: true, pattern: /^[\w+=,.@-]{1,128}$/ }] as const)
              : []),
            {
              name: 'document',
              kind: 'policy',
              label: t.document,
              required: true,
              rows: 16,
              initial: JSON.stringify(open.document, null, 2),
            },
          ]}
          actionsOf={(values) => [
            putInlineAction(owner, open.inline ?? read.text(values, 'name') ?? '', JSON.parse(read.text(values, 'document') ?? '')),
          ]}
          send={(command) => iam().send(command)}
          onCancel={() => setOpen(undefined)}
          onDone={done}
        />
      )}
      {open === 'attach' && policies.error !== undefined && <FailureAlert error={policies.error} />}
      {open === 'attach' && policies.loading && <Box color="text-status-inactive">{s.loading}</Box>}
    </>
  );
}
