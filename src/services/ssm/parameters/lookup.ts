/** Finding parameters, their versions and labels in the store. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { invalidNextToken, parameterNotFound, parameterVersionNotFound, unsatisfied } from '../errors.ts';
import { labels, parameters, parameterVersions, type Parameter, type ParameterVersion } from '../tables.ts';
import { otherName, type Reference } from './names.ts';

export type Place = Pick<ServiceRequest, 'account' | 'region'>;

/** A parameter by its name, with a slash before a name of one level or without. */
export async function findParameter(tx: ReadTransaction, { account, region }: Place, name: string): Promise<Parameter | undefined> {
  const other = otherName(name);
  return (
    (await parameters.get(tx, account, region, name)) ??
    (other === undefined ? undefined : await parameters.get(tx, account, region, other))
  );
}

export async function requireParameter(tx: ReadTransaction, place: Place, name: string): Promise<Parameter> {
  const found = await findParameter(tx, place, name);
  if (!found) throw parameterNotFound();
  return found;
}

/** The version that is meant; the newest where nothing is said. Throws ParameterNotFound or ParameterVersionNotFound. */
export async function requireVersion(tx: ReadTransaction, place: Place, reference: Reference): Promise<ParameterVersion> {
  const { account, region } = place;
  if (reference.account !== undefined && reference.account !== account) throw parameterNotFound();
  for (const name of reference.names) {
    const parameter = await parameters.get(tx, account, region, name);
    if (!parameter) continue;
    const { selector } = reference;
    const version = selector === undefined ? parameter.version : await versionMeant(tx, parameter, selector);
    const found = version === undefined ? undefined : await parameterVersions.get(tx, account, region, name, version);
    if (!found) throw parameterVersionNotFound(name, selector ?? '');
    return found;
  }
  throw parameterNotFound();
}

async function versionMeant(tx: ReadTransaction, { account, region, name }: Parameter, selector: string): Promise<number | undefined> {
  if (/^\d{1,15}$/.test(selector)) return Number(selector);
  return (await labels.get(tx, account, region, name, selector))?.version;
}

/** The labels of each version that has some. */
export async function labelsOf(tx: ReadTransaction, { account, region, name }: Place & { name: string }): Promise<Map<number, string[]>> {
  const all = await labels.scan(tx, [account, region, name]);
  const grouped = Map.groupBy(all, ({ row }) => row.version);
  return new Map([...grouped].map(([version, rows]) => [version, rows.map(({ row }) => row.label)]));
}

/** How many of a list are asked for. Throws ValidationException. */
export function pageLimit(wanted: number | undefined, max: number): number {
  if (wanted === undefined) return max;
  if (wanted < 1) throw unsatisfied(String(wanted), 'maxResults', 'Member must have value greater than or equal to 1');
  if (wanted > max) throw unsatisfied(String(wanted), 'maxResults', `Member must have value less than or equal to ${max}`);
  return wanted;
}

/** What a token tells; undefined where none was given. Throws InvalidNextToken. */
export function readToken(token: string | undefined): Buffer | undefined {
  if (!token) return undefined;
  if (!/^[\w-]{1,4000}$/.test(token)) throw invalidNextToken();
  return Buffer.from(token, 'base64url');
}

export const tokenOf = (told: Uint8Array | string): string => Buffer.from(told).toString('base64url');
