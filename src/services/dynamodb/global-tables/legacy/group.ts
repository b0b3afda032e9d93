/**
 * Global tables of version 2017.11.29: tables of one name that were made empty in several regions, and joined. They replicate as those of
 * the present version do, but each keeps settings of its own, and one that leaves stays as an ordinary table.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables.V1.html
 */

import type { GlobalTableDescription } from '@aws-sdk/client-dynamodb';
import { arn } from '../../../../framework/arn.ts';
import { AwsError, notImplemented } from '../../../../framework/aws-error.ts';
import { below } from '../../../../store/keys.ts';
import type { ReadTransaction, WriteTransaction } from '../../../../store/store.ts';
import { headOf } from '../../change-feeds/feed.ts';
import { validationException } from '../../errors.ts';
import { spacePrefix } from '../../storage/keys.ts';
import { replications, tables } from '../../tables.ts';
import { isFilling, withoutFeed, type KeySchema, type TableRecord } from '../../tables/table.ts';
import { isMember, replicaOf, spaceFrom, type Member } from '../global-table.ts';
import { alone, type Means } from '../membership.ts';

/** A member of a global table of the old version. */
export type LegacyMember = Member & { global: { legacy: { created: number } } };

export const isLegacyMember = (table: TableRecord | undefined): table is LegacyMember =>
  isMember(table) && table.global.legacy !== undefined;

export const noGlobalTable = (name: string): AwsError =>
  new AwsError('GlobalTableNotFoundException', `Global table not found: Global table with name '${name}' does not exist`);

