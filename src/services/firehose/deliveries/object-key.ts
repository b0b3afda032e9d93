/** The names of objects: https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html */

import { evaluateErrorPrefix, evaluatePrefix } from '../destinations/prefix.ts';
import { formatTimestamp } from '../destinations/timestamp.ts';
import type { Batch, Stream } from '../tables.ts';

type Moment = Pick<Batch, 'since' | 'suffix'>;

/** The evaluated prefix, the stream's name and version, the moment of the oldest record, and what makes it unique. */
export function objectKey(
  { name, version, destination }: Stream,
  { since, suffix }: Moment,
  keys?: Readonly<Record<string, string>>,
): string {
  const timeZone = destination.timeZone || 'UTC';
  const prefix = evaluatePrefix(destination.prefix, { time: since, timeZone, seed: suffix, ...(keys && { keys }) });
  const extension = destination.fileExtension || (destination.conversion ? '.parquet' : destination.compression === 'GZIP' ? '.gz' : '');
  return `${prefix}${name}-${version}-${formatTimestamp('yyyy-MM-dd-HH-mm-ss', since, timeZone)}-${suffix}${extension}`;
}

/** Where records go that cannot be delivered as they should: below the error prefix, by the kind of error. */
export function errorKey({ name, version, destination }: Stream, { since, suffix }: Moment, errorType: string): string {
  const timeZone = destination.timeZone || 'UTC';
  const prefix = evaluateErrorPrefix(destination.errorOutputPrefix ?? '', { time: since, timeZone, seed: suffix, errorType });
  return `${prefix}${name}-${version}-${formatTimestamp('yyyy-MM-dd-HH-mm-ss', since, timeZone)}-${suffix}`;
}
