/** DeleteParameter and DeleteParameters. */

import type { WriteTransaction } from '../../../store/store.ts';
import { parameterNotFound } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { labels, parameters, parameterVersions, type Parameter } from '../tables.ts';
import { findParameter, type Place } from './lookup.ts';
import { knownName, requireNames } from './names.ts';
import { changeCount } from './put.ts';

/** Removes a parameter with its versions and labels; false where there is none. */
export async function remove(tx: WriteTransaction, place: Place, given: string): Promise<Parameter | undefined> {
  const found = await findParameter(tx, place, given);
  if (!found) return undefined;
  const { account, region, name } = found;
  for (const { row } of await parameterVersions.scan(tx, [account, region, name]))
    await parameterVersions.delete(tx, account, region, name, row.version);
  for (const { row } of await labels.scan(tx, [account, region, name])) await labels.delete(tx, account, region, name, row.label);
  await parameters.delete(tx, account, region, name);
  await changeCount(tx, found, found.tier, -1);
  return found;
}

export const DeleteParameter: Operation<'DeleteParameter'> = async (request, { Name }) => {
  const name = knownName(Name);
  if (!(await request.store.write((tx) => remove(tx, request, name)))) throw parameterNotFound();
  return {};
};

export const DeleteParameters: Operation<'DeleteParameters'> = async (request, { Names }) => {
  requireNames(Names);
  const names = [...new Set(Names.map(knownName))];
  const there = await request.store.write(async (tx) => {
    const removed: string[] = [];
    for (const name of names) if (await remove(tx, request, name)) removed.push(name);
    return removed;
  });
  return { DeletedParameters: there, InvalidParameters: names.filter((name) => !there.includes(name)) };
};
