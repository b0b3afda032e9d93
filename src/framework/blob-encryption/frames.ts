/**
 * Encrypted bytes as they lie on disk: frames of 256 KiB, each AES-256-GCM with its tag behind it, so that a range is read without the
 * rest. Every blob has a key of its own, so the nonce may be the frame's number. How many frames there are, the blob's record says.
 */

import { createCipheriv, createDecipheriv, type CipherGCM, type KeyObject } from 'node:crypto';
import type { ByteTransform } from '../../store/blob-store.ts';
import { turn, turner } from './any-range.ts';

/** How many plain bytes a frame of a new blob holds; the last one holds the rest. */
export const frameBytes = 256 * 1024;
/** The frames of an early release, whose blobs go on being read. A cipher for each cost more than the bytes in it. */
export const earlyFrameBytes = 64 * 1024;
const TAG_BYTES = 16;

/** The length of a frame as it is stored. */
export function storedFrameBytes(plain: number): number {
  return plain + TAG_BYTES;
}

/** The length of what was encrypted into so many bytes, in frames of `plain` bytes. */
export function plainSize(stored: number, plain: number): number {
  return stored - Math.ceil(stored / storedFrameBytes(plain)) * TAG_BYTES;
}

/** Which frames hold a range of plain bytes: from `start` to `end` in the blob; the first is numbered `frame`, and the range begins `skip` bytes into it. */
export function storedRange(
  range: { start: number; end: number },
  stored: number,
  plain: number,
): { start: number; end: number; frame: number; skip: number } {
  const frame = Math.floor(range.start / plain);
  const last = Math.max(frame, Math.ceil(range.end / plain) - 1);
  const start = frame * storedFrameBytes(plain);
  return { start, end: Math.min(stored, (last + 1) * storedFrameBytes(plain)), frame, skip: range.start - frame * plain };
}

/** The keys of two layers: the bytes are encrypted in frames by the inner one, and what comes of that once more, by AES-256-CTR. */
export type LayeredKey = { inner: KeyObject; outer: KeyObject };
export type BlobKey = KeyObject | LayeredKey;

export function isLayered(key: BlobKey): key is LayeredKey {
  return 'inner' in key;
}

/** Encrypts a stream in constant memory, in frames of `plain` bytes. No bytes make no frame. */
export function encryptor(key: BlobKey, plain = frameBytes): ByteTransform {
  if (!isLayered(key)) return frameWriter(key, plain);
  const inner = frameWriter(key.inner, plain);
  const outer = turner(key.outer);
  return { update: (bytes) => outer.update(inner.update(bytes)), final: () => outer.update(inner.final()) };
}

function frameWriter(key: KeyObject, plain: number): ByteTransform {
  let frame = 0;
  let filled = 0;
  let cipher: CipherGCM | undefined;
  const finish = (pieces: Uint8Array[]): void => {
    const last = cipher!.final();
    if (last.length > 0) pieces.push(last);
    pieces.push(cipher!.getAuthTag());
    cipher = undefined;
    filled = 0;
    frame++;
  };
  return {
    update(bytes) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length;) {
        cipher ??= createCipheriv('aes-256-gcm', key, nonceOf(frame));
        const taken = Math.min(plain - filled, bytes.length - at);
        pieces.push(cipher.update(taken === bytes.length ? bytes : bytes.subarray(at, at + taken)));
        at += taken;
        filled += taken;
        if (filled === plain) finish(pieces);
      }
      return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    },
    final() {
      const pieces: Uint8Array[] = [];
      if (cipher) finish(pieces);
      return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    },
  };
}

