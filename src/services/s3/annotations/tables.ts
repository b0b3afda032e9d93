/** The durable records of annotations. */

import type { BlobRef } from '../../../store/blob-store.ts';
import { table } from '../../../store/table.ts';
import type { Checksum, ObjectRecord } from '../tables.ts';

/** One annotation of a version of an object; its bytes are encrypted as that version is. */
export type Annotation = {
  /** The id that the object's record names. */
  set: string;
  name: string;
  /** Milliseconds since the epoch. */
  modified: number;
  /** Bytes of the payload. */
  size: number;
  /** Without quotes. */
  etag: string;
  checksum: Checksum;
  blob: BlobRef;
  /** Of `blob`, wrapped as the object's encryption says. */
  dataKey: string;
  /** Each annotation is replicated on its own. */
  replication?: ObjectRecord['replication'];
};

export const annotations = table<Annotation>('s3/annotations', { key: ({ set, name }) => [set, name] });
