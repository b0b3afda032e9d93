/** Takes what another Haneul says of a global table that both have. Every message may come twice, and late. */

import type { HttpResponse } from '../../../../framework/http-message.ts';
import type { ServiceRequest } from '../../../../framework/request.ts';
import type { WriteTransaction } from '../../../../store/store.ts';
import { replications, tables } from '../../tables.ts';
import { removeTable } from '../../tables/removal.ts';
import { tableArn, type TableIndex, type TableRecord } from '../../tables/table.ts';
import { isThrottled } from '../../throughput/buckets.ts';
import { isMember, type Member, type Replica, type SettingsGroup, type SettingsVersions } from '../global-table.ts';
import { forgetPeerReplica, membersOf, newReplica, withoutPeers, type Means } from '../membership.ts';
import { finishFilling, meterTaken, takeStates } from '../replication.ts';
import { mirror } from '../settings.ts';
import { isLater } from '../version.ts';
import { parseMessage, type Message } from './message.ts';

type Of<Kind extends Message['kind']> = Extract<Message, { kind: Kind }>;
type Answer = { status: number; message?: string };
const taken: Answer = { status: 200 };
const refusal = (status: number, message: string): Answer => ({ status, message });

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html: what AWS asks for the like. */
const actions: Readonly<Record<Message['kind'], string>> = {
  table: 'ReplicateSettings',
  items: 'WriteDataForReplication',
  leave: 'ReplicateSettings',
  delete: 'DeleteTableReplica',
};

export async function takeMessage(request: ServiceRequest, body: Buffer): Promise<HttpResponse> {
  const message = parseMessage(body);
  const { account, region } = request;
  const resource = tableArn({ account, region, name: message.name });
  const action = message.kind === 'table' && message.create ? 'CreateTableReplica' : actions[message.kind];
  await request.permit({ action: `dynamodb:${action}`, resource, resourceAccount: account });
  const { status, message: text } = await take(request, message);
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(text === undefined ? {} : { message: text }) };
}

async function take(request: ServiceRequest, message: Message): Promise<Answer> {
  const { account, region, host, now } = request;
  if (message.account !== account) return refusal(409, `The key is of account ${account}, the table of another`);
  if (host.peers.regions.has(region)) return refusal(409, `${region} lies in yet another Haneul`);
  const place: Place = [account, region, message.name];
  if (message.kind === 'items') return takeItems(request, place, message);
  const means = { seed: request.random.uuid(), now };
  if (message.kind === 'table') return request.store.write((tx) => takeTable(tx, place, message, means, host.peers.regions));
  return request.store.write((tx) => (message.kind === 'leave' ? takeLeave(tx, place, message.from) : takeDelete(tx, place, now)));
}

type Place = [account: string, region: string, name: string];

async function takeItems(request: ServiceRequest, place: Place, { states, isFilled }: Of<'items'>): Promise<Answer> {
  const { now } = request;
  const outcome = await request.store.write(async (tx) => {
    const table = await tables.get(tx, ...place);
    if (!isMember(table)) return refusal(404, `${place[1]} has no replica of table ${place[2]}`);
    if (isThrottled(request, table, 'write')) return refusal(429, `Table ${place[2]} has no throughput left`);
    const units = await takeStates(tx, table, states, now);
    if (isFilled && table.global.filling) await finishFilling(tx, place);
    return { table, units };
  });
  if ('status' in outcome) return outcome;
  meterTaken(request, outcome.table, outcome.units);
  return taken;
}

async function takeTable(
  tx: WriteTransaction,
  place: Place,
  message: Of<'table'>,
  means: Means,
  peers: ReadonlySet<string>,
): Promise<Answer> {
  const [account, region, name] = place;
  const present = await tables.get(tx, ...place);
  if (present && !isMember(present)) return refusal(409, `Table ${name} exists in ${region}, and is no replica`);
  if (!present && !message.create) return refusal(404, `${region} has no replica of table ${name}`);
  const members = present ? [present, ...(await membersOf(tx, present))] : [];
  const others = message.members.filter((one) => one.region !== region && !members.some((member) => member.region === one.region));
  const unknown = others.find((one) => !peers.has(one.region));
  if (unknown) return refusal(409, `The Haneul of ${region} has no peer for ${unknown.region}`);
  const source = sourceOf(account, message);
  if (!present) {
    const made = await newReplica(tx, source, { ...message.create!, region }, means);
    await putMember(tx, made, peersOf(others), message.from, message.versions);
    return taken;
  }
  const changed = laterOf(present.global.changed, message.versions);
  for (const member of members) {
    const next = await mirror(tx, member, asTold(member, source, message, changed.groups), means.seed);
    // What a member says of itself holds in any case.
    const told = changed.groups.includes('members') ? others : present.global.replicas.filter(({ peer }) => peer).map(ownWord(message));
    await putMember(tx, next, peersOf(told), message.from, changed.versions);
  }
  return taken;
}

