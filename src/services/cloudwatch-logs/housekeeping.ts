/** Housekeeping: events of groups and streams that are gone, and events whose time is over. */

import type { Reconciler, ReconcilerContext } from '../../framework/reconciler.ts';
import type { WriteTransaction } from '../../store/store.ts';
import { deleted, groupSizes, logEvents, logGroups, logStreams, retentions, type Deleted, type LogEvent } from './tables.ts';

const pageRows = 500;

export const housekeeping: Reconciler = {
  name: 'cloudwatch-logs/housekeeping',
  watches: [deleted, retentions],
  every: 3_600_000,
  run: async (context) => {
    for await (const row of deleted.each(context.store)) await clear(context, row);
    for await (const { group, account, region, name } of retentions.each(context.store)) {
      const present = await context.store.read((tx) => logGroups.get(tx, account, region, name));
      if (present?.id === group && present.retentionDays !== undefined)
        await expire(context, group, context.now - present.retentionDays * 86_400_000);
    }
  },
};

async function forget(context: ReconcilerContext, tx: WriteTransaction, rows: readonly LogEvent[]): Promise<void> {
  let bytes = 0;
  for (const row of rows) {
    if ('blob' in row.message) await context.blobs.remove(tx, row.message.blob);
    await logEvents.delete(tx, row.group, row.stream, row.timestamp, row.order);
    bytes += row.bytes;
  }
  const size = rows[0] && (await groupSizes.get(tx, rows[0].group));
  if (size) await groupSizes.put(tx, { ...size, bytes: Math.max(0, size.bytes - bytes) });
}

async function clear(context: ReconcilerContext, { group, stream }: Deleted): Promise<void> {
  for (let more = true; more;) {
    context.signal.throwIfAborted();
    more = await context.store.write(async (tx) => {
      const events = await logEvents.scan(tx, stream === '' ? [group] : [group, stream], { limit: pageRows });
      await forget(
        context,
        tx,
        events.map(({ row }) => row),
      );
      const streams = stream === '' ? await logStreams.scan(tx, [group], { limit: pageRows }) : [];
      for (const { row } of streams) await logStreams.delete(tx, group, row.name);
      if (events.length === pageRows || streams.length === pageRows) return true;
      await deleted.delete(tx, group, stream);
      return false;
    });
  }
}

async function expire(context: ReconcilerContext, group: string, before: number): Promise<void> {
  for (let more = true; more;) {
    context.signal.throwIfAborted();
    more = await context.store.write(async (tx) => {
      const page = await logEvents.scanIndex(tx, 'time', [group], { limit: pageRows });
      const over = page.map(({ row }) => row).filter(({ timestamp }) => timestamp < before);
      await forget(context, tx, over);
      return over.length === pageRows;
    });
  }
}
