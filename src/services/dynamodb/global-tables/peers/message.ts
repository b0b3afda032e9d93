/** What Haneuls say to each other of their global tables: a post to `/_aws/dynamodb/replication`, in the region of the replica that it is for. */

import { validationException } from '../../errors.ts';
import type { KeyAttribute, KeySchema, TableIndex, TableRecord, Throughput } from '../../tables/table.ts';
import type { Member, Overrides, Replica, SettingsVersions } from '../global-table.ts';
import type { ItemState } from '../item-states.ts';
import type { Version } from '../version.ts';
import type { NewReplica } from '../membership.ts';

export const page = 'dynamodb/replication';

/** Settings that all members share. */
export type SharedSettings = {
  attributes: KeyAttribute[];
  keys: KeySchema;
  billing: TableRecord['billing'];
  billingTold?: true;
  throughput: Throughput;
  onDemand?: NonNullable<TableRecord['onDemand']>;
  indexes: Pick<TableIndex, 'name' | 'kind' | 'keys' | 'projection' | 'throughput'>[];
  timeToLive?: string;
  tableClass?: string;
  /** Those of the member that tells. */
  overrides: Overrides;
};

export type Message = { account: string; name: string; /** Where it comes from. */ from: string } & (
  | {
      kind: 'table';
      settings: SharedSettings;
      versions: SettingsVersions;
      members: Replica[];
      /** Asks for the replica itself. */ create?: NewReplica;
    }
  | { kind: 'items'; states: ItemState[]; /** These were the last that the new replica has to wait for. */ isFilled: boolean }
  | { kind: 'leave' }
  | { kind: 'delete' }
);

const kinds: ReadonlySet<unknown> = new Set(['table', 'items', 'leave', 'delete']);

/** A version from beyond all time would win for ever. */
function isState({ version, json }: ItemState): boolean {
  const { time, region, key } = (version as Partial<Version> | undefined) ?? {};
  const isVersion = Number.isSafeInteger(time) && time! >= 0 && time! < timeMax && typeof region === 'string';
  return isVersion && typeof (json ?? key) === 'string';
}

/** The last moment that a Date can tell. */
const timeMax = 8.64e15;

/** A message of a peer, who has been authorised by then: only its form is looked at. Throws ValidationException. */
export function parseMessage(body: Buffer): Message {
  let message: Partial<Message>;
  try {
    message = JSON.parse(body.toString('utf8')) as Partial<Message>;
  } catch (error) {
    throw validationException(`A message of a peer is JSON: ${(error as Error).message}`);
  }
  const { account, name, from, kind } = message;
  const isNamed =
    typeof name === 'string' && /^[a-zA-Z0-9_.-]{3,255}$/.test(name) && typeof from === 'string' && typeof account === 'string';
  const isWhole =
    (message.kind !== 'items' || (Array.isArray(message.states) && message.states.every(isState))) &&
    (message.kind !== 'table' ||
      (Array.isArray(message.members) && Array.isArray(message.settings?.indexes) && message.versions !== undefined));
  if (!isNamed || !kinds.has(kind) || !isWhole) throw validationException('This is no message of a peer');
  return message as Message;
}

export function sharedSettings(table: Member): SharedSettings {
  const { attributes, keys, billing, throughput, onDemand, timeToLive, tableClass } = table;
  return {
    ...{ attributes, keys, billing, throughput },
    ...(table.billingTold && { billingTold: true }),
    ...(onDemand && { onDemand }),
    indexes: table.indexes.map((index) => ({
      ...{ name: index.name, kind: index.kind, keys: index.keys, projection: index.projection },
      ...(index.throughput && { throughput: index.throughput }),
    })),
    ...(timeToLive !== undefined && { timeToLive }),
    ...(tableClass !== undefined && { tableClass }),
    overrides: table.global.overrides,
  };
}
