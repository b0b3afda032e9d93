/** Finds tables by the name or ARN that a call gives. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import { parseArn } from '../../../framework/arn.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { extendKey } from '../../../store/keys.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { resourceNotFound, tableNotFound, validationException } from '../errors.ts';
import { tables } from '../tables.ts';
import { isUnready, type TableRecord } from './table.ts';

/** Where a table is to be looked for. */
export type TablePlace = { account: string; region: string; name: string };

/** Where the table of a `TableName` is: a name means the caller's own account and region, an ARN says it. */
export function placeOf(request: Pick<ServiceRequest, 'account' | 'region'>, tableName: string): TablePlace {
  if (!tableName.startsWith('arn:')) return { account: request.account, region: request.region, name: tableName };
  const arn = parseArn(tableName);
  const name = arn?.service === 'dynamodb' ? /^table\/([^/]+)$/.exec(arn.resource)?.[1] : undefined;
  if (!arn || name === undefined || arn.region !== request.region) throw validationException('Invalid table/index name');
  return { account: arn.account, region: arn.region, name };
}

/** Records by their stored text: the text is read in every transaction, so what is remembered can never be old. */
const parsed = new Map<string, TableRecord>();
const parsedMax = 1_000;

export async function findTable(tx: ReadTransaction, { account, region, name }: TablePlace): Promise<TableRecord | undefined> {
  const text = await tx.get(extendKey(tables.prefix, [account, region, name]));
  if (text === undefined) return undefined;
  const known = parsed.get(text);
  if (known) return known;
  const record = await tables.get(tx, account, region, name);
  keepNewest(parsed, parsedMax, text, record!);
  return record;
}

/** The table, for calls on items; the record is shared and must not be changed. */
export async function requireTable(tx: ReadTransaction, place: TablePlace): Promise<TableRecord> {
  const table = await findTable(tx, place);
  if (!table || isUnready(table)) throw resourceNotFound();
  return table;
}

/** The table, for calls on tables; a copy that may be changed. */
export async function requireNamedTable(tx: ReadTransaction, place: TablePlace, missing = tableNotFound): Promise<TableRecord> {
  const table = await tables.get(tx, place.account, place.region, place.name);
  if (!table) throw missing(place.name);
  return table;
}
