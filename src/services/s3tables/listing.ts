/** Pages of names. Pure. */

import { badRequest } from './errors.ts';

const listedMax = 1_000;

type Asked = { prefix?: string | undefined; continuationToken?: string | undefined };

/** A page of what is sorted by name, and the token of the next. Throws BadRequestException. */
export function pageOf<Row>(rows: readonly Row[], nameOf: (row: Row) => string, max: number = listedMax, asked: Asked = {}) {
  if (!Number.isInteger(max) || max < 1 || max > listedMax) throw badRequest(`The page size must be between 1 and ${listedMax}.`);
  const after = asked.continuationToken === undefined ? undefined : nameIn(asked.continuationToken);
  const left = rows.filter((row) => nameOf(row).startsWith(asked.prefix ?? '') && (after === undefined || nameOf(row) > after));
  const page = left.slice(0, max);
  const last = page.at(-1);
  return { page, ...(last !== undefined && left.length > page.length && { continuationToken: tokenOf(nameOf(last)) }) };
}

const tokenOf = (name: string): string => Buffer.from(name).toString('base64url');

function nameIn(token: string): string {
  const name = Buffer.from(token, 'base64url').toString();
  if (tokenOf(name) !== token) throw badRequest('The continuation token is not valid.');
  return name;
}
