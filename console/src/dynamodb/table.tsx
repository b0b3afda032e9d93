/** One table: its items, indexes, settings and tags. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTagsOfResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateTimeToLiveCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { Copyable, DetailPage } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { read } from '../resource/fields.ts';
import { bytesText, timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { tagActions } from '../resource/tag-actions.ts';
import { TagsTab } from '../resource/tags.tsx';
import { useAnswer, useUntil } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import type { Params } from '../shell/services.ts';
import { Capacity } from './capacity.tsx';
import { dynamodb } from './client.ts';
import { Explore } from './explore.tsx';
import { messages } from './messages.ts';

export function TablePage({ params }: { params: Params }) {
  const name = params['name']!;
  const t = useText(messages);
  const s = useText(shared);
  const answer = useAnswer(async () => (await dynamodb().send(new DescribeTableCommand({ TableName: name }))).Table!, [name], 'dynamodb');
  const table = answer.value;
  useUntil(answer, table?.TableStatus === 'ACTIVE');
  return (
    <DetailPage
      name={name}
      answer={answer}
      facts={[
        { label: t.arn, value: <Copyable text={table?.TableArn ?? ''} /> },
        { label: t.status, value: table?.TableStatus },
        { label: t.capacity, value: table?.BillingModeSummary?.BillingMode === 'PAY_PER_REQUEST' ? t.onDemand : t.provisioned },
        { label: t.items, value: table?.ItemCount ?? 0 },
        { label: t.size, value: bytesText(table?.TableSizeBytes) },
        { label: t.created, value: timeText(table?.CreationDateTime) },
        { label: t.protection, value: table?.DeletionProtectionEnabled ? s.yes : s.no },
      ]}
      tabs={[
        { id: 'items', label: t.explore, content: table ? <Explore table={table} /> : null },
        { id: 'indexes', label: t.indexes, content: table ? <Indexes table={table} /> : null },
        { id: 'capacity', label: t.capacityUsed, content: table ? <Capacity table={table} /> : null },
        { id: 'settings', label: t.settings, content: <TimeToLive table={name} /> },
        {
          id: 'tags',
          label: t.tags,
          content: (
            <TagsTab
              live="dynamodb"
              load={async () =>
                ((await dynamodb().send(new ListTagsOfResourceCommand({ ResourceArn: table?.TableArn }))).Tags ?? []).map(
                  ({ Key, Value }) => ({
                    Key: Key!,
                    Value: Value!,
                  }),
                )
              }
              actionsOf={({ set, removed }) =>
                tagActions('dynamodb', {
                  set: set.length > 0 && ['TagResource', new TagResourceCommand({ ResourceArn: table?.TableArn, Tags: [...set] })],
                  removed: removed.length > 0 && [
                    'UntagResource',
                    new UntagResourceCommand({ ResourceArn: table?.TableArn, TagKeys: [...removed] }),
                  ],
                })
              }
              send={(command) => dynamodb().send(command)}
            />
          ),
        },
      ]}
    />
  );
}

function Indexes({ table }: { table: TableDescription }) {
  const t = useText(messages);
  const rows = [
    ...(table.GlobalSecondaryIndexes ?? []).map((index) => ({ ...index, kind: t.globalIndex })),
    ...(table.LocalSecondaryIndexes ?? []).map((index) => ({ ...index, kind: t.localIndex })),
  ];
  return (
    <Table
      items={rows}
      header={<Header variant="h2">{t.indexes}</Header>}
      empty={<Box color="text-body-secondary">{t.noIndexes}</Box>}
      columnDefinitions={[
        { id: 'name', header: t.name, cell: ({ IndexName }) => IndexName },
        { id: 'kind', header: t.kind, cell: ({ kind }) => kind },
        {
          id: 'keys',
          header: t.partitionKey,
          cell: ({ KeySchema = [] }) => KeySchema.map(({ AttributeName }) => AttributeName).join(' + '),
        },
        { id: 'projection', header: t.projection, cell: ({ Projection }) => Projection?.ProjectionType },
        { id: 'items', header: t.items, cell: ({ ItemCount }) => ItemCount ?? 0 },
      ]}
    />
  );
}

function TimeToLive({ table }: { table: string }) {
  const t = useText(messages);
  const s = useText(shared);
  const [open, setOpen] = useState(false);
  const answer = useAnswer(
    async () => (await dynamodb().send(new DescribeTimeToLiveCommand({ TableName: table }))).TimeToLiveDescription ?? {},
    [table],
    'dynamodb',
  );
  const on = answer.value?.TimeToLiveStatus === 'ENABLED' || answer.value?.TimeToLiveStatus === 'ENABLING';
  return (
    <Container
      header={
        <Header variant="h2" actions={<Button onClick={() => setOpen(true)}>{s.edit}</Button>}>
          {t.ttl}
        </Header>
      }
    >
      {answer.error === undefined ? on ? answer.value?.AttributeName : t.ttlOff : <FailureAlert error={answer.error} />}
      {open && (
        <ActionForm
          modal
          title={t.setTtl}
          submit={s.save}
          fields={[
            { name: 'on', kind: 'toggle', label: t.ttl, initial: true },
            { name: 'attribute', kind: 'text', label: t.ttlAttribute, required: true, initial: answer.value?.AttributeName ?? 'expires' },
          ]}
          actionsOf={(values) => [
            {
              service: 'dynamodb',
              operation: 'UpdateTimeToLive',
              command: new UpdateTimeToLiveCommand({
                TableName: table,
                TimeToLiveSpecification: { AttributeName: read.text(values, 'attribute'), Enabled: read.flag(values, 'on') },
              }),
            },
          ]}
          send={(command) => dynamodb().send(command)}
          onCancel={() => setOpen(false)}
          onDone={() => {
            setOpen(false);
            notify({ type: 'success', content: s.saved });
            answer.reload();
          }}
        />
      )}
    </Container>
  );
}
