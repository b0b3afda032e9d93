/** A button that asks for a small change of one resource of EC2, in a window that shows the calls before they are sent. */

import Button from '@cloudscape-design/components/button';
import { useState } from 'react';
import { AskedForm, type AskedFormProps } from '../resource/asked-form.tsx';
import { ec2 } from './client.ts';

type Asked = Omit<AskedFormProps, 'title' | 'submit' | 'on' | 'send' | 'onClose'> & { id: string; text: string };

export function AskButton({ id, text, disabled = false, onDone, ...asked }: Asked & { disabled?: boolean; onDone(): void }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button disabled={disabled} onClick={() => setOpen(true)}>
        {text}
      </Button>
      {open && (
        <AskedForm
          {...asked}
          title={`${text}: ${id}`}
          submit={text}
          on={[id]}
          send={(command) => ec2().send(command)}
          onClose={(done) => {
            setOpen(false);
            if (done) onDone();
          }}
        />
      )}
    </>
  );
}
