/** DynamoDB's own work on tables that lie encrypted: it asks KMS by the grant of each, and goes past those whose key it is refused. */

import { createSecretKey } from 'node:crypto';
import { AwsError } from '../../../framework/aws-error.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { InaccessibleKey } from '../errors.ts';
import { keyReuseMilliseconds, kmsRetryMilliseconds } from '../limits.ts';
import { closeTableKey, isTableKeyRefused, openTableKey } from '../storage/table-keys.ts';
import { tableKeys, type TableKey } from '../tables.ts';
import { contextOf, dynamodbPrincipal, openOwn } from './encryption.ts';

export const asDynamodb = ({ awsAs }: ReconcilerContext, row: TableKey): Aws =>
  awsAs(dynamodbPrincipal(row), { account: row.account, region: row.region });

/** What KMS says of a key: `silent` where it could not be asked. */
export type Opening = 'open' | 'refused' | 'silent';

/** Opens a key, or closes it where KMS refuses it; where KMS is silent it stays as it was. */
export async function openForOwnWork(context: ReconcilerContext, row: TableKey): Promise<Opening> {
  const { id, keyArn, blob, account, table: name } = row;
  if (keyArn === undefined) {
    openTableKey(id, await openOwn(context, blob), context.random);
    return 'open';
  }
  const asked = { KeyId: keyArn, CiphertextBlob: Buffer.from(blob, 'base64'), EncryptionContext: contextOf({ account, name }) };
  try {
    const { Plaintext } = await asDynamodb(context, row).kms('Decrypt', asked);
    openTableKey(id, createSecretKey(Plaintext!), context.random);
    return 'open';
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    context.log(`the key of table ${name} cannot be used: ${error.message}`);
    if ((error.status ?? 400) >= 500) return 'silent';
    closeTableKey(id);
    return 'refused';
  }
}

/**
 * Does a piece of work, which must be one that can be begun again. False where it needs a key that cannot be used: it is to be come back to,
 * and must not hold up what has no need of that key.
 */
export const unlessInaccessible = async (context: ReconcilerContext, work: () => Promise<void>): Promise<boolean> =>
  (await keyMissed(context, work)) === undefined;

/** The id of the key for want of which the work was not done. */
async function keyMissed(context: ReconcilerContext, work: () => Promise<void>): Promise<string | undefined> {
  for (;;) {
    try {
      await work();
      return undefined;
    } catch (error) {
      if (!(error instanceof InaccessibleKey)) throw error;
      if (!(await openUnasked(context, error.dataKey))) return error.dataKey;
    }
  }
}

/**
 * Does a piece of work for each row. Gives when to come back to those that wait for their keys; undefined where none does.
 * A row whose work fails holds up no other: the first failure is thrown when all have had their turn.
 */
export async function forEachAccessible<Row>(
  context: ReconcilerContext,
  rows: AsyncIterable<Row>,
  work: (row: Row) => Promise<void>,
): Promise<{ nextAt: number } | undefined> {
  let waited = Infinity;
  const failures: unknown[] = [];
  for await (const row of rows) {
    try {
      const missed = await keyMissed(context, () => work(row));
      if (missed !== undefined) waited = Math.min(waited, isTableKeyRefused(missed) ? keyReuseMilliseconds : kmsRetryMilliseconds);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return waited === Infinity ? undefined : { nextAt: context.now + waited };
}

/** After a start nobody may have opened it yet. What KMS has refused is asked again by the keeper of keys alone, every few minutes. */
async function openUnasked(context: ReconcilerContext, id: string): Promise<boolean> {
  if (context.signal.aborted || isTableKeyRefused(id)) return false;
  const row = await context.store.read((tx) => tableKeys.get(tx, id));
  return row !== undefined && (await openForOwnWork(context, row)) === 'open';
}