/** All members of an account's global tables of the old version, in order of their names, then of their regions. */
export async function legacyMembers(tx: ReadTransaction, account: string): Promise<LegacyMember[]> {
  const all = await tables.scan(tx, [account]);
  const members = all.map(({ row }) => row).filter(isLegacyMember);
  return members.toSorted((one, other) => compare(one.name, other.name) || compare(one.region, other.region));
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Throws GlobalTableNotFoundException. */
export async function requireGroup(tx: ReadTransaction, account: string, name: string): Promise<LegacyMember[]> {
  const members = (await legacyMembers(tx, account)).filter((member) => member.name === name);
  if (members.length === 0) throw noGlobalTable(name);
  return members;
}

export function describeGroup(members: readonly LegacyMember[]): GlobalTableDescription {
  const { account, name, global } = members[0]!;
  return {
    GlobalTableName: name,
    GlobalTableArn: arn('dynamodb', '', account, `global-table/${name}`),
    GlobalTableStatus: 'ACTIVE',
    CreationDateTime: new Date(global.legacy.created),
    ReplicationGroup: members.map(({ region }) => ({ RegionName: region, ReplicaStatus: 'ACTIVE' })),
  };
}

/**
 * Joins the tables of regions to a group, which may be empty yet, and gives the whole of it. Throws TableNotFoundException, and
 * ValidationException where they do not fit each other.
 */
export async function join(
  tx: WriteTransaction,
  account: string,
  name: string,
  regions: readonly string[],
  group: readonly LegacyMember[],
  means: Means,
): Promise<LegacyMember[]> {
  const created = group[0]?.global.legacy.created ?? means.now;
  const joining: LegacyMember[] = [];
  for (const region of regions) {
    if (means.peers?.has(region)) throw notImplemented('dynamodb:CreateGlobalTable with a region of another Haneul');
    const table = await tables.get(tx, account, region, name);
    if (!table) throw new AwsError('TableNotFoundException', `Table not found: ${name} in region ${region}`);
    checkFit(table);
    const space = (what: string): string => spaceFrom(means.seed, region, what);
    const global = { versions: space('versions'), journal: space('journal'), replicas: [], overrides: {}, legacy: { created } };
    joining.push({ ...table, global });
  }
  const members = [...group, ...joining];
  for (const member of members) {
    checkAlike(members[0]!, member);
    await requireEmpty(tx, member);
  }
  for (const member of joining) await link(tx, member, members, means.now);
  for (const member of group) await link(tx, member, joining, means.now);
  return putGroup(tx, members);
}

/** Every member tells of every other one; a journal is kept while there is somebody to read it. */
async function putGroup(tx: WriteTransaction, members: readonly LegacyMember[]): Promise<LegacyMember[]> {
  const group: LegacyMember[] = [];
  for (const member of members) {
    const replicas = members.filter((one) => one !== member).map(replicaOf);
    const { journal } = member.global;
    const silent = withoutFeed(member, journal);
    const feeds = replicas.length > 0 && [
      ...(silent.feeds ?? []),
      { kind: 'replication' as const, space: journal, view: 'KEYS_ONLY' as const },
    ];
    const next = { ...silent, ...(feeds && { feeds }), global: { ...member.global, replicas } };
    await tables.put(tx, next);
    group.push(next);
  }
  return group;
}

/** What the member writes from now on goes to the others. */
async function link(tx: WriteTransaction, member: LegacyMember, others: readonly LegacyMember[], now: number): Promise<void> {
  const { account, region, name, global } = member;
  const { next } = await headOf(tx, { account, region, space: global.journal }, now);
  for (const { region: target } of others) if (target !== region) await replications.put(tx, { account, region, name, target, next });
}

/** The tables of these regions are ordinary ones again. Gives who is left. Throws ReplicaNotFoundException. */
export async function part(tx: WriteTransaction, group: readonly LegacyMember[], regions: readonly string[]): Promise<LegacyMember[]> {
  for (const region of regions) {
    const member = group.find((one) => one.region === region);
    if (!member)
      throw new AwsError('ReplicaNotFoundException', `Replica not found: global table ${group[0]!.name} has none in region ${region}`);
    const { account, name } = member;
    for (const other of group) {
      await replications.delete(tx, account, region, name, other.region);
      await replications.delete(tx, account, other.region, name, region);
    }
    await tables.put(tx, await alone(tx, member));
  }
  return putGroup(
    tx,
    group.filter(({ region }) => !regions.includes(region)),
  );
}

function checkFit(table: TableRecord): void {
  const where = `${table.name} in region ${table.region}`;
  if (isMember(table)) throw validationException(`Table ${where} is a replica of a global table already`);
  if (table.sse) throw notImplemented('dynamodb:CreateGlobalTable with a table with a KMS key');
  if (table.vectors?.length) throw notImplemented('dynamodb:CreateGlobalTable with a table with vector indexes');
  if (isFilling(table)) throw validationException(`Table ${where} is being created`);
  if (!table.stream || table.stream.disabled || table.stream.view !== 'NEW_AND_OLD_IMAGES')
    throw validationException(`Table ${where} must have its stream enabled with NEW_AND_OLD_IMAGES`);
}

function checkAlike(one: TableRecord, other: TableRecord): void {
  const keys = (schema: KeySchema): string => JSON.stringify(schema.map(({ name, type, hash }) => [name, type, hash]));
  const indexes = ({ indexes: own }: TableRecord): string =>
    JSON.stringify(own.map((index) => [index.kind, index.name, keys(index.keys)]).toSorted());
  const differ = (what: string): never => {
    throw validationException(`Tables ${one.name} in regions ${one.region} and ${other.region} must have the same ${what}`);
  };
  if (keys(one.keys) !== keys(other.keys)) differ('key schema');
  if (indexes(one) !== indexes(other)) differ('secondary indexes');
  if (one.billing !== other.billing) differ('billing mode');
  if (one.throughput.write !== other.throughput.write) differ('write capacity units');
}

async function requireEmpty(tx: ReadTransaction, table: TableRecord): Promise<void> {
  const [row] = await tx.range({ ...below(spacePrefix(table, table.space)), limit: 1 });
  if (row) throw validationException(`Table ${table.name} in region ${table.region} must not contain any data`);
}
