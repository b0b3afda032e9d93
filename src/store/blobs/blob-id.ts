/** Ids of blobs: they say where the bytes were first written, so that most reads need no look-up. */

import { crc32 } from 'node:zlib';

export type BlobPlace =
  /** The bytes are in the id itself. */
  | { kind: 'inline'; bytes: Buffer }
  /** In a segment file. `stagedAt` in seconds since the epoch. */
  | { kind: 'segment'; segment: string; offset: number; crc: number; stagedAt: number }
  /** In a file of its own. */
  | { kind: 'file'; name: string; stagedAt: number }
  /** In another S3, in an object of its own. `crc` of those that are small. */
  | { kind: 'remote'; name: string; crc?: number; stagedAt: number };

/** Longer blobs go into segments: an id is part of its owner's record, which should stay below 900 bytes. */
export const inlineBytesMax = 192;

export function formatInline(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return `i.${crc32(buffer).toString(36)}.${buffer.toString('base64url')}`;
}

export function formatSegment(segment: string, offset: number, crc: number, stagedAt: number): string {
  return `s.${segment}.${offset.toString(36)}.${crc.toString(36)}.${stagedAt.toString(36)}`;
}

export function formatFile(name: string, stagedAt: number): string {
  return `f.${name}.${stagedAt.toString(36)}`;
}

/** `crc` of a small blob; a big one has its checksums behind its bytes. */
export function formatRemote(name: string, crc: number | undefined, stagedAt: number): string {
  return `r.${name}.${crc?.toString(36) ?? ''}.${stagedAt.toString(36)}`;
}

/** Throws TypeError for text that is no id of a blob: it comes from a damaged record, or worse, from a stranger. */
export function parseBlobId(id: string): BlobPlace {
  const parts = id.split('.');
  if (parts[0] === 'i' && parts.length === 3) {
    const bytes = Buffer.from(parts[2]!, 'base64url');
    if (crc32(bytes) === number36(parts[1])) return { kind: 'inline', bytes };
  }
  if (parts[0] === 's' && parts.length === 5 && isFileName(parts[1])) {
    return { kind: 'segment', segment: parts[1], offset: number36(parts[2]), crc: number36(parts[3]), stagedAt: number36(parts[4]) };
  }
  if (parts[0] === 'f' && parts.length === 3 && isFileName(parts[1])) return { kind: 'file', name: parts[1], stagedAt: number36(parts[2]) };
  if (parts[0] === 'r' && parts.length === 4 && isFileName(parts[1]))
    return { kind: 'remote', name: parts[1], ...(parts[2] && { crc: number36(parts[2]) }), stagedAt: number36(parts[3]) };
  throw new TypeError(`not the id of a blob: ${id.slice(0, 80)}`);
}

/** Names that this module made: nothing that could lead out of a directory. */
export function isFileName(name: string | undefined): name is string {
  return name !== undefined && /^[a-z0-9-]{1,80}$/i.test(name);
}

function number36(text: string | undefined): number {
  return Number.parseInt(text ?? '', 36);
}
