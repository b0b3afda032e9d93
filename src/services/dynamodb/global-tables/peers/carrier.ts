/** Tells other Haneuls what they are to know: notices of tables, then changes of items. One that does not answer is told when it does. */

import type { Reconciler, ReconcilerContext } from '../../../../framework/reconciler.ts';
import type { Store } from '../../../../store/store.ts';
import { feedHeads, replicationNotices, replications, tables } from '../../tables.ts';
import type { TableRecord } from '../../tables/table.ts';
import { isMember, replicaOf, type Replication } from '../global-table.ts';
import { readPage } from '../item-states.ts';
import { markPeerReplica } from '../membership.ts';
import { advance } from '../replication.ts';
import { page as messagePage, sharedSettings, type Message } from './message.ts';
import type { Notice } from './notices.ts';

const retryMilliseconds = 1_000;

export const peerReplication: Reconciler = {
  name: 'dynamodb/peer-replication',
  watches: [feedHeads, tables, replicationNotices],
  run: async (context) => {
    const { store, host } = context;
    if (host.peers.regions.size === 0) return undefined;
    // One that is not reached is left alone for a while: commits wake this often, and each attempt may take long.
    const behind = new Set([...host.peers.regions].filter((region) => context.now < (memoryOf(store).get(region)?.until ?? 0)));
    let isEarly = false;
    for await (const notice of replicationNotices.each(store))
      if (!behind.has(notice.target)) {
        const told = await tell(context, notice);
        if (told === 'unheard') behind.add(notice.target);
        if (told === 'early') isEarly = true;
      }
    for await (const link of replications.each(store))
      if (host.peers.regions.has(link.target) && !behind.has(link.target) && !(await carry(context, link))) behind.add(link.target);
    return behind.size > 0 || isEarly ? { nextAt: context.now + retryMilliseconds } : undefined;
  },
};

type Answer = { status: number; reason: string };

/** When a region that did not answer is to be asked again, and what the log said of it, which it says once. */
type Silence = { until: number; line: string };
const memories = new WeakMap<Store, Map<string, Silence>>();

function memoryOf(store: Store): Map<string, Silence> {
  let memory = memories.get(store);
  if (!memory) memories.set(store, (memory = new Map()));
  return memory;
}

async function send(context: ReconcilerContext, target: string, message: Message): Promise<Answer> {
  const memory = memoryOf(context.store);
  let answer: Answer;
  try {
    const { status, body } = await context.host.peers.send(target, messagePage, JSON.stringify(message));
    answer = { status, reason: reasonIn(body) };
  } catch (error) {
    answer = { status: 0, reason: (error as Error).message };
  }
  const line =
    answer.status === 200 ? '' : `${target} does not take ${message.kind} of table ${message.name}: ${answer.status} ${answer.reason}`;
  if (line !== '' && memory.get(target)?.line !== line) context.log(line);
  memory.set(target, { until: line === '' ? 0 : context.now + retryMilliseconds, line });
  return answer;
}

function reasonIn(body: string): string {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? '';
  } catch {
    // Whatever answers there is no Haneul.
    return body.slice(0, 200);
  }
}

/** `early` where another member is still to ask for the replica there. */
async function tell(context: ReconcilerContext, notice: Notice): Promise<'told' | 'early' | 'unheard'> {
  const { account, region, name, target, create } = notice;
  const about = { account, name, from: region };
  const table = await context.store.read((tx) => tables.get(tx, account, region, name));
  const message: Message | undefined = notice.kind === 'table' ? tableMessage(table, notice) : { ...about, kind: notice.kind };
  const { status, reason } = message ? await send(context, target, message) : { status: 200, reason: '' };
  const isRefused = status === 409;
  if (status === 404 && isMember(table) && table.global.replicas.some((one) => one.region === target && one.status === 'CREATING'))
    return 'early';
  if (status !== 200 && status !== 404 && !isRefused) return 'unheard';
  await context.store.write(async (tx) => {
    const waiting = await replicationNotices.get(tx, account, region, name, target);
    if (waiting?.number === notice.number) await replicationNotices.delete(tx, account, region, name, target);
    else if (waiting && create && status === 200) await replicationNotices.put(tx, withoutCreate(waiting));
    const member = await tables.get(tx, account, region, name);
    if (isRefused && create && isMember(member)) await markPeerReplica(tx, member, target, { status: 'CREATION_FAILED', reason });
  });
  return 'told';
}

const withoutCreate = ({ create: _, ...notice }: Notice): Notice => notice;

function tableMessage(table: TableRecord | undefined, { account, name, region, target, create }: Notice): Message | undefined {
  if (!isMember(table)) return undefined;
  const members = [replicaOf(table), ...table.global.replicas.filter((one) => one.region !== target)];
  const versions = table.global.changed ?? {};
  return { account, name, from: region, kind: 'table', settings: sharedSettings(table), versions, members, ...(create && { create }) };
}

/** False when the other side did not take everything. */
async function carry(context: ReconcilerContext, { account, region, name, target }: Replication): Promise<boolean> {
  const { store, signal } = context;
  while (!signal.aborted) {
    const found = await store.read(async (tx) => {
      const link = await replications.get(tx, account, region, name, target);
      const source = await tables.get(tx, account, region, name);
      const isWaiting = (await replicationNotices.get(tx, account, region, name, target)) !== undefined;
      const isThere = isMember(source) && source.global.replicas.some((one) => one.region === target && one.status !== 'CREATION_FAILED');
      return link && isThere && !isWaiting ? { link, page: await readPage(tx, source, link) } : undefined;
    });
    if (!found || found.page.isLast) return true;
    const { link, page } = found;
    const isFilled = link.filling !== undefined && page.filling === undefined;
    const message: Message = { account, name, from: region, kind: 'items', states: page.states, isFilled };
    if ((await send(context, target, message)).status !== 200) return false;
    await store.write(async (tx) => {
      const present = await replications.get(tx, account, region, name, target);
      if (present?.next !== link.next) return;
      await advance(tx, link, page);
      const source = isFilled ? await tables.get(tx, account, region, name) : undefined;
      if (isMember(source)) await markPeerReplica(tx, source, target, { status: 'ACTIVE' });
    });
  }
  return true;
}
