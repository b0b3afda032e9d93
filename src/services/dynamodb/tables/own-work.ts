/** DynamoDB's own work on tables that lie encrypted: it asks KMS by the grant of each, and goes past those whose key it is refused. */

import { createSecretKey } from 'node:crypto';
import { AwsError } from '../../../framework/aws-error.ts';
import type { Aws } from '../../../framework/clients.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import { InaccessibleKey } from '../errors.ts';
import { keyReuseMilliseconds } from '../limits.ts';
import { closeTableKey, isTableKeyRefused, openTableKey } from '../storage/table-keys.ts';
import { tableKeys, type TableKey } from '../tables.ts';
import { contextOf, dynamodbPrincipal, openOwn } from './encryption.ts';

export const asDynamodb = ({ awsAs }: ReconcilerContext, row: TableKey): Aws =>
  awsAs(dynamodbPrincipal(row), { account: row.account, region: row.region });

/** False when KMS refuses the key. */
export async function openForOwnWork(context: ReconcilerContext, row: TableKey): Promise<boolean> {
  const { id, keyArn, blob, account, table: name } = row;
  if (keyArn === undefined) {
    openTableKey(id, await openOwn(context, blob), context.random);
    return true;
  }
  const asked = { KeyId: keyArn, CiphertextBlob: Buffer.from(blob, 'base64'), EncryptionContext: contextOf({ account, name }) };
  try {
    const { Plaintext } = await asDynamodb(context, row).kms('Decrypt', asked);
    openTableKey(id, createSecretKey(Plaintext!), context.random);
    return true;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    context.log(`the key of table ${name} cannot be used: ${error.message}`);
    closeTableKey(id);
    return false;
  }
}

/**
 * Does a piece of work, which must be one that can be begun again. False where it needs a key that KMS refuses: it is to be come back to,
 * and must not hold up what has no need of that key.
 */
export async function unlessInaccessible(context: ReconcilerContext, work: () => Promise<void>): Promise<boolean> {
  for (;;) {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof InaccessibleKey)) throw error;
      if (!(await openUnasked(context, error.dataKey))) return false;
    }
  }
}

/** Does a piece of work for each row. Gives when to come back to those that wait for their keys; undefined where none does. */
export async function forEachAccessible<Row>(
  context: ReconcilerContext,
  rows: AsyncIterable<Row>,
  work: (row: Row) => Promise<void>,
): Promise<{ nextAt: number } | undefined> {
  let waits = false;
  for await (const row of rows) if (!(await unlessInaccessible(context, () => work(row)))) waits = true;
  return waits ? { nextAt: context.now + keyReuseMilliseconds } : undefined;
}

/** After a start nobody may have opened it yet. What KMS has refused is asked again by the keeper of keys alone, every few minutes. */
async function openUnasked(context: ReconcilerContext, id: string): Promise<boolean> {
  if (context.signal.aborted || isTableKeyRefused(id)) return false;
  const row = await context.store.read((tx) => tableKeys.get(tx, id));
  return row !== undefined && openForOwnWork(context, row);
}
