/** The event history, and one event: who did what with which parameters, and the same as a command. */

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import Select from '@cloudscape-design/components/select';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { LookupAttribute } from '@aws-sdk/client-cloudtrail';
import { FromShell } from '../from-shell/panel.tsx';
import { useText } from '../language/catalogue.ts';
import { DetailPage, JsonView } from '../resource/detail-page.tsx';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { Name } from '../resource/name.tsx';
import { ResourceTable } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { follow, hrefOf, setQuery, usePlace } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { isDenial, newestEvents, type TrailEvent } from '../trail/events.ts';
import { replayOf } from '../trail/replay.ts';
import { messages } from './messages.ts';

const kinds = {
  changes: [{ AttributeKey: 'ReadOnly', AttributeValue: 'false' }],
  reads: [{ AttributeKey: 'ReadOnly', AttributeValue: 'true' }],
  every: [],
} satisfies Record<string, LookupAttribute[]>;
type Kind = keyof typeof kinds;

function Outcome({ event }: { event: TrailEvent }) {
  const t = useText(messages);
  if (!event.error) return <StatusIndicator>{t.done}</StatusIndicator>;
  return <StatusIndicator type="error">{event.error.code}</StatusIndicator>;
}

export function History() {
  const t = useText(messages);
  const asked = usePlace().query.get('kind') ?? '';
  const kind: Kind = asked in kinds ? (asked as Kind) : 'changes';
  const options = (Object.keys(kinds) as Kind[]).map((value) => ({ value, label: t[value] }));
  return (
    <ResourceTable<TrailEvent>
      id="cloudtrail-events"
      title={t.history}
      description={t.historyText}
      on={[kind]}
      load={async (after) => {
        const { events, next } = await newestEvents({ after, attributes: kinds[kind] });
        return { items: events, next };
      }}
      keyOf={({ id }) => id}
      headerExtra={
        <Select
          ariaLabel={t.which}
          options={options}
          selectedOption={options.find(({ value }) => value === kind)!}
          onChange={({ detail }) => setQuery({ kind: detail.selectedOption.value })}
        />
      }
      columns={[
        {
          id: 'event',
          header: t.event,
          width: 220,
          cell: ({ id, name }) => (
            <Link href={hrefOf(['cloudtrail', 'events', id])} onFollow={follow}>
              {name}
            </Link>
          ),
          text: ({ name }) => name,
        },
        { id: 'when', header: t.when, width: 220, cell: ({ time }) => timeText(time), text: ({ time }) => time.getTime() },
        { id: 'who', header: t.who, width: 160, cell: ({ who }) => <Name>{who}</Name>, text: ({ who }) => who },
        { id: 'service', header: t.service, width: 130, cell: ({ source }) => source },
        {
          ...{ id: 'resource', header: t.resource, width: 300 },
          cell: ({ resources }) => <Name>{resources.join(', ')}</Name>,
          text: ({ resources }) => resources.join(' '),
        },
        { id: 'outcome', header: t.outcome, cell: (event) => <Outcome event={event} />, text: ({ error }) => error?.code ?? '' },
        { id: 'address', header: t.address, cell: ({ address }) => address, hidden: true },
      ]}
      empty={{ title: t.historyEmpty, text: t.historyEmptyText }}
    />
  );
}

export function EventPage({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const s = useText(shared);
  const answer = useAnswer(async () => {
    const { events } = await newestEvents({ attributes: [{ AttributeKey: 'EventId', AttributeValue: id }] });
    if (!events[0]) throw Object.assign(new Error(t.gone), { name: 'NotFound' });
    return events[0];
  }, [id]);
  const event = answer.value;
  const action = event && replayOf(event);
  return (
    <DetailPage
      name={event?.name ?? id}
      answer={answer}
      facts={
        event && [
          { label: t.when, value: timeText(event.time) },
          { label: t.who, value: <Name>{event.who}</Name> },
          { label: t.service, value: event.source },
          { label: t.region, value: event.region },
          { label: t.address, value: event.address },
          { label: t.reading, value: event.readOnly ? s.yes : s.no },
          { label: t.resource, value: <Name>{event.resources.join('\n') || '–'}</Name> },
          { label: t.requestId, value: event.requestId },
          {
            label: t.outcome,
            value: (
              <>
                <Outcome event={event} />
                {event.error && <Box variant="small">{event.error.message}</Box>}
                {isDenial(event) && (
                  <Link href={hrefOf(['iam', 'denied', event.requestId])} onFollow={follow}>
                    {t.why}
                  </Link>
                )}
              </>
            ),
          },
        ]
      }
    >
      {action && <FromShell actions={[action]} initiallyOpen />}
      {event && (
        <Container header={<Header variant="h2">{t.whole}</Header>}>
          <div className="message">
            <JsonView value={JSON.parse(event.text)} />
          </div>
        </Container>
      )}
    </DetailPage>
  );
}
