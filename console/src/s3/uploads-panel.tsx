/** What is being uploaded, with progress, pause and resume. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useEffect, useRef } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { FailureAlert } from '../resource/failure.tsx';
import { bytesText } from '../resource/format.ts';
import { messages } from './messages.ts';
import { abortUpload, clearDone, pauseUpload, resumeUpload, useUploads, type Upload } from './uploads.ts';
import { Name } from '../resource/name.tsx';

export function UploadsPanel({ bucket, onDone }: { bucket: string; onDone(): void }) {
  const t = useText(messages);
  const uploads = useUploads().filter((upload) => upload.bucket === bucket);
  const done = uploads.filter(({ state }) => state === 'done').length;
  const seen = useRef(done);
  const tell = useRef(onDone);
  tell.current = onDone;
  useEffect(() => {
    if (done > seen.current) tell.current();
    seen.current = done;
  }, [done]);
  if (uploads.length === 0) return null;
  return (
    <Container
      header={
        <Header variant="h2" counter={`(${done}/${uploads.length})`} actions={<Button onClick={clearDone}>{t.clearDone}</Button>}>
          {t.uploads}
        </Header>
      }
    >
      <SpaceBetween size="m">
        {uploads.map((upload) => (
          <UploadLine key={upload.id} upload={upload} />
        ))}
      </SpaceBetween>
    </Container>
  );
}

function UploadLine({ upload }: { upload: Upload }) {
  const t = useText(messages);
  const { id, key, size, sent, state } = upload;
  const words = {
    waiting: t.waiting,
    running: t.uploading,
    paused: t.paused,
    done: t.uploaded,
    failed: t.failed,
    aborted: t.aborted,
  }[state];
  const status = state === 'done' ? 'success' : state === 'failed' || state === 'aborted' ? 'error' : 'in-progress';
  return (
    <div>
      <ProgressBar
        value={size === 0 ? (state === 'done' ? 100 : 0) : (sent / size) * 100}
        status={status}
        label={<Name>{key}</Name>}
        resultText={words}
        additionalInfo={`${words} · ${fill(t.ofSize, { sent: bytesText(sent), size: bytesText(size) })}`}
      />
      <Box margin={{ top: 'xxs' }}>
        <SpaceBetween direction="horizontal" size="s">
          {(state === 'running' || state === 'waiting') && (
            <Button variant="inline-link" onClick={() => pauseUpload(id)}>
              {t.pause}
            </Button>
          )}
          {state === 'paused' && (
            <Button variant="inline-link" onClick={() => resumeUpload(id)}>
              {t.resume}
            </Button>
          )}
          {state === 'failed' && (
            <Button variant="inline-link" onClick={() => resumeUpload(id)}>
              {t.retry}
            </Button>
          )}
          {state !== 'done' && state !== 'aborted' && (
            <Button variant="inline-link" onClick={() => void abortUpload(id)}>
              {t.abort}
            </Button>
          )}
        </SpaceBetween>
      </Box>
      {upload.error !== undefined && <FailureAlert error={upload.error} />}
    </div>
  );
}
