/** An event as it is shown. */

import type { BlobStore } from '../../../store/blob-store.ts';
import type { LogEvent } from '../tables.ts';

export async function textOf(blobs: BlobStore, { message }: LogEvent): Promise<string> {
  return 'text' in message ? message.text : (await blobs.bytes(message.blob)).toString('utf8');
}
