/** A window that asks for what is small: its fields may have to be loaded first. */

import type { ReactNode } from 'react';
import type { Action } from '../from-shell/action.ts';
import { useText } from '../language/catalogue.ts';
import { notify } from '../shell/notices.ts';
import { ActionForm } from './action-form.tsx';
import { Dialog } from './dialog.tsx';
import { FailureAlert } from './failure.tsx';
import type { Field, Values } from './fields.ts';
import { messages } from './messages.ts';
import { useAnswer } from './use-answer.ts';

export type AskedFormProps = {
  title: string;
  description?: ReactNode;
  submit: string;
  fields(): readonly Field[] | Promise<readonly Field[]>;
  /** What the fields are loaded for: they are loaded anew when it is another. */
  on: readonly unknown[];
  actionsOf(values: Values): readonly Action[];
  send(command: never): Promise<unknown>;
  /** What is said once it is done; "Saved." unless told otherwise. */
  said?: string | undefined;
  /** Gets what the calls answered; undefined where they were not made. */
  onClose(outputs?: readonly unknown[]): void;
};

export function AskedForm({ title, description, submit, fields, on, actionsOf, send, said, onClose }: AskedFormProps) {
  const s = useText(messages);
  const { value, error } = useAnswer(async () => await fields(), on);
  const close = (): void => onClose();
  if (error !== undefined)
    return (
      <Dialog title={title} submit={s.close} onCancel={close} onSubmit={close}>
        <FailureAlert error={error} />
      </Dialog>
    );
  if (!value) return null;
  return (
    <ActionForm
      modal
      title={title}
      description={description}
      submit={submit}
      fields={value}
      actionsOf={actionsOf}
      send={send}
      onCancel={close}
      onDone={(outputs) => {
        notify({ type: 'success', content: said ?? s.saved });
        onClose(outputs);
      }}
    />
  );
}
