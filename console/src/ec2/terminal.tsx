/** A terminal in the page: a session of the Session Manager, with what the instance wrote to its console beside it. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Toggle from '@cloudscape-design/components/toggle';
import { StartSessionCommand } from '@aws-sdk/client-ssm';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { FromShell } from '../from-shell/panel.tsx';
import { fill, useText } from '../language/catalogue.ts';
import { FailureAlert } from '../resource/failure.tsx';
import { messages } from './messages-terminal.ts';
import { openChannel } from './terminal-channel.ts';
import { openScreen } from './terminal-screen.ts';

type Stage =
  | { is: 'closed' | 'connecting' | 'connected' }
  | { is: 'ended'; reason?: string | undefined }
  | { is: 'refused'; error: unknown };

export default function Terminal({ id, state, console }: { id: string; state: string; console: ReactNode }) {
  const t = useText(messages);
  const [stage, setStage] = useState<Stage>({ is: 'closed' });
  const [turn, setTurn] = useState(0);
  const [beside, setBeside] = useState(true);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (turn === 0) return;
    return runSession(place.current!, id, fill(t.input, { id }), setStage);
  }, [turn, id, t]);
  const live = stage.is === 'connected' || stage.is === 'connecting';
  const running = state === 'running';
  return (
    <SpaceBetween size="l">
      <div className="terminal-pair" data-beside={beside && turn > 0}>
        <Container
          header={
            <Header
              variant="h2"
              description={turn === 0 ? t.about : t.leave}
              actions={
                <SpaceBetween direction="horizontal" size="xs" alignItems="center">
                  {stage.is === 'connecting' && <StatusIndicator type="loading">{t.connecting}</StatusIndicator>}
                  {stage.is === 'connected' && <StatusIndicator>{t.connected}</StatusIndicator>}
                  {live ? (
                    <Button onClick={() => setTurn(0)}>{t.end}</Button>
                  ) : (
                    <Button variant="primary" disabled={!running} onClick={() => setTurn(turn + 1)}>
                      {turn === 0 ? t.start : t.again}
                    </Button>
                  )}
                </SpaceBetween>
              }
            >
              {t.terminal}
            </Header>
          }
        >
          <SpaceBetween size="s">
            {turn === 0 && <Box color="text-body-secondary">{running ? t.right : fill(t.notRunning, { state: state || '…' })}</Box>}
            {stage.is === 'refused' && <FailureAlert error={stage.error} />}
            {stage.is === 'ended' && (
              <StatusIndicator type={stage.reason === undefined ? 'stopped' : 'warning'}>
                {stage.reason === undefined ? t.ended : fill(t.broken, { reason: stage.reason })}
              </StatusIndicator>
            )}
            {turn > 0 && <div ref={place} key={turn} className="terminal" hidden={stage.is === 'refused'} />}
            {turn > 0 && (
              <Toggle checked={beside} onChange={({ detail }) => setBeside(detail.checked)}>
                {t.beside}
              </Toggle>
            )}
          </SpaceBetween>
        </Container>
        {beside && turn > 0 && console}
      </div>
      <FromShell actions={[{ service: 'ssm', operation: 'StartSession', command: new StartSessionCommand({ Target: id }) }]} />
    </SpaceBetween>
  );
}

/** Opens screen and channel together. @returns what takes both away. */
function runSession(place: HTMLElement, id: string, label: string, tell: (stage: Stage) => void): () => void {
  let wanted = true;
  tell({ is: 'connecting' });
  const screen = openScreen(place, label);
  const { terminal } = screen;
  let close = (): void => undefined;
  const ended = (reason: string | undefined): void => {
    if (!wanted) return;
    terminal.options.disableStdin = true;
    terminal.options.cursorBlink = false;
    tell({ is: 'ended', reason });
  };
  openChannel(id, { shown: (bytes, done) => (wanted ? terminal.write(bytes, done) : done()), ended }).then(
    (channel) => {
      if (!wanted) return channel.close();
      close = channel.close;
      terminal.onData(channel.type);
      terminal.onResize(({ cols, rows }) => channel.resize(cols, rows));
      screen.fit();
      channel.resize(terminal.cols, terminal.rows);
      place.scrollIntoView({ block: 'nearest' });
      terminal.focus();
      tell({ is: 'connected' });
    },
    (error: unknown) => wanted && tell({ is: 'refused', error }),
  );
  return () => {
    wanted = false;
    close();
    screen.dispose();
    tell({ is: 'closed' });
  };
}
