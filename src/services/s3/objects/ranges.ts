/** The Range header of S3: one range; anything else is read as if there were none. */

import { invalidArgument, invalidRange, invalidRequest } from '../errors.ts';

/** Bytes from `start` to `end`, exclusive. */
export type ByteRange = { start: number; end: number };

const oneRange = /^bytes=(\d*)-(\d*)$/;

/** The bytes asked for; undefined for the whole object. Throws InvalidRange when no byte of the object is in the range. */
export function byteRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first, last] = (header !== undefined && oneRange.exec(header.replaceAll(' ', ''))) || [];
  if (header === undefined || first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  if (first === '') {
    const suffix = Number(last);
    if (suffix === 0 || size === 0) throw invalidRange(header, size);
    return { start: Math.max(0, size - suffix), end: size };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) throw invalidRange(header, size);
  return { start, end: last === '' ? size : Math.min(size, Number(last) + 1) };
}

/** The range of a part's copy, which must have both ends and lie within the source. */
export function copyRange(header: string, size: number): ByteRange {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  if (first === undefined || last === undefined || Number(first) > Number(last))
    throw invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    );
  if (Number(first) >= size) throw invalidRequest('The specified copy range is invalid for the source object size');
  if (Number(last) >= size)
    throw invalidArgument(`Range specified is not valid for source object of size: ${size}`, 'x-amz-copy-source-range', header);
  return { start: Number(first), end: Number(last) + 1 };
}
