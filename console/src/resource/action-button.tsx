/** A button whose calls are shown in a window before they are sent. */

import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import { useState, type ReactNode } from 'react';
import type { Action } from '../from-shell/action.ts';
import { useText } from '../language/catalogue.ts';
import { notify } from '../shell/notices.ts';
import { ActionForm } from './action-form.tsx';
import { messages } from './messages.ts';

export function ActionButton({
  text,
  ariaLabel,
  variant = 'normal',
  disabled = false,
  description,
  actionsOf,
  send,
  said,
  onDone,
}: {
  text: string;
  /** Where the text alone does not tell one row's button from another's; the window is headed by it too. */
  ariaLabel?: string;
  variant?: ButtonProps.Variant;
  disabled?: boolean;
  description?: ReactNode;
  /** Asked once the window is open. */
  actionsOf(): readonly Action[];
  send(command: never): Promise<unknown>;
  /** What is said once it is done; "Saved." unless told otherwise. */
  said?: string;
  onDone(outputs: readonly unknown[]): void;
}) {
  const t = useText(messages);
  const [asked, setAsked] = useState(false);
  return (
    <>
      <Button variant={variant} disabled={disabled} {...(ariaLabel !== undefined && { ariaLabel })} onClick={() => setAsked(true)}>
        {text}
      </Button>
      {asked && (
        <ActionForm
          modal
          title={ariaLabel ?? text}
          {...(description !== undefined && { description })}
          submit={text}
          fields={[]}
          actionsOf={actionsOf}
          send={send}
          onCancel={() => setAsked(false)}
          onDone={(outputs) => {
            setAsked(false);
            notify({ type: 'success', content: said ?? t.saved });
            onDone(outputs);
          }}
        />
      )}
    </>
  );
}
