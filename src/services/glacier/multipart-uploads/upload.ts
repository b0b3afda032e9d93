/** Multipart uploads: their part sizes, and the ranges of parts. */

import type { ReadTransaction } from '../../../store/store.ts';
import { leafBytes } from '../archives/tree-hash.ts';
import { invalidParameter, missingParameter, uploadNotFound } from '../errors.ts';
import { dayMilliseconds, partBytesMax, partsPerUploadMax } from '../limits.ts';
import { uploads, type Upload, type VaultName } from '../tables.ts';
import { requireVault } from '../vaults/lookup.ts';

/** An upload that nothing was sent to for so long is gone. */
export const idleMilliseconds = dayMilliseconds;

/** A MiB times a power of two, up to 4 GiB. Throws InvalidParameterValueException. */
export function checkedPartBytes(text: string | undefined): number {
  const bytes = text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : 0;
  if (bytes >= leafBytes && bytes <= partBytesMax && Number.isInteger(Math.log2(bytes))) return bytes;
  throw invalidParameter(
    `Invalid part size: ${text ?? 'null'}. Part size must not be null, must be a power of two and be between ${leafBytes} and ${partBytesMax} bytes.`,
  );
}

/** Where a part lies: from `start` to `end`, which is excluded. Throws MissingParameterValueException, InvalidParameterValueException. */
export function checkedRange(text: string | undefined, partBytes: number): { start: number; end: number } {
  if (text === undefined) throw missingParameter('Required parameter missing: Content-Range');
  const [, first, last] = /^bytes (\d{1,15})-(\d{1,15})\/\*$/.exec(text) ?? [];
  const [start, end] = [Number(first), Number(last) + 1];
  if (first === undefined || start >= end) throw invalidParameter(`Invalid Content-Range: ${text}`);
  if (start % partBytes !== 0 || end - start > partBytes)
    throw invalidParameter(`Content-Range: ${text} is incompatible with part size: ${partBytes}`);
  if (start / partBytes >= partsPerUploadMax) throw invalidParameter(`The number of parts is limited to ${partsPerUploadMax}.`);
  return { start, end };
}

/** Inside a transaction: an upload that is going on, in a vault that is there. Throws ResourceNotFoundException. */
export async function requireUpload(tx: ReadTransaction, name: VaultName, id: string, now: number): Promise<Upload> {
  const vault = await requireVault(tx, name);
  const upload = await uploads.get(tx, name.account, name.region, name.name, id);
  if (!upload || upload.vaultCreated !== vault.created || upload.touched + idleMilliseconds <= now) throw uploadNotFound(id);
  return upload;
}