const peersOf = (replicas: readonly Replica[]): Replica[] => replicas.map((one) => ({ ...one, peer: true }));

const ownWord =
  ({ from, members }: Of<'table'>) =>
  (one: Replica): Replica =>
    (one.region === from && members.find(({ region }) => region === from)) || one;

/** The groups of which another change is later, and the versions after it. */
function laterOf(present: SettingsVersions = {}, told: SettingsVersions): { groups: SettingsGroup[]; versions: SettingsVersions } {
  const versions = { ...present };
  const groups = (Object.keys(told) as SettingsGroup[]).filter((group) => {
    const before = present[group];
    return !before || isLater(told[group]!, before);
  });
  for (const group of groups) versions[group] = told[group]!;
  return { groups, versions };
}

/** A member as it is, but for the groups of settings that were changed later elsewhere. */
function asTold(member: Member, source: TableRecord, { settings }: Of<'table'>, groups: readonly SettingsGroup[]): Member {
  const { timeToLive: _, onDemand: __, ...kept } = member;
  const { billing, throughput, onDemand, attributes, indexes, timeToLive } = source;
  const expiring = groups.includes('timeToLive') ? timeToLive : member.timeToLive;
  const limits = groups.includes('capacity') ? onDemand : member.onDemand;
  const overrides = groups.includes('capacity') ? settings.overrides : member.global.overrides;
  return {
    ...kept,
    ...(groups.includes('capacity') && { billing, throughput, ...(source.billingTold && { billingTold: true }) }),
    ...(groups.includes('indexes') && { attributes, indexes }),
    ...(expiring !== undefined && { timeToLive: expiring }),
    ...(limits && { onDemand: limits }),
    global: { ...member.global, overrides },
  };
}

/** The table that is told of, as if it were here. */
function sourceOf(account: string, { name, from, settings }: Of<'table'>): TableRecord {
  const { overrides: _, indexes, ...shared } = settings;
  return {
    ...shared,
    ...{ account, region: from, name, id: '', space: '', created: 0, deletionProtection: false, items: 0, bytes: 0 },
    indexes: indexes.map((index): TableIndex => ({ ...index, space: '' })),
  };
}

/** The member with the replicas in other Haneuls that it is to have, each linked with it; new ones hear what the teller has not. */
async function putMember(
  tx: WriteTransaction,
  member: Member,
  peers: readonly Replica[],
  from: string,
  changed: SettingsVersions,
): Promise<void> {
  const { account, region, name } = member;
  const before = member.global.replicas.filter(({ peer }) => peer);
  const next = (await replications.get(tx, account, region, name, from))?.next ?? 1;
  for (const { region: target } of peers)
    if (!before.some((one) => one.region === target)) await replications.put(tx, { account, region, name, target, next });
  for (const { region: target } of before)
    if (!peers.some((one) => one.region === target)) await replications.delete(tx, account, region, name, target);
  const replicas = [...member.global.replicas.filter(({ peer }) => !peer), ...peers];
  await tables.put(tx, { ...member, global: { ...member.global, replicas, changed } });
}

async function takeLeave(tx: WriteTransaction, place: Place, from: string): Promise<Answer> {
  const table = await tables.get(tx, ...place);
  if (isMember(table) && table.global.replicas.some((one) => one.region === from && one.peer)) await forgetPeerReplica(tx, table, from);
  return taken;
}

/** The other Haneuls know already. A protected table stays, as one that has no replicas there. */
async function takeDelete(tx: WriteTransaction, place: Place, now: number): Promise<Answer> {
  const table = await tables.get(tx, ...place);
  if (!isMember(table)) return taken;
  const left = await withoutPeers(tx, table);
  await tables.put(tx, left);
  const isCopied = left.feeds?.some(({ kind }) => kind === 'backup');
  if (!left.deletionProtection && !isCopied) await removeTable(tx, withoutSource(left), now);
  return taken;
}

/** What was decided elsewhere is not held up by the day that a source has to stay. */
function withoutSource(table: TableRecord): TableRecord {
  if (!isMember(table)) return table;
  const { sourceSince: _, ...global } = table.global;
  return { ...table, global };
}
