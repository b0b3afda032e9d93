/** CRC-32C (Castagnoli): the native module where its binary is installed, else a table. */

import { createRequire } from 'node:module';

type Crc32c = (bytes: Uint8Array, before: number) => number;

let chosen: Crc32c | undefined;

/** Continues from the checksum of what came before; 0 begins. */
export function crc32c(bytes: Uint8Array, before: number): number {
  chosen ??= native() ?? tabled();
  return chosen(bytes, before);
}

function native(): Crc32c | undefined {
  try {
    const module = createRequire(import.meta.url)('@node-rs/crc32') as { crc32c: Crc32c };
    return module.crc32c;
  } catch (error) {
    // The package keeps one binary for each platform, and throws where it has none.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** Our own, ten times slower. */
export function tabled(): Crc32c {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    return value;
  });
  return (bytes, before) => {
    let crc = ~before;
    for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255]!;
    return ~crc >>> 0;
  };
}
