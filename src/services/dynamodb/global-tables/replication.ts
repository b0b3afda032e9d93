/** Carries changes of global tables to their other replicas, and fills new ones. A replica that has no throughput left, or cannot be reached, is told later. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { recordKey } from '../change-feeds/feed.ts';
import type { Units } from '../items/capacity.ts';
import { feedHeads, replications, tables } from '../tables.ts';
import { globalIndexes, indexArn, tableArn } from '../tables/table.ts';
import { isThrottled, spend } from '../throughput/buckets.ts';
import { isMember, type Member, type Replication } from './global-table.ts';
import { readPage, takeState, type ItemState, type Page } from './item-states.ts';
import { tellOthers } from './membership.ts';

const retryMilliseconds = 1_000;

export const replication: Reconciler = {
  name: 'dynamodb/replication',
  watches: [feedHeads, tables],
  run: async (context) => {
    let isBehind = false;
    for await (const link of replications.each(context.store)) if (!(await carry(context, link))) isBehind = true;
    return isBehind ? { nextAt: context.now + retryMilliseconds } : undefined;
  },
};

type Place = [account: string, region: string, name: string];

/** False when the other region did not take everything. */
async function carry(context: ReconcilerContext, { account, region, name, target }: Replication): Promise<boolean> {
  const { store, signal } = context;
  const place: Place = [account, region, name];
  while (!signal.aborted) {
    const found = await store.read(async (tx) => {
      const link = await replications.get(tx, ...place, target);
      const source = await tables.get(tx, ...place);
      const to = await tables.get(tx, account, target, name);
      return link && isMember(source) && isMember(to) ? { link, to, page: await readPage(tx, source, link) } : undefined;
    });
    if (!found || found.page.isLast) return true;
    const { link, to, page } = found;
    if (isThrottled(context, to, 'write')) return false;
    const used = await store.write((tx) => deliver(tx, link, page, context.now));
    if (used) meterTaken(context, used.table, used.units);
  }
  return true;
}

/** Both requests of peers and the reconciler have it. */
type Metered = Pick<ReconcilerContext, 'store' | 'now' | 'meter'>;

type Delivered = { table: Member; units: Units[] };

/** What has been taken, and the new position, in one transaction. Nothing when either table has gone meanwhile. */
async function deliver(tx: WriteTransaction, link: Replication, page: Page, now: number): Promise<Delivered | undefined> {
  const { account, region, name, target } = link;
  const present = await replications.get(tx, account, region, name, target);
  const table = await tables.get(tx, account, target, name);
  if (!present || present.next !== link.next || !isMember(table)) return undefined;
  const units = await takeStates(tx, table, page.states, now);
  if (await advance(tx, link, page)) await finishFilling(tx, [account, target, name]);
  return { table, units };
}

export async function takeStates(tx: WriteTransaction, table: Member, states: readonly ItemState[], now: number): Promise<Units[]> {
  const units: Units[] = [];
  for (const state of states) {
    const taken = await takeState(tx, table, state, now);
    if (taken) units.push(taken);
  }
  return units;
}

/** The position after a page; `isFilled` when the new replica waits for nothing more. */
export async function advance(tx: WriteTransaction, link: Replication, { next, filling }: Page): Promise<boolean> {
  const { account, region, name } = link;
  const { filling: before, ...rest } = link;
  await replications.put(tx, { ...rest, next, ...(filling && { filling }) });
  if (next > link.next) await trimJournal(tx, [account, region, name]);
  return before !== undefined && filling === undefined;
}

/** The replica has everything: it can be used. */
export async function finishFilling(tx: WriteTransaction, place: Place): Promise<void> {
  const table = await tables.get(tx, ...place);
  if (!isMember(table)) return;
  delete table.global.filling;
  await tables.put(tx, table);
  await tellOthers(tx, table);
}

/** What every other member has been told is not needed any more. */
async function trimJournal(tx: WriteTransaction, place: Place): Promise<void> {
  const source = await tables.get(tx, ...place);
  if (!isMember(source)) return;
  const { account, region, global } = source;
  const links = await replications.scan(tx, place);
  const told = Math.min(...links.map(({ row }) => row.next));
  const journal = { account, region, space: global.journal };
  await tx.deleteRange({ gte: recordKey(journal, 0), lt: recordKey(journal, told) });
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_reqs_bestpractices.html */
export function meterTaken(context: Metered, table: Member, taken: readonly Units[]): void {
  for (const units of taken) spend(context, table, units);
  const ofTable = taken.reduce((sum, { table: own, local }) => sum + own + sumOf(local.values()), 0);
  meterWrites(context, table, tableArn(table), ofTable);
  for (const { name } of globalIndexes(table))
    meterWrites(context, table, indexArn(table, name), sumOf(taken.map(({ global }) => global.get(name) ?? 0)));
}

function sumOf(numbers: Iterable<number>): number {
  let sum = 0;
  for (const one of numbers) sum += one;
  return sum;
}

function meterWrites(context: Metered, table: Member, resource: string, quantity: number): void {
  if (quantity === 0) return;
  const { account, region } = table;
  context.meter.record({
    ...{ account, region, service: 'dynamodb', operation: 'ReplicatedWrite', at: context.now, resource },
    ...{ quantity, unit: 'Count' },
    // Replicas of provisioned tables are billed for their capacity, used or not. Auto scaling follows what is used.
    ...(table.billing === 'PAY_PER_REQUEST'
      ? { usageType: 'ReplWriteRequestUnits' }
      : { usageType: 'ReplConsumedWriteCapacityUnits', unbilled: true as const }),
  });
}
