/** How tables become replicas of each other, and cease to be: all members in this cloud change in one transaction. */

import type { WriteTransaction } from '../../../store/store.ts';
import { headOf } from '../change-feeds/feed.ts';
import { validationException } from '../errors.ts';
import { enableStream } from '../streams/stream.ts';
import { clearances, feedHeads, replications, tables } from '../tables.ts';
import { withoutFeed, type TableRecord } from '../tables/table.ts';
import { isMember, replicaOf, spaceFrom, uuidFrom, type Member, type Overrides, type Replica } from './global-table.ts';
import { notify, notifyPeers, refuseWhileLeaving } from './peers/notices.ts';

const streamView = 'NEW_AND_OLD_IMAGES';

/** What a change of membership is given from outside its transaction. */
export type Means = {
  seed: string;
  now: number;
  /** Regions that lie in other Haneuls. */
  peers?: ReadonlySet<string>;
};

/** The table as the first member of a global table; one that is a member already stays as it is. To be put by the caller. */
export async function becomeMember(tx: WriteTransaction, table: TableRecord, { seed, now }: Means): Promise<Member> {
  if (isMember(table)) return table;
  return withJournal(await withStream(tx, table, { seed, now }), { seed, now });
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html: streams are part of every replica. */
async function withStream(tx: WriteTransaction, table: TableRecord, { seed, now }: Means): Promise<TableRecord> {
  if (!table.stream || table.stream.disabled) return enableStream(tx, table, streamView, spaceFrom(seed, table.region, 'stream'), now);
  if (table.stream.view === streamView) return table;
  throw validationException(`Table must have its stream enabled with ${streamView} to have replicas: ${table.name}`);
}

function withJournal(table: TableRecord, { seed }: Means): Member {
  const space = (what: string): string => spaceFrom(seed, table.region, what);
  const global = { versions: space('versions'), journal: space('journal'), replicas: [], overrides: {} };
  return { ...table, global, feeds: [...(table.feeds ?? []), { kind: 'replication', space: global.journal, view: 'KEYS_ONLY' }] };
}

export type NewReplica = { region: string; overrides: Overrides; tableClass?: string };

/** Makes the table's replica in another region, to be filled by the reconciler; gives the table, to be put by the caller. */
export async function addReplica(tx: WriteTransaction, source: Member, asked: NewReplica, means: Means): Promise<Member> {
  const replica = await newReplica(tx, source, asked, means);
  const others = await membersOf(tx, source);
  for (const other of others) {
    other.global.replicas.push(replicaOf(replica));
    await tables.put(tx, other);
  }
  source.global.replicas.push(replicaOf(replica));
  source.global.sourceSince = means.now;
  replica.global.replicas = [...[source, ...others].map(replicaOf), ...source.global.replicas.filter(({ peer }) => peer)];
  await tables.put(tx, replica);
  const { account, region, name } = replica;
  await linkTo(tx, source, others, region, means.now);
  for (const { region: target } of [source, ...others]) await replications.put(tx, { account, region, name, target, next: 1 });
  return source;
}

/** A table with the settings of its source, of which it holds nothing yet. To be put by the caller. */
export async function newReplica(tx: WriteTransaction, source: TableRecord, asked: NewReplica, means: Means): Promise<Member> {
  const replica = withJournal(await withStream(tx, copyOf(source, asked, means), means), means);
  replica.global.overrides = asked.overrides;
  replica.global.filling = true;
  return replica;
}

/** The same for a region in another Haneul, which is told of it; gives the table, to be put by the caller. */
export async function addPeerReplica(tx: WriteTransaction, source: Member, asked: NewReplica, { now }: Means): Promise<Member> {
  const { region: target, ...settings } = asked;
  await refuseWhileLeaving(tx, source, target);
  const entry: Replica = { region: target, status: 'CREATING', ...settings, peer: true };
  const others = await membersOf(tx, source);
  for (const other of others) {
    other.global.replicas.push(entry);
    await tables.put(tx, other);
  }
  await linkTo(tx, source, others, target, now);
  source.global.replicas.push(entry);
  source.global.sourceSince = now;
  await notify(tx, source, target, { kind: 'table', create: asked });
  return source;
}

/**
 * Journals begin for the new replica where they have been carried to its source: what its source has not heard of by now, it cannot be
 * filled with.
 */
async function linkTo(tx: WriteTransaction, source: Member, others: readonly Member[], target: string, now: number): Promise<void> {
  const { account, name } = source;
  const { next } = await headOf(tx, { account, region: source.region, space: source.global.journal }, now);
  await replications.put(tx, { account, region: source.region, name, target, next, filling: { what: 'items' } });
  for (const { region } of others) {
    const toSource = await replications.get(tx, account, region, name, source.region);
    await replications.put(tx, { account, region, name, target, next: toSource?.next ?? 1 });
  }
}

function copyOf(source: TableRecord, { region, overrides, tableClass }: NewReplica, { seed, now }: Means): TableRecord {
  const { account, name, attributes, keys, billing, throughput, onDemand, warm, timeToLive } = source;
  const shownClass = tableClass ?? source.tableClass;
  return {
    ...{ account, region, name, attributes, keys, billing },
    id: uuidFrom(seed, region),
    space: spaceFrom(seed, region, 'items'),
    created: now,
    ...(source.billingTold && { billingTold: true }),
    ...(billing === 'PAY_PER_REQUEST' && { payPerRequestSince: now }),
    throughput: { read: overrides.read ?? throughput.read, write: throughput.write, decreases: 0 },
    ...(warm && { warm }),
    ...((onDemand || overrides.onDemandRead !== undefined) && { onDemand: { ...onDemand, ...onDemandRead(overrides.onDemandRead) } }),
    indexes: source.indexes.map(({ throughput: units, ...index }) => {
      const read = overrides.indexes?.find((one) => one.name === index.name)?.read;
      return {
        ...index,
        space: spaceFrom(seed, region, 'index', index.name),
        ...(units && { throughput: { read: read ?? units.read, write: units.write, decreases: 0 } }),
      };
    }),
    deletionProtection: false,
    ...(timeToLive !== undefined && { timeToLive }),
    ...(shownClass !== undefined && { tableClass: shownClass }),
    items: 0,
    bytes: 0,
  };
}

export const onDemandRead = (read: number | undefined): { MaxReadRequestUnits?: number } =>
  read === undefined ? {} : { MaxReadRequestUnits: read };

/** The other members that lie in this cloud. */
export async function membersOf(tx: WriteTransaction, { account, name, global }: Member): Promise<Member[]> {
  const members: Member[] = [];
  for (const { region } of global.replicas) {
    const member = await tables.get(tx, account, region, name);
    if (isMember(member)) members.push(member);
  }
  return members;
}

/** The others tell of this member as it is now, and those in other Haneuls hear of it. */
export async function tellOthers(tx: WriteTransaction, table: Member): Promise<void> {
  for (const other of await membersOf(tx, table)) {
    other.global.replicas = other.global.replicas.map((one) => (one.region === table.region ? replicaOf(table) : one));
    await tables.put(tx, other);
  }
  await notifyPeers(tx, table, 'table');
}

/** What all members here tell of a replica in another Haneul. */
export async function markPeerReplica(tx: WriteTransaction, table: Member, target: string, mark: Partial<Replica>): Promise<void> {
  for (const member of [table, ...(await membersOf(tx, table))]) {
    member.global.replicas = member.global.replicas.map((one) => (one.region === target ? { ...one, ...mark } : one));
    await tables.put(tx, member);
  }
}

/** The members here forget one in another Haneul; one that has no other left is an ordinary table again. */
export async function forgetPeerReplica(tx: WriteTransaction, table: Member, target: string): Promise<void> {
  for (const member of [table, ...(await membersOf(tx, table))]) {
    member.global.replicas = member.global.replicas.filter(({ region }) => region !== target);
    await unlink(tx, member, target);
    await tables.put(tx, member.global.replicas.length > 0 ? member : await alone(tx, member));
  }
}

/** The table without its replicas in other Haneuls, to be put by the caller. */
export async function withoutPeers(tx: WriteTransaction, table: Member): Promise<TableRecord> {
  for (const { region, peer } of table.global.replicas) if (peer) await unlink(tx, table, region);
  const replicas = table.global.replicas.filter(({ peer }) => !peer);
  return replicas.length > 0 ? { ...table, global: { ...table.global, replicas } } : alone(tx, table);
}

/** A member that is being deleted: the others forget it, and the last one left is an ordinary table again. */
export async function leave(tx: WriteTransaction, table: Member): Promise<void> {
  for (const other of await membersOf(tx, table)) {
    other.global.replicas = other.global.replicas.filter(({ region }) => region !== table.region);
    await unlink(tx, other, table.region);
    await unlink(tx, table, other.region);
    if (other.global.replicas.length > 0) await tables.put(tx, other);
    // One of the old version may be the only one of its global table.
    else if (other.global.legacy) await tables.put(tx, withoutFeed(other, other.global.journal));
    else await tables.put(tx, await alone(tx, other));
  }
  for (const { region, peer } of table.global.replicas) if (peer) await unlink(tx, table, region);
  await notifyPeers(tx, table, 'leave');
  await alone(tx, table);
}

const unlink = (tx: WriteTransaction, { account, region, name }: TableRecord, target: string): Promise<void> =>
  replications.delete(tx, account, region, name, target);

/** The table as an ordinary one, to be put by the caller. */
export async function alone(tx: WriteTransaction, { global, ...table }: Member): Promise<TableRecord> {
  const { account, region } = table;
  await feedHeads.delete(tx, account, region, global.journal);
  for (const space of [global.journal, global.versions]) await clearances.put(tx, { account, region, space });
  return withoutFeed(table, global.journal);
}
