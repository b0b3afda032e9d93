/** What happened lately, from the audit trail: who did what, and what was refused. */

import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { messages as shared } from '../resource/messages.ts';
import { FailureAlert } from '../resource/failure.tsx';
import { timeText } from '../resource/format.ts';
import { Name } from '../resource/name.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { onAnyChange } from '../session/changes.ts';
import { follow, hrefOf } from '../shell/places.ts';
import { messages } from './messages.ts';

/** Loaded with the first event that somebody wants to do again. */
const Replay = lazy(() => import('../trail/replay-panel.tsx').then((module) => ({ default: module.Replay })));

/** Events are written behind within half a second. */
const writtenMilliseconds = 700;
const eventsShown = 15;

/** Looking is not doing: with what only reads, refused or not, the line would be full of the console's own questions. */
async function doneLately() {
  const { isDenial, newestEvents } = await import('../trail/events.ts');
  const changing = { AttributeKey: 'ReadOnly', AttributeValue: 'false' } as const;
  const { events } = await newestEvents({ max: eventsShown, attributes: [changing] });
  return events.map((event) => ({ ...event, denied: isDenial(event) }));
}

export function Trail() {
  const t = useText(messages);
  const s = useText(shared);
  const answer = useAnswer(doneLately, []);
  const { reload } = answer;
  const [replayed, setReplayed] = useState<string>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onAnyChange(() => {
      clearTimeout(timer);
      timer = setTimeout(reload, writtenMilliseconds);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [reload]);
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t.trailText}
          actions={
            <div className="actions">
              <Link href={hrefOf(['cloudtrail'])} onFollow={follow}>
                {t.trailAll}
              </Link>
              <Button iconName="refresh" ariaLabel={s.refresh} loading={answer.loading} onClick={reload} />
            </div>
          }
        >
          {t.trail}
        </Header>
      }
    >
      {answer.error !== undefined && <FailureAlert error={answer.error} />}
      {answer.value?.length === 0 && <Box color="text-body-secondary">{t.trailEmpty}</Box>}
      <ul className="trail">
        {answer.value?.map((event) => (
          <li key={event.id} data-failed={event.error !== undefined}>
            <div className="trail-what">
              <b>{event.name}</b> <Badge>{event.source}</Badge>{' '}
              {event.error &&
                (event.denied ? (
                  <Link href={hrefOf(['iam', 'denied', event.requestId])} onFollow={follow}>
                    {t.denied}
                  </Link>
                ) : (
                  <Box display="inline" color="text-status-error">
                    {t.failed}: {event.error.code}
                  </Box>
                ))}
            </div>
            <Box variant="small">
              <Name>{event.who}</Name> · {timeText(event.time)}
            </Box>
            {event.parameters && ' '}
            {event.parameters && (
              <Button
                variant="inline-link"
                ariaExpanded={replayed === event.id}
                ariaLabel={`${t.replay}: ${event.name}`}
                onClick={() => setReplayed(replayed === event.id ? undefined : event.id)}
              >
                {t.replay}
              </Button>
            )}
            {replayed === event.id && (
              <Suspense>
                <Replay event={event} />
              </Suspense>
            )}
          </li>
        ))}
      </ul>
    </Container>
  );
}
