/** All streams of a region, and the page that makes one. */

import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { CreateStreamCommand, DeleteStreamCommand, ListStreamsCommand, type StreamSummary } from '@aws-sdk/client-kinesis';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import { kinesis } from './client.ts';
import { messages } from './messages.ts';

const streamName = /^[\w.-]{1,128}$/;

export function Streams() {
  const t = useText(messages);
  const create = (): void => goTo(hrefOf(['kinesis', 'create']));
  return (
    <ResourceTable<StreamSummary>
      id="kinesis-streams"
      title={t.streams}
      live="kinesis"
      load={async (after) => {
        const page = await kinesis().send(new ListStreamsCommand({ Limit: 100, ...(after && { NextToken: after }) }));
        return { items: page.StreamSummaries ?? [], next: page.HasMoreStreams ? page.NextToken : undefined };
      }}
      keyOf={({ StreamName }) => StreamName!}
      columns={[
        {
          id: 'name',
          header: t.name,
          cell: ({ StreamName }) => (
            <Link href={hrefOf(['kinesis', 'streams', StreamName!])} onFollow={follow}>
              {StreamName}
            </Link>
          ),
          text: ({ StreamName }) => StreamName!,
        },
        {
          id: 'status',
          header: t.status,
          cell: ({ StreamStatus }) => (
            <StatusIndicator type={StreamStatus === 'ACTIVE' ? 'success' : 'in-progress'}>{StreamStatus}</StatusIndicator>
          ),
          text: ({ StreamStatus }) => StreamStatus ?? '',
        },
        {
          id: 'mode',
          header: t.mode,
          cell: ({ StreamModeDetails }) => (StreamModeDetails?.StreamMode === 'ON_DEMAND' ? t.onDemand : t.provisioned),
        },
        { id: 'created', header: t.created, cell: ({ StreamCreationTimestamp }) => timeText(StreamCreationTimestamp) },
      ]}
      empty={{ title: t.streamsEmpty, text: t.streamsEmptyText, action: <Button onClick={create}>{t.createStream}</Button> }}
      create={{ text: t.createStream, onClick: create }}
      remove={{
        nameOf: ({ StreamName }) => StreamName!,
        actionsOf: ({ StreamName }) => {
          const command = new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true });
          return [{ service: 'kinesis', operation: 'DeleteStream', command }];
        },
        send: (command) => kinesis().send(command),
      }}
    />
  );
}

export function CreateStream() {
  const t = useText(messages);
  const s = useText(shared);
  return (
    <ActionForm
      title={t.createStream}
      submit={t.createStream}
      fields={[
        {
          name: 'name',
          kind: 'text',
          label: t.name,
          required: true,
          pattern: streamName,
          check: (value) => (streamName.test(value) ? undefined : t.nameFault),
        },
        {
          name: 'mode',
          kind: 'tiles',
          label: t.mode,
          required: true,
          options: [
            { value: 'ON_DEMAND', label: t.onDemand },
            { value: 'PROVISIONED', label: t.provisioned },
          ],
        },
        {
          name: 'shards',
          kind: 'number',
          label: t.shards,
          initial: '1',
          min: 1,
          max: 500,
          required: true,
          visible: ({ mode }) => mode === 'PROVISIONED',
        },
      ]}
      actionsOf={(values) => {
        const name = read.text(values, 'name') ?? '';
        const provisioned = values['mode'] === 'PROVISIONED';
        const ShardCount = read.number(values, 'shards') ?? 1;
        const mode = provisioned ? 'PROVISIONED' : 'ON_DEMAND';
        return [
          {
            service: 'kinesis',
            operation: 'CreateStream',
            command: new CreateStreamCommand({
              StreamName: name,
              StreamModeDetails: { StreamMode: mode },
              ...(provisioned && { ShardCount }),
            }),
            terraform: [
              {
                type: 'aws_kinesis_stream',
                name,
                body: { name, shard_count: provisioned ? ShardCount : undefined, stream_mode_details: [{ stream_mode: mode }] },
              },
            ],
          },
        ];
      }}
      send={(command) => kinesis().send(command)}
      onCancel={() => goTo(hrefOf(['kinesis', 'streams']))}
      onDone={(_outputs, values) => {
        const name = read.text(values, 'name')!;
        notify({ type: 'success', content: fill(s.created, { name }) });
        goTo(hrefOf(['kinesis', 'streams', name]));
      }}
    />
  );
}
