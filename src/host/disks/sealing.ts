/**
 * The encryption of disks: AES-256-XTS, as disks have it everywhere, which changes no lengths. Sectors of zeros stay zeros, so that holes
 * of a file remain holes of the disk; that a real sector encrypts to zeros is less likely than that its key is guessed.
 */

import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';

/** The smallest piece that is encrypted by itself; starts and lengths are multiples of it. */
export const sectorBytes = 4096;
/** What one tweak counts for: a cipher for each sector would cost more than its bytes. Pieces within it do not depend on each other. */
const unitBytes = 65_536;
const zeros = Buffer.alloc(sectorBytes);

/** The cipher's two keys, from a volume's one. @param key 32 bytes. */
export const sealingKeyOf = (key: Uint8Array): KeyObject => createSecretKey(createHmac('sha512', key).update('sectors of a disk').digest());

/** By which a key is known to be a disk's, without telling anything about it. */
export const keyCheckOf = (key: Uint8Array): string => createHmac('sha256', key).update('key of a disk').digest('hex');

/** Encrypts bytes that lie at `start`, in place. */
export const seal = (key: KeyObject, start: number, bytes: Buffer): void => change(createCipheriv, key, start, bytes);

/** Decrypts them, in place. */
export const unseal = (key: KeyObject, start: number, bytes: Buffer): void => change(createDecipheriv, key, start, bytes);

const tweak = Buffer.alloc(16);

function change(make: typeof createCipheriv | typeof createDecipheriv, key: KeyObject, start: number, bytes: Buffer): void {
  if (start % sectorBytes !== 0 || bytes.length % sectorBytes !== 0)
    throw new RangeError(`${bytes.length} bytes at ${start} are no sectors`);
  for (let at = 0; at < bytes.length;) {
    const within = (start + at) % unitBytes;
    const piece = bytes.subarray(at, at + unitBytes - within);
    at += piece.length;
    const empty = emptySectors(piece);
    if (empty.length * sectorBytes === piece.length) continue;
    tweak.writeBigUInt64LE(BigInt(Math.floor((start + at - piece.length) / unitBytes)), 0);
    const cipher = make('aes-256-xts', key, tweak);
    // The tweak of a piece follows from its place in the unit: what stands before it may be anything.
    const whole = within === 0 ? piece : Buffer.concat([Buffer.alloc(within), piece]);
    cipher.update(whole).copy(piece, 0, within);
    for (const sector of empty) piece.fill(0, sector, sector + sectorBytes);
  }
}

/** Where its sectors of zeros begin. */
function emptySectors(piece: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at < piece.length; at += sectorBytes)
    if (piece[at] === 0 && piece.compare(zeros, 0, sectorBytes, at, at + sectorBytes) === 0) found.push(at);
  return found;
}

/** The sectors around a range. */
export function sectorsAround(start: number, length: number): { start: number; length: number } {
  const first = Math.floor(start / sectorBytes) * sectorBytes;
  return { start: first, length: Math.ceil((start + length) / sectorBytes) * sectorBytes - first };
}
