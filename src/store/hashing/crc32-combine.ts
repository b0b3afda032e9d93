/** The CRC-32 of two pieces, one after the other, from the CRC-32 of each: appending n bytes multiplies by x^8n modulo the polynomial. */

const polynomial = 0xedb88320; // reflected: bit 31 is x^0
const one = 0x80000000;

/** powers[k] is x^(2^k). */
const powers = fillPowers();

/** Joins pieces of which the second has `length` bytes. Making it takes longer than using it: keep one for pieces of equal length. */
export function crc32Joiner(length: number): (first: number, second: number) => number {
  const shift = powerOfX(length);
  return (first, second) => (multiply(shift, first) ^ second) >>> 0;
}

/** x^8n for n bytes. */
function powerOfX(bytes: number): number {
  let product = one;
  for (let left = bytes, k = 3; left > 0; left = Math.floor(left / 2), k++) {
    if (left % 2 === 1) product = multiply(powers[k % 32]!, product); // x^(2^32 - 1) is 1, so the powers come round again
  }
  return product;
}

function multiply(a: number, b: number): number {
  let product = 0;
  let term = b;
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) & 1) product ^= term;
    term = term & 1 ? (term >>> 1) ^ polynomial : term >>> 1;
  }
  return product >>> 0;
}

function fillPowers(): number[] {
  const list = [0x40000000]; // x^1
  while (list.length < 32) list.push(multiply(list.at(-1)!, list.at(-1)!));
  return list;
}
