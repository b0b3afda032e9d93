/** Asks whether a zone shall go down, and what becomes of what is there alone. */

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { Code } from '../from-shell/panel.tsx';
import { fill, useText } from '../language/catalogue.ts';
import { Dialog } from '../resource/dialog.tsx';
import { messages } from './messages-faults.ts';

export function TakeDown({
  zone,
  busy,
  onCancel,
  onConfirm,
}: {
  zone: string;
  busy: boolean;
  onCancel(): void;
  onConfirm(destroy: boolean): void;
}) {
  const t = useText(messages);
  const [destroy, setDestroy] = useState(false);
  return (
    <Dialog title={fill(t.takeDownTitle, { zone })} submit={t.takeDown} busy={busy} onCancel={onCancel} onSubmit={() => onConfirm(destroy)}>
      <SpaceBetween size="m">
        <Box>{t.takeDownText}</Box>
        <Checkbox checked={destroy} description={t.destroyText} onChange={({ detail }) => setDestroy(detail.checked)}>
          {t.destroy}
        </Checkbox>
        {destroy && <Alert type="warning">{t.destroyWarning}</Alert>}
        <Code text={`haneul fault az ${zone} down${destroy ? ' --destroy' : ''}`} />
      </SpaceBetween>
    </Dialog>
  );
}
