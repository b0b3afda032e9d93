/** Events of a group or of one of its streams, found by words and by time. */

import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { FilterLogEventsCommand, type FilteredLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { timeText } from '../resource/format.ts';
import { Name } from '../resource/name.tsx';
import { ResourceTable } from '../resource/resource-table.tsx';
import { cloudNow } from '../session/private-api.ts';
import { follow, hrefOf, setQuery, usePlace } from '../shell/places.ts';
import { logs } from './client.ts';
import { messages } from './messages.ts';

const minute = 60_000;
const spans = { all: 0, minutes15: 15 * minute, hour: 60 * minute, day: 1_440 * minute, week: 10_080 * minute } as const;
type Span = keyof typeof spans;

/** Spans are of cloud time. */
async function startOf(span: Span): Promise<number | undefined> {
  if (span === 'all') return undefined;
  return (await cloudNow()).getTime() - spans[span];
}

export function LogEvents({ group, stream }: { group: string; stream?: string }) {
  const t = useText(messages);
  const { query } = usePlace();
  const pattern = query.get('pattern') ?? '';
  const span: Span = Object.hasOwn(spans, query.get('span') ?? '') ? (query.get('span') as Span) : 'all';
  const [typed, setTyped] = useState(pattern);
  const options = (Object.keys(spans) as Span[]).map((value) => ({ value, label: t[value] }));
  return (
    <SpaceBetween size="m">
      <div className="log-filter">
        <FormField label={t.pattern} description={t.patternHint} stretch>
          <Input
            type="search"
            value={typed}
            spellcheck={false}
            onChange={({ detail }) => setTyped(detail.value)}
            onKeyDown={({ detail }) => detail.key === 'Enter' && setQuery({ pattern: typed })}
          />
        </FormField>
        <FormField label={t.span}>
          <Select
            options={options}
            selectedOption={options.find(({ value }) => value === span)!}
            onChange={({ detail }) => setQuery({ span: detail.selectedOption.value })}
          />
        </FormField>
        <Button onClick={() => setQuery({ pattern: typed })}>{t.apply}</Button>
      </div>
      <ResourceTable<FilteredLogEvent>
        id="log-events"
        variant="embedded"
        title={t.events}
        on={[group, stream, pattern, span]}
        load={async (nextToken) => {
          const startTime = await startOf(span);
          const page = await logs().send(
            new FilterLogEventsCommand({
              logGroupName: group,
              limit: 500,
              ...(stream !== undefined && { logStreamNames: [stream] }),
              ...(pattern !== '' && { filterPattern: pattern }),
              ...(startTime !== undefined && { startTime }),
              ...(nextToken && { nextToken }),
            }),
          );
          return { items: page.events ?? [], next: page.nextToken };
        }}
        keyOf={({ eventId }) => eventId!}
        columns={[
          { id: 'time', header: t.time, cell: ({ timestamp }) => timeText(timestamp), text: ({ timestamp }) => timestamp ?? 0, width: 210 },
          ...(stream === undefined
            ? [
                {
                  id: 'stream',
                  header: t.stream,
                  cell: ({ logStreamName }: FilteredLogEvent) => (
                    <Link href={hrefOf(['cloudwatch-logs', 'groups', group, 'streams', logStreamName!])} onFollow={follow}>
                      <Name>{logStreamName}</Name>
                    </Link>
                  ),
                  text: ({ logStreamName }: FilteredLogEvent) => logStreamName ?? '',
                },
              ]
            : []),
          {
            id: 'message',
            header: t.message,
            cell: ({ message }) => <span className="log-message">{message}</span>,
            text: ({ message }) => message ?? '',
            width: 900,
          },
        ]}
        empty={{ title: t.eventsEmpty, text: t.eventsEmptyText }}
      />
    </SpaceBetween>
  );
}
