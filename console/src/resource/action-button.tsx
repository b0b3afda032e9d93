/** A button whose calls are shown in a window before they are sent, below the fields that they need. */

import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import { useState } from 'react';
import { AskedForm, type AskedFormProps } from './asked-form.tsx';

const nothing: AskedFormProps['fields'] = () => [];

export function ActionButton({
  text,
  ariaLabel,
  title = ariaLabel ?? text,
  variant = 'normal',
  disabled = false,
  fields = nothing,
  onDone,
  ...asked
}: Pick<AskedFormProps, 'description' | 'actionsOf' | 'send' | 'said'> & {
  text: string;
  /** Where the text alone does not tell one row's button from another's; the window is headed by it too. */
  ariaLabel?: string;
  title?: string;
  variant?: ButtonProps.Variant;
  disabled?: boolean;
  /** Loaded once the window is open. */
  fields?: AskedFormProps['fields'];
  onDone(outputs: readonly unknown[]): void;
}) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant={variant} disabled={disabled} {...(ariaLabel !== undefined && { ariaLabel })} onClick={() => setOpen(true)}>
        {text}
      </Button>
      {open && (
        <AskedForm
          {...asked}
          title={title}
          submit={text}
          fields={fields}
          on={[]}
          onClose={(outputs) => {
            setOpen(false);
            if (outputs) onDone(outputs);
          }}
        />
      )}
    </>
  );
}
