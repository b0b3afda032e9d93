/**
 * The moment in which a table is CREATING or UPDATING. On AWS it takes seconds, and waiters of SDKs look at once and then sleep for twenty:
 * so the first DescribeTable ends it, and a reconciler does where nobody looks.
 */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { Store, WriteTransaction } from '../../../store/store.ts';
import { resourceInUse } from '../errors.ts';
import { transitionMilliseconds } from '../limits.ts';
import { tables, transitions, type Transition } from '../tables.ts';
import type { TablePlace } from './lookup.ts';
import type { TableRecord, Throughput } from './table.ts';

/** Where the clock stands still a transition is over by the next pass but one. */
const passMilliseconds = 1_000;

/** To be written with the table that begins it. */
export async function beginTransition(tx: WriteTransaction, { account, region, name, id }: TableRecord, now: number): Promise<void> {
  await transitions.put(tx, { account, region, name, id, since: now });
}

/** Throws ResourceInUseException for a table that is being created: it can be neither changed nor deleted. */
export function refuseCreating({ creating, name }: TableRecord, now: number): void {
  if (creating !== undefined && now < creating + transitionMilliseconds)
    throw resourceInUse(`Attempt to change a resource which is still in use: Table is being created: ${name}`);
}

export const inTransition = ({ creating, updating }: TableRecord): boolean => creating !== undefined || updating !== undefined;

/** The table as it is when its transition is over; undefined when it has gone. */
export function endTransition(store: Store, { account, region, name }: TablePlace, now: number): Promise<TableRecord | undefined> {
  return store.write(async (tx) => {
    await transitions.delete(tx, account, region, name);
    const table = await tables.get(tx, account, region, name);
    if (!table || !inTransition(table)) return table;
    const ended = settledTable(table, now);
    await tables.put(tx, ended);
    return ended;
  });
}

function settledTable(table: TableRecord, now: number): TableRecord {
  const { creating: _, updating, ...rest } = table;
  if (updating === undefined) return rest;
  // A change of throughput has taken some time: it ends later than it was asked for.
  const at = Math.max(now, updating + 1);
  const ended = (throughput: Throughput): Throughput => ({
    ...throughput,
    ...(throughput.increased === updating && { increased: at }),
    ...(throughput.decreased === updating && { decreased: at }),
  });
  const indexes = rest.indexes.map((index) => (index.throughput ? { ...index, throughput: ended(index.throughput) } : index));
  return { ...rest, throughput: ended(rest.throughput), indexes };
}

/** Seen by an earlier pass. */
const seen = new WeakMap<Store, Set<string>>();

export const transitionEnder: Reconciler = {
  name: 'dynamodb/transitions',
  watches: [transitions],
  everyReal: passMilliseconds,
  async run({ store, clock, signal }: ReconcilerContext) {
    const before = seen.get(store) ?? new Set();
    const met = new Set<string>();
    let nextAt = Infinity;
    for await (const transition of transitions.each(store)) {
      signal.throwIfAborted();
      const name = nameOf(transition);
      const over = transition.since + transitionMilliseconds;
      if (before.has(name) || clock.now() >= over) {
        await endTransition(store, transition, clock.now());
        continue;
      }
      met.add(name);
      nextAt = Math.min(nextAt, over);
    }
    seen.set(store, met);
    return nextAt === Infinity ? {} : { nextAt };
  },
};

const nameOf = ({ account, region, name, id, since }: Transition): string => JSON.stringify([account, region, name, id, since]);
