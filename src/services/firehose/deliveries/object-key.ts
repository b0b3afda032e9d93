/** The names of objects: https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html */

import { evaluatePrefix } from '../destinations/prefix.ts';
import { formatTimestamp } from '../destinations/timestamp.ts';
import type { Batch, Stream } from '../tables.ts';

/** The evaluated prefix, the stream's name and version, the moment of the oldest record, and what makes it unique. */
export function objectKey({ name, version, destination }: Stream, { since, suffix }: Pick<Batch, 'since' | 'suffix'>): string {
  const timeZone = destination.timeZone || 'UTC';
  const prefix = evaluatePrefix(destination.prefix, { time: since, timeZone, seed: suffix });
  const extension = destination.fileExtension || (destination.compression === 'GZIP' ? '.gz' : '');
  return `${prefix}${name}-${version}-${formatTimestamp('yyyy-MM-dd-HH-mm-ss', since, timeZone)}-${suffix}${extension}`;
}
