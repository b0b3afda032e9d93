/** Batches: entries that succeed or fail one by one. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { emptyBatch, idsNotDistinct, invalidEntryId, tooManyEntries } from '../errors.ts';
import { batchEntriesMax, batchEntryIdLengthMax } from '../limits.ts';

type Failed = { Id: string; SenderFault: boolean; Code: string; Message: string };

/** Throws what makes a batch fail as a whole. */
export function checkBatch(entries: readonly { Id?: string | undefined }[] | undefined, kind: string): void {
  if (!entries || entries.length === 0) throw emptyBatch(kind);
  if (entries.length > batchEntriesMax) throw tooManyEntries(entries.length);
  const seen = new Set<string>();
  for (const { Id: id = '' } of entries) {
    if (!/^[A-Za-z0-9_-]+$/.test(id) || id.length > batchEntryIdLengthMax) throw invalidEntryId();
    if (seen.has(id)) throw idsNotDistinct(id);
    seen.add(id);
  }
}

/** The query protocol has no empty list: what is not there is an empty batch. Throws EmptyBatchRequest. */
export function checkBatchForm({ operation }: ServiceRequest, _input: object, missing: readonly string[]): void {
  if (operation.endsWith('Batch') && missing.includes('entries')) throw emptyBatch(`${operation}RequestEntry`);
}

/** The entry of a batch that failed by the caller's fault; rethrows what is no such error. */
export function failedEntry(id: string, error: unknown): Failed {
  if (!(error instanceof AwsError)) throw error;
  return { Id: id, SenderFault: true, Code: error.queryCode ?? error.code, Message: error.message };
}

/** As AWS answers: without the list that is empty. The SDK's types ask for both. */
export function batchAnswer<Entry>(successful: Entry[], failed: Failed[]): { Successful: Entry[]; Failed: Failed[] } {
  return { ...(successful.length > 0 && { Successful: successful }), ...(failed.length > 0 && { Failed: failed }) } as {
    Successful: Entry[];
    Failed: Failed[];
  };
}
