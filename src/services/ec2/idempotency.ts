/** Client tokens: a call that is made again with its token gives what the first one made. */

import { createHash } from 'node:crypto';
import type { ServiceRequest } from '../../framework/request.ts';
import type { WriteTransaction } from '../../store/store.ts';
import { invalidParameterValue, refusal } from './errors.ts';
import { clientTokens } from './instances/instance.ts';
import type { Resource } from './resource.ts';
import type { Table } from '../../store/table.ts';

type TokenInput = { ClientToken?: string | undefined };

const tokenCharactersMax = 64;

/**
 * The row that an earlier call with the token made, or else what `make` makes now. What was deleted since is made anew.
 * Throws IdempotentParameterMismatch where the earlier call said something else.
 */
export async function once<Row extends Resource>(
  tx: WriteTransaction,
  { account, region, operation }: ServiceRequest,
  { ClientToken: given, ...input }: TokenInput,
  made: Table<Row, any>,
  make: () => Promise<Row>,
): Promise<Row> {
  if (given === undefined || given === '') return make();
  if (given.length > tokenCharactersMax)
    throw invalidParameterValue(`Invalid client token: it may have up to ${tokenCharactersMax} characters`);
  const token = `${operation} ${given}`;
  const digest = createHash('sha256').update(JSON.stringify(input)).digest('base64');
  const known = await clientTokens.get(tx, account, region, token);
  if (known && known.digest !== digest)
    throw refusal('IdempotentParameterMismatch')('The client token has been used with other parameters.');
  const present = known && (await made.get(tx, account, region, known.made));
  if (present) return present;
  const row = await make();
  await clientTokens.put(tx, { account, region, token, digest, made: row.id });
  return row;
}
