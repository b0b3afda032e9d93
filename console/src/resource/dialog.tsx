/** A window over the page that asks for something, with the way out and the way on below it. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal, { type ModalProps } from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { useText } from '../language/catalogue.ts';
import { messages } from './messages.ts';

type Ways = {
  /** What the button says that goes on. */
  submit: string;
  busy?: boolean;
  disabled?: boolean;
  onCancel(): void;
};

export function Dialog({
  title,
  size,
  children,
  onSubmit,
  ...ways
}: Ways & { title: string; size?: ModalProps.Size; children: ReactNode; onSubmit(): void }) {
  const t = useText(messages);
  return (
    <Modal
      visible
      header={title}
      {...(size && { size })}
      closeAriaLabel={t.close}
      onDismiss={ways.onCancel}
      footer={
        <Box float="right">
          <CancelAndSubmit {...ways} onSubmit={onSubmit} />
        </Box>
      }
    >
      {children}
    </Modal>
  );
}

/** Both buttons; without `onSubmit` the second sends the form that it stands in. */
export function CancelAndSubmit({ submit, busy = false, disabled = false, onCancel, onSubmit }: Ways & { onSubmit?(): void }) {
  const t = useText(messages);
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Button variant="link" formAction="none" onClick={onCancel}>
        {t.cancel}
      </Button>
      <Button
        variant="primary"
        loading={busy}
        disabled={disabled}
        {...(onSubmit ? { formAction: 'none', onClick: onSubmit } : { formAction: 'submit' })}
      >
        {submit}
      </Button>
    </SpaceBetween>
  );
}