/** The plain bytes of whole frames, of which the first has this number. Throws FrameCorrupt. */
export function decryptFrames(key: BlobKey, stored: Uint8Array, { frame, plain }: { frame: number; plain: number }): Buffer {
  const bytes = storedFrameBytes(plain);
  if (isLayered(key)) return decryptFrames(key.inner, turn(key.outer, stored, frame * bytes), { frame, plain });
  if (stored.length <= bytes) return stored.length === 0 ? Buffer.alloc(0) : decryptFrame(key, stored, frame);
  const pieces: Buffer[] = [];
  for (let at = 0; at < stored.length; at += bytes) pieces.push(decryptFrame(key, stored.subarray(at, at + bytes), frame++));
  return Buffer.concat(pieces);
}

/** Which plain bytes are wanted of whole frames of `plain` bytes: the number of the first frame, those from `skip` on, `length` at most. */
export type Window = { plain: number; frame: number; skip: number; length: number };

/** Decrypts a stream of whole frames. */
export async function* decryptStream(key: BlobKey, source: AsyncIterable<Uint8Array>, window: Window): AsyncGenerator<Buffer> {
  const decrypt = frameReader(key, window);
  for await (const bytes of source) yield* decrypt.update(bytes);
  yield* decrypt.final();
}

/** Decrypts pieces as they come, however they cut the frames. What it gives does not lie in the piece that it was given. */
export function frameReader(key: BlobKey, window: Window): FrameReader {
  if (!isLayered(key)) return layerReader(key, window);
  const inner = layerReader(key.inner, window);
  const outer = turner(key.outer, window.frame * storedFrameBytes(window.plain));
  return { update: (bytes) => inner.update(outer.update(bytes)), final: () => inner.final() };
}

export type FrameReader = { update(bytes: Uint8Array): Buffer[]; final(): Buffer[] };

function layerReader(key: KeyObject, { plain: plainBytes, frame, skip, length }: Window): FrameReader {
  const whole = storedFrameBytes(plainBytes);
  let held: Buffer | undefined; // a frame of which the end is still to come
  let heldBytes = 0;
  const decrypt = (stored: Uint8Array, into: Buffer[]): void => {
    const plain = decryptFrame(key, stored, frame++);
    const piece = plain.subarray(Math.min(skip, plain.length), Math.min(plain.length, skip + length));
    skip = Math.max(0, skip - plain.length);
    length -= piece.length;
    if (piece.length > 0) into.push(piece);
  };
  return {
    update(bytes) {
      const plain: Buffer[] = [];
      let at = 0;
      if (heldBytes > 0) {
        at = Math.min(whole - heldBytes, bytes.length);
        held!.set(bytes.subarray(0, at), heldBytes);
        heldBytes += at;
        if (heldBytes < whole) return plain;
        decrypt(held!, plain);
        heldBytes = 0;
      }
      for (; bytes.length - at >= whole; at += whole) decrypt(bytes.subarray(at, at + whole), plain);
      heldBytes = bytes.length - at;
      if (heldBytes > 0) (held ??= Buffer.allocUnsafeSlow(whole)).set(bytes.subarray(at));
      return plain;
    },
    final() {
      const plain: Buffer[] = [];
      if (heldBytes > 0) decrypt(held!.subarray(0, heldBytes), plain);
      return plain;
    },
  };
}

/** The bytes are not those that were encrypted, or the key is another. */
export class FrameCorrupt extends Error {
  override name = 'FrameCorrupt';
}

function decryptFrame(key: KeyObject, stored: Uint8Array, frame: number): Buffer {
  if (stored.length <= TAG_BYTES) throw new FrameCorrupt(`frame ${frame} is cut off`);
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(frame), { authTagLength: TAG_BYTES });
  const end = stored.length - TAG_BYTES;
  decipher.setAuthTag(stored.subarray(end));
  const plain = decipher.update(stored.subarray(0, end));
  try {
    decipher.final();
  } catch (cause) {
    throw new FrameCorrupt(`frame ${frame} does not fit its tag`, { cause });
  }
  return plain;
}

const firstNonce = Buffer.alloc(12);

function nonceOf(frame: number): Buffer {
  if (frame === 0) return firstNonce;
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(frame, 8);
  return nonce;
}
