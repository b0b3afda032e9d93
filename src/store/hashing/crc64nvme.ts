/** CRC-64/NVME (reflected polynomial 0x9a6c9329ac4bc9b5), eight bytes a step, in 32-bit halves because bigints are slow; long runs are folded before. */

import { foldBytes, foldedBytesMax, foldedBytesMin } from './crc64-folding.ts';

const polynomialHigh = 0x9a6c9329;
const polynomialLow = 0xac4bc9b5;

// tables[n * 256 + byte]: what a byte contributes when n more bytes follow it in the step.
const high = new Int32Array(8 * 256);
const low = new Int32Array(8 * 256);
let filled = false;

export type Crc64 = { update(bytes: Uint8Array): void; /** Eight bytes, most significant first. */ digest(): Buffer };

export function createCrc64Nvme(): Crc64 {
  if (!filled) fillTables();
  let h = -1;
  let l = -1;
  const single = (byte: number): void => {
    const i = (l ^ byte) & 255;
    l = high8(h, l) ^ low[i]!;
    h = (h >>> 8) ^ high[i]!;
  };
  const take = (bytes: Uint8Array): void => {
    const end = bytes.length;
    let at = 0;
    while (at < end && (bytes.byteOffset + at) % 4 !== 0) single(bytes[at++]!);
    if (end - at >= 8) {
      // Words are read as they lie in memory, least significant byte first, as on every machine that Node runs on today.
      const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, 2 * ((end - at) >>> 3));
      [h, l] = steps(words, h, l);
      at += words.byteLength;
    }
    while (at < end) single(bytes[at++]!);
  };
  return {
    update(bytes) {
      let at = 0;
      while (bytes.length - at >= foldedBytesMin) {
        const folded = foldBytes(bytes.subarray(at, at + foldedBytesMax), h, l);
        at += foldedBytesMax;
        h = l = 0;
        take(folded);
      }
      if (at < bytes.length) take(bytes.subarray(at));
    },
    digest() {
      const out = Buffer.alloc(8);
      out.writeInt32BE(~h, 0);
      out.writeInt32BE(~l, 4);
      return out;
    },
  };
}

/** Two words a step. A function of its own, whose variables no closure holds, so that they stay in registers. */
function steps(words: Int32Array, h: number, l: number): [number, number] {
  for (let w = 0; w < words.length; w += 2) {
    const a = l ^ words[w]!;
    const b = h ^ words[w + 1]!;
    const i0 = 1792 + (a & 255);
    const i1 = 1536 + ((a >>> 8) & 255);
    const i2 = 1280 + ((a >>> 16) & 255);
    const i3 = 1024 + (a >>> 24);
    const i4 = 768 + (b & 255);
    const i5 = 512 + ((b >>> 8) & 255);
    const i6 = 256 + ((b >>> 16) & 255);
    const i7 = b >>> 24;
    h = high[i0]! ^ high[i1]! ^ (high[i2]! ^ high[i3]!) ^ (high[i4]! ^ high[i5]! ^ (high[i6]! ^ high[i7]!));
    l = low[i0]! ^ low[i1]! ^ (low[i2]! ^ low[i3]!) ^ (low[i4]! ^ low[i5]! ^ (low[i6]! ^ low[i7]!));
  }
  return [h, l];
}

/** The low half of the 64-bit value shifted right by a byte. */
function high8(h: number, l: number): number {
  return (l >>> 8) | (h << 24);
}

function fillTables(): void {
  filled = true;
  for (let byte = 0; byte < 256; byte++) {
    let h = 0;
    let l = byte;
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (odd) {
        h ^= polynomialHigh;
        l ^= polynomialLow;
      }
    }
    high[byte] = h;
    low[byte] = l;
  }
  for (let n = 1; n < 8; n++) {
    for (let byte = 0; byte < 256; byte++) {
      const h = high[(n - 1) * 256 + byte]!;
      const l = low[(n - 1) * 256 + byte]!;
      high[n * 256 + byte] = (h >>> 8) ^ high[l & 255]!;
      low[n * 256 + byte] = high8(h, l) ^ low[l & 255]!;
    }
  }
}
