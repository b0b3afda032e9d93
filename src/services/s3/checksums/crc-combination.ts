/** The CRC of two pieces from the CRCs of each, without their bytes: a polynomial shifted by the second one's length. */

export type Crc = 'CRC32' | 'CRC32C' | 'CRC64NVME';

/** Polynomials with the bits reversed, as all three are computed. */
const polynomials: Record<Crc, { width: bigint; polynomial: bigint }> = {
  CRC32: { width: 32n, polynomial: 0xedb88320n },
  CRC32C: { width: 32n, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
};

/** The CRC of all pieces in order; each is given with its number of bytes. CRCs are big-endian bytes, as S3 writes them. */
export function combineCrcs(crc: Crc, pieces: readonly { value: Buffer; size: number }[]): Buffer {
  const { width } = polynomials[crc];
  // Parts of an upload are nearly always as long as each other, so their shift is computed once.
  const shifts = new Map<number, bigint>();
  let combined = 0n;
  for (const { value, size } of pieces) {
    if (size === 0) continue;
    let shift = shifts.get(size);
    if (shift === undefined) shifts.set(size, (shift = shiftBy(crc, BigInt(size) * 8n)));
    combined = multiply(crc, combined, shift) ^ BigInt(`0x${value.toString('hex')}`);
  }
  return Buffer.from(combined.toString(16).padStart(Number(width) / 4, '0'), 'hex');
}

/** x to the power of `bits`, modulo the polynomial. */
function shiftBy(crc: Crc, bits: bigint): bigint {
  const { width } = polynomials[crc];
  let power = 1n << (width - 2n); // x
  let product = 1n << (width - 1n); // 1
  for (let rest = bits; rest > 0n; rest >>= 1n) {
    if (rest & 1n) product = multiply(crc, product, power);
    power = multiply(crc, power, power);
  }
  return product;
}

/** The product of two reversed polynomials, modulo the CRC's. */
function multiply(crc: Crc, a: bigint, b: bigint): bigint {
  const { width, polynomial } = polynomials[crc];
  let product = 0n;
  let shifted = b;
  for (let bit = 1n << (width - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}
