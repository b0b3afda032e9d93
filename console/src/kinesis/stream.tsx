/** One stream: its shards as a map of the keys, records as they come, and putting one by hand. */

import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Table from '@cloudscape-design/components/table';
import Toggle from '@cloudscape-design/components/toggle';
import {
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  PutRecordCommand,
  UpdateShardCountCommand,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { useEffect, useRef, useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { Copyable, DetailPage } from '../resource/detail-page.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { Name } from '../resource/name.tsx';
import { useAnswer, useUntil } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import type { Params } from '../shell/services.ts';
import { kinesis } from './client.ts';
import { messages } from './messages.ts';

async function loadStream(StreamName: string) {
  const [{ StreamDescriptionSummary: summary }, { Shards = [] }] = await Promise.all([
    kinesis().send(new DescribeStreamSummaryCommand({ StreamName })),
    kinesis().send(new ListShardsCommand({ StreamName, MaxResults: 1_000 })),
  ]);
  return { summary: summary!, shards: Shards };
}

const isOpen = ({ SequenceNumberRange }: Shard): boolean => SequenceNumberRange?.EndingSequenceNumber === undefined;

export function StreamPage({ params }: { params: Params }) {
  const name = params['name']!;
  const t = useText(messages);
  const s = useText(shared);
  const [open, setOpen] = useState<'put' | 'resize'>();
  const answer = useAnswer(() => loadStream(name), [name], 'kinesis');
  const { summary, shards = [] } = answer.value ?? {};
  useUntil(answer, summary?.StreamStatus === 'ACTIVE');
  const close = (): void => setOpen(undefined);
  const provisioned = summary?.StreamModeDetails?.StreamMode !== 'ON_DEMAND';
  return (
    <>
      <DetailPage
        name={name}
        answer={answer}
        actions={
          <>
            {provisioned && <Button onClick={() => setOpen('resize')}>{t.resize}</Button>}
            <Button variant="primary" onClick={() => setOpen('put')}>
              {t.put}
            </Button>
          </>
        }
        facts={[
          { label: t.arn, value: <Copyable text={summary?.StreamARN ?? ''} /> },
          { label: t.status, value: summary?.StreamStatus },
          { label: t.mode, value: provisioned ? t.provisioned : t.onDemand },
          { label: t.openShards, value: summary?.OpenShardCount },
          { label: t.retention, value: `${summary?.RetentionPeriodHours ?? 24} h` },
          { label: t.encryption, value: summary?.EncryptionType },
        ]}
        tabs={[
          { id: 'shards', label: t.shardMap, content: <ShardMap shards={shards} /> },
          { id: 'tail', label: t.tail, content: <Tail stream={name} shards={shards} /> },
        ]}
      />
      {open === 'put' && (
        <ActionForm
          modal
          title={t.put}
          submit={t.put}
          fields={[
            { name: 'key', kind: 'text', label: t.key, required: true },
            { name: 'data', kind: 'textarea', label: t.data, required: true },
          ]}
          actionsOf={(values) => [
            {
              service: 'kinesis',
              operation: 'PutRecord',
              command: new PutRecordCommand({
                StreamName: name,
                PartitionKey: read.text(values, 'key') ?? '',
                Data: new TextEncoder().encode(read.text(values, 'data') ?? ''),
              }),
            },
          ]}
          send={(command) => kinesis().send(command)}
          onCancel={close}
          onDone={([output]) => {
            close();
            notify({ type: 'success', content: fill(t.putDone, { shard: (output as { ShardId: string }).ShardId }) });
          }}
        />
      )}
      {open === 'resize' && (
        <ActionForm
          modal
          title={t.resize}
          submit={s.save}
          fields={[
            {
              name: 'count',
              kind: 'number',
              label: t.target,
              initial: String(summary?.OpenShardCount ?? 1),
              min: 1,
              max: 500,
              required: true,
            },
          ]}
          actionsOf={(values) => [
            {
              service: 'kinesis',
              operation: 'UpdateShardCount',
              command: new UpdateShardCountCommand({
                StreamName: name,
                TargetShardCount: read.number(values, 'count') ?? 1,
                ScalingType: 'UNIFORM_SCALING',
              }),
            },
          ]}
          send={(command) => kinesis().send(command)}
          onCancel={close}
          onDone={() => {
            close();
            answer.reload();
          }}
        />
      )}
    </>
  );
}

const keySpace = 2n ** 128n;
/** A place in the key space, as a part of a hundred. */
const percent = (key: bigint): number => Number((key * 10_000n) / keySpace) / 100;

function ShardMap({ shards }: { shards: readonly Shard[] }) {
  const t = useText(messages);
  return (
    <Container
      header={
        <Header variant="h2" counter={`(${shards.length})`} description={t.shardMapText}>
          {t.shardMap}
        </Header>
      }
    >
      <ul className="shards">
        {shards.map((shard) => {
          const { StartingHashKey, EndingHashKey } = shard.HashKeyRange ?? {};
          // The last key belongs to the shard.
          const [from, to] = [percent(BigInt(StartingHashKey ?? 0)), percent(BigInt(EndingHashKey ?? 0) + 1n)];
          const parents = [shard.ParentShardId, shard.AdjacentParentShardId].filter(Boolean).join(', ');
          return (
            <li key={shard.ShardId}>
              <div className="shard-name">
                {shard.ShardId} <Badge color={isOpen(shard) ? 'green' : 'grey'}>{isOpen(shard) ? t.open : t.closed}</Badge>
                {parents !== '' && <Box variant="small">{fill(t.parents, { parents })}</Box>}
              </div>
              <div className="shard-range" aria-label={`${from}–${to} %`} role="img">
                <span data-open={isOpen(shard)} style={{ insetInlineStart: `${from}%`, inlineSize: `${Math.max(1, to - from)}%` }} />
              </div>
            </li>
          );
        })}
      </ul>
    </Container>
  );
}

type Row = { id: string; shard: string; key: string; data: string; at: Date | undefined };

const pollMilliseconds = 1_000;
const rowsMax = 500;

function Tail({ stream, shards }: { stream: string; shards: readonly Shard[] }) {
  const t = useText(messages);
  const [running, setRunning] = useState(false);
  const [fromStart, setFromStart] = useState(true);
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [problem, setProblem] = useState<unknown>();
  const watched = useRef(shards);
  watched.current = shards;
  useEffect(() => {
    if (!running) return;
    const stop = new AbortController();
    setRows([]);
    setProblem(undefined);
    const followed = new Set<string>();
    const begin = (shard: string, fromOldest: boolean): void => {
      if (followed.has(shard)) return;
      followed.add(shard);
      follow(shard, fromOldest).catch((error: unknown) => {
        if (!stop.signal.aborted) setProblem(error);
      });
    };
    const follow = async (shard: string, fromOldest: boolean): Promise<void> => {
      const first = await kinesis().send(
        new GetShardIteratorCommand({ StreamName: stream, ShardId: shard, ShardIteratorType: fromOldest ? 'TRIM_HORIZON' : 'LATEST' }),
      );
      let iterator = first.ShardIterator;
      while (iterator !== undefined && !stop.signal.aborted) {
        const page = await kinesis().send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 100 }), { abortSignal: stop.signal });
        const found = (page.Records ?? []).map((record) => ({
          id: `${shard} ${record.SequenceNumber}`,
          shard,
          key: record.PartitionKey ?? '',
          data: new TextDecoder().decode(record.Data),
          at: record.ApproximateArrivalTimestamp,
        }));
        if (found.length > 0) setRows((before) => [...found.reverse(), ...before].slice(0, rowsMax));
        iterator = page.NextShardIterator;
        // Where the stream was given other shards meanwhile, its records go on in these.
        for (const { ShardId } of page.ChildShards ?? []) begin(ShardId!, true);
        await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
      }
    };
    for (const { ShardId } of watched.current.filter((shard) => fromStart || isOpen(shard))) begin(ShardId!, fromStart);
    return () => stop.abort();
  }, [running, fromStart, stream]);
  return (
    <>
      {problem !== undefined && <FailureAlert error={problem} />}
      <Table<Row>
        items={rows}
        trackBy="id"
        wrapLines
        empty={<Box color="text-body-secondary">{t.noRecords}</Box>}
        header={
          <Header
            variant="h2"
            description={t.tailText}
            actions={
              <div className="actions">
                <Toggle checked={fromStart} disabled={running} onChange={({ detail }) => setFromStart(detail.checked)}>
                  {t.fromStart}
                </Toggle>
                <Button variant="primary" onClick={() => setRunning(!running)}>
                  {running ? t.stop : t.start}
                </Button>
              </div>
            }
          >
            {t.tail}
          </Header>
        }
        columnDefinitions={[
          {
            id: 'data',
            header: t.data,
            cell: ({ data }) => (
              <Box variant="code">
                <Name>{data}</Name>
              </Box>
            ),
          },
          { id: 'key', header: t.key, cell: ({ key }) => <Name>{key}</Name>, width: 200 },
          { id: 'shard', header: t.shard, cell: ({ shard }) => shard, width: 210 },
          { id: 'at', header: t.arrived, cell: ({ at }) => timeText(at), width: 220 },
        ]}
      />
    </>
  );
}
