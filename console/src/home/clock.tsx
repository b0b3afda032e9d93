/** The cloud's clock, with buttons that move it forward. */

import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { lazy, Suspense, useEffect, useState } from 'react';
import { messages as shellMessages } from '../from-shell/messages.ts';
import { fill, useText } from '../language/catalogue.ts';
import { tellFailure } from '../resource/failure.tsx';
import { timeText } from '../resource/format.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { learnClock } from '../session/expiry.ts';
import { read, write } from '../session/private-api.ts';
import { notify } from '../shell/notices.ts';
import { messages } from './messages.ts';
import { spanText } from './spans.ts';

/** Loaded with the first look at it: the home page comes first. */
const ClockShell = lazy(() => import('./clock-shell.tsx').then((module) => ({ default: module.ClockShell })));

type ClockAnswer = { now: string; realNow: string; mode: 'running' | 'frozen'; offset: number };

const minute = 60_000;

export function Clock({ owner }: { owner: boolean }) {
  const t = useText(messages);
  const shell = useText(shellMessages);
  const [shellOpen, setShellOpen] = useState(false);
  const answer = useAnswer(async () => ({ ...(await read<ClockAnswer>('clock')), at: Date.now() }), []);
  const [, tick] = useState(0);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  const clock = answer.value;
  const way = clock?.mode === 'frozen' ? 'run' : 'freeze';
  const now = clock && Date.parse(clock.now) + (clock.mode === 'running' ? Date.now() - clock.at : 0);
  const change = async (body: object, done?: string): Promise<void> => {
    setBusy(true);
    try {
      await write('clock', body);
      await learnClock();
      if (done) notify({ type: 'success', content: done });
      answer.reload();
    } catch (error) {
      tellFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const spans = [
    { text: t.minute, milliseconds: 15 * minute, word: '15m' },
    { text: t.hour, milliseconds: 60 * minute, word: '1h' },
    { text: t.day, milliseconds: 24 * 60 * minute, word: '1d' },
    { text: t.month, milliseconds: 30 * 24 * 60 * minute, word: '30d' },
  ];
  return (
    <Container
      header={
        <Header variant="h2" description={t.clockText}>
          {t.clock}
        </Header>
      }
    >
      <SpaceBetween size="s">
        <Box fontSize="heading-xl" fontWeight="bold">
          {now === undefined ? '–' : timeText(now)}
        </Box>
        {clock && (
          <SpaceBetween direction="horizontal" size="xs" alignItems="center">
            <Badge color={clock.mode === 'running' ? 'green' : 'blue'}>{clock.mode === 'running' ? t.running : t.frozen}</Badge>
            {clock.offset > minute && (
              <Box color="text-body-secondary" fontSize="body-s">
                {fill(t.ahead, { span: spanText(clock.offset) })}
              </Box>
            )}
          </SpaceBetween>
        )}
        {owner && clock && (
          <SpaceBetween direction="horizontal" size="xs">
            {spans.map(({ text, milliseconds }) => (
              <Button
                key={text}
                iconName="angle-right-double"
                ariaLabel={`${t.advance} ${text}`}
                disabled={busy}
                onClick={() => void change({ action: 'advance', milliseconds }, fill(t.advanced, { span: text }))}
              >
                {text}
              </Button>
            ))}
            <Button disabled={busy} onClick={() => void change({ action: way })}>
              {clock.mode === 'running' ? t.freeze : t.run}
            </Button>
          </SpaceBetween>
        )}
        {owner && clock && (
          <>
            <div>
              <Button variant="inline-link" ariaExpanded={shellOpen} onClick={() => setShellOpen(!shellOpen)}>
                {shell.title}
              </Button>
            </div>
            {shellOpen && (
              <Suspense>
                <ClockShell lines={[...spans.map(({ word }) => `haneul clock advance ${word}`), `haneul clock ${way}`]} />
              </Suspense>
            )}
          </>
        )}
      </SpaceBetween>
    </Container>
  );
}
