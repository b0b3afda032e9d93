/** Asks before something is done that cannot be undone; deletes are confirmed by typing a word. */

import Alert from '@cloudscape-design/components/alert';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactNode } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import type { Action } from '../from-shell/action.ts';
import { FromShell } from '../from-shell/panel.tsx';
import { sendShown } from '../from-shell/sending.ts';
import { notify } from '../shell/notices.ts';
import { Dialog } from './dialog.tsx';
import { FailureAlert, tellFailure } from './failure.tsx';
import { messages } from './messages.ts';
import { Name } from './name.tsx';
import { useAnswer } from './use-answer.ts';

export type DeleteProps<Item> = {
  items: readonly Item[];
  nameOf(item: Item): string;
  /** The calls, in their order, as they are shown and then sent. */
  actionsOf(item: Item): readonly Action[] | Promise<readonly Action[]>;
  /** Sends one command through the service's client. */
  send(command: never): Promise<unknown>;
  /** One round of calls may leave something: then they are asked for again, until there are none. */
  inRounds?(item: Item): boolean;
  warning?: ReactNode;
  onDone(): void;
  onCancel(): void;
};

/** So many are shown; those beyond are the same with other names. */
const shownMax = 20;

export function ConfirmDelete<Item>({ items, nameOf, actionsOf, send, inRounds, warning, onDone, onCancel }: DeleteProps<Item>) {
  const t = useText(messages);
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const one = items.length === 1 ? nameOf(items[0]!) : undefined;
  const plan = useAnswer(async () => (await Promise.all(items.slice(0, shownMax).map(actionsOf))).flat(), [items.map(nameOf).join('\n')]);
  const run = async (): Promise<void> => {
    setBusy(true);
    let done = 0;
    for (const item of items) {
      try {
        let actions = await actionsOf(item);
        do {
          await sendShown(actions, send);
          actions = inRounds?.(item) ? await actionsOf(item) : [];
        } while (actions.length > 0);
        done++;
      } catch (error) {
        tellFailure(error, fill(t.notDeleted, { name: nameOf(item) }));
      }
    }
    if (done > 0) notify({ type: 'success', content: one ? fill(t.deleted, { name: one }) : fill(t.deletedMany, { count: done }) });
    onDone();
  };
  return (
    <Dialog
      title={one ? fill(t.deleteTitle, { name: one }) : fill(t.deleteMany, { count: items.length })}
      submit={t.delete}
      busy={busy}
      disabled={typed.trim() !== t.deleteWord || (plan.value === undefined && plan.error === undefined)}
      onCancel={onCancel}
      onSubmit={() => void run()}
    >
      <SpaceBetween size="m">
        <Alert type="warning">{warning ?? t.deleteWarning}</Alert>
        {!one && (
          <ul className="names">
            {items.slice(0, shownMax).map((item) => (
              <li key={nameOf(item)}>
                <Name>{nameOf(item)}</Name>
              </li>
            ))}
          </ul>
        )}
        <FormField label={fill(t.typeToConfirm, { word: t.deleteWord })}>
          <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} placeholder={t.deleteWord} autoFocus />
        </FormField>
        {plan.error !== undefined && <FailureAlert error={plan.error} />}
        <FromShell actions={plan.value ?? []} />
      </SpaceBetween>
    </Dialog>
  );
}
