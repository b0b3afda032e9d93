/** Asks before something is done that cannot be undone; deletes are confirmed by typing a word. */

import Alert from '@cloudscape-design/components/alert';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactNode } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import type { Action } from '../from-shell/action.ts';
import { FromShell } from '../from-shell/panel.tsx';
import { notify } from '../shell/notices.ts';
import { Dialog } from './dialog.tsx';
import { tellFailure } from './failure.tsx';
import { messages } from './messages.ts';

export type DeleteProps<Item> = {
  items: readonly Item[];
  nameOf(item: Item): string;
  /** Rejects with the API's error. */
  remove(item: Item): Promise<unknown>;
  /** The calls, for those who would rather type them. */
  actionOf?(item: Item): Action;
  warning?: ReactNode;
  onDone(): void;
  onCancel(): void;
};

export function ConfirmDelete<Item>({ items, nameOf, remove, actionOf, warning, onDone, onCancel }: DeleteProps<Item>) {
  const t = useText(messages);
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const one = items.length === 1 ? nameOf(items[0]!) : undefined;
  const run = async (): Promise<void> => {
    setBusy(true);
    let done = 0;
    for (const item of items) {
      try {
        await remove(item);
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
      disabled={typed.trim() !== t.deleteWord}
      onCancel={onCancel}
      onSubmit={() => void run()}
    >
      <SpaceBetween size="m">
        <Alert type="warning">{warning ?? t.deleteWarning}</Alert>
        {!one && (
          <ul className="names">
            {items.slice(0, 20).map((item) => (
              <li key={nameOf(item)}>
                <bdi>{nameOf(item)}</bdi>
              </li>
            ))}
          </ul>
        )}
        <FormField label={fill(t.typeToConfirm, { word: t.deleteWord })}>
          <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} placeholder={t.deleteWord} autoFocus />
        </FormField>
        {actionOf && <FromShell actions={items.slice(0, 20).map(actionOf)} />}
      </SpaceBetween>
    </Dialog>
  );
}
