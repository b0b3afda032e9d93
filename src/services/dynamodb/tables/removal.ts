/** How a table goes, with everything that is its own. */

import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { deletionProtected, resourceInUse, validationException } from '../errors.ts';
import { isMember } from '../global-tables/global-table.ts';
import { leave } from '../global-tables/membership.ts';
import { forgetDestinations } from '../kinesis-destinations/operations.ts';
import { disableStream } from '../streams/stream.ts';
import { clearances, resourcePolicies, tables, tableTags, transitions } from '../tables.ts';
import { allIndexes, tableArn, type TableRecord } from './table.ts';

const dayMilliseconds = 86_400_000;

/** Throws ValidationException for a table that is protected, ResourceInUseException for one that is being copied. */
export async function removeTable(tx: WriteTransaction, found: TableRecord, now: number): Promise<void> {
  if (found.deletionProtection) throw deletionProtected(found.name);
  const { account, region, name } = found;
  await refuseCopied(tx, found);
  if (isMember(found)) {
    if (found.global.sourceSince !== undefined && now - found.global.sourceSince < dayMilliseconds)
      throw validationException(
        'Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the table in the last 24 hours.',
      );
    await leave(tx, found);
  }
  await disableStream(tx, found, now);
  await forgetDestinations(tx, found);
  await tables.delete(tx, account, region, name);
  await transitions.delete(tx, account, region, name);
  await tableTags.delete(tx, account, region, name);
  await resourcePolicies.delete(tx, tableArn(found));
  for (const { space } of [found, ...allIndexes(found), ...(found.recovery ? [found.recovery] : [])])
    await clearances.put(tx, { account, region, space });
}

/** A table that is being copied stays until the copy is whole: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_HowItWorks.html */
async function refuseCopied(tx: ReadTransaction, { account, region, name, space, feeds = [] }: TableRecord): Promise<void> {
  const isCopied = feeds.some(({ kind }) => kind === 'backup');
  const others = await tables.scan(tx, [account, region]);
  if (isCopied || others.some(({ row }) => row.restoring?.from === space))
    throw resourceInUse(`Attempt to change a resource which is still in use: Table is being backed up or restored from: ${name}`);
}
