/** The end of an import of an image before its time, as CancelImportTask wants it. */

import type { WriteTransaction } from '../../../store/store.ts';
import { incorrectState } from '../errors.ts';
import type { Place } from '../resource.ts';
import type { Input, Output } from '../sdk.ts';
import { imageImports } from './image-import.ts';

/** Undefined where the id is not that of one. */
export async function cancelImageImport(
  tx: WriteTransaction,
  { account, region }: Place,
  input: Input<'CancelImportTask'>,
): Promise<Output<'CancelImportTask'> | undefined> {
  const row = await imageImports.get(tx, account, region, input.ImportTaskId ?? '');
  if (!row) return undefined;
  if (row.state !== 'active') throw incorrectState(`The import task '${row.id}' is ${row.state} and cannot be cancelled`);
  await imageImports.put(tx, { ...row, state: 'deleting', message: input.CancelReason ?? 'User initiated task cancellation' });
  return { ImportTaskId: row.id, PreviousState: row.state, State: 'deleting' };
}
