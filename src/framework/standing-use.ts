/**
 * Metering of what costs as long as it stands: a volume, a key, provisioned capacity. A service tells what stands now; what is new, changed or
 * gone since is counted to the moment, and what stays to the last full hour.
 */

import { dayMilliseconds, hourMilliseconds, hourOf, piecesOf, type Span } from './billing/month.ts';
import type { Meter, Usage } from './meter.ts';
import type { Reconciler, ReconcilerContext } from './reconciler.ts';
import { table, type AnyTable } from '../store/table.ts';

/** A longer stretch, which only a leap of the clock makes, is told by the day. */
const hourlyStretchMax = 2 * dayMilliseconds;
const rowsPerWrite = 200;

export type Standing = {
  /** Unlike any other's of its service, and the same as long as it stands. */
  id: string;
  account: string;
  region: string;
  usageType: string;
  operation: string;
  /** An ARN. */
  resource: string;
  /** `ByteHours`: bytes are counted; `Seconds`: pieces are. */
  unit: Extract<Usage['unit'], 'ByteHours' | 'Seconds'>;
  /** How many of them stand. */
  count: number;
  /** When it began to, milliseconds since the epoch; when it was first seen where that is not known. */
  since?: number;
};

type Counted = Omit<Standing, 'since'> & { service: string; /** Counted up to this moment. */ until: number };

export const standingUse = table<Counted>('framework/standing-use', { key: (row) => [row.service, row.id] });

/** A reconciler that meters what stands of a service; commits to the tables that it is read from wake it. */
export function standingMeter(
  service: string,
  watches: readonly AnyTable[],
  standing: (context: ReconcilerContext) => AsyncIterable<Standing>,
): Reconciler {
  return {
    name: `${service}/standing-use`,
    watches,
    rests: true,
    run: async (context) => {
      const now = context.clock.now();
      await count(context, service, now, standing(context));
      return { nextAt: hourOf(now) + hourMilliseconds };
    },
  };
}

async function count(context: ReconcilerContext, service: string, now: number, standing: AsyncIterable<Standing>): Promise<void> {
  const { store, signal, giveWay } = context;
  const counted = new Map<string, Counted>();
  for await (const row of standingUse.each(store, [service])) counted.set(row.id, row);
  const hour = hourOf(now);
  let changes: Change[] = [];
  const flush = async (): Promise<void> => {
    signal.throwIfAborted();
    await write(context, service, changes);
    changes = [];
    await giveWay();
  };
  for await (const { since = now, ...present } of standing) {
    const before = counted.get(present.id);
    counted.delete(present.id);
    if (before && isSame(before, present)) {
      if (before.until < hour) changes.push({ before, to: hour, after: { ...present, service, until: hour } });
    } else if (before) changes.push({ before, to: now, after: { ...present, service, until: now } });
    else changes.push({ after: { ...present, service, until: Math.min(since, now) } });
    if (changes.length >= rowsPerWrite) await flush();
  }
  for (const before of counted.values()) {
    changes.push({ before, to: now });
    if (changes.length >= rowsPerWrite) await flush();
  }
  if (changes.length > 0) await flush();
}

type Change = { before?: Counted; /** What stood before is counted up to here. */ to?: number; after?: Counted };

const isSame = (before: Counted, now: Omit<Standing, 'since'>): boolean =>
  before.count === now.count && before.usageType === now.usageType && before.region === now.region && before.account === now.account;

/** Written down before it is metered: a crash between forgets a little rather than charging it twice. */
async function write({ store, meter }: ReconcilerContext, service: string, changes: readonly Change[]): Promise<void> {
  const taken = await store.write(async (tx) => {
    const done: { row: Counted; to: number }[] = [];
    for (const { before, to = 0, after } of changes) {
      const id = (before ?? after)!.id;
      const stored = await standingUse.get(tx, service, id);
      // Another process has been faster.
      if (stored?.until !== before?.until) continue;
      if (after) await standingUse.put(tx, after);
      else await standingUse.delete(tx, service, id);
      if (before && to > before.until) done.push({ row: before, to });
    }
    return done;
  }, 'relaxed');
  for (const { row, to } of taken) meterSpan(meter, service, row, { from: row.until, to });
}

/** Records what has stood over a span: cut at the hours, or at midnights where it is long. */
export function meterSpan(meter: Meter, service: string, use: Omit<Standing, 'id' | 'since'> & Pick<Usage, 'rate'>, span: Span): void {
  const { account, region, usageType, operation, resource, unit, count: pieces, rate } = use;
  const step = span.to - span.from > hourlyStretchMax ? dayMilliseconds : hourMilliseconds;
  for (const { from, to } of piecesOf(span, step)) {
    const hours = (to - from) / hourMilliseconds;
    const quantity = Math.round(pieces * hours * (unit === 'Seconds' ? 3600 : 1) * 1000) / 1000;
    if (quantity <= 0) continue;
    meter.record({
      account,
      region,
      service,
      operation,
      usageType,
      resource,
      unit,
      quantity,
      at: from,
      ...(rate !== undefined && { rate }),
    });
  }
}
