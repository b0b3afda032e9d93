/** Key values as bytes whose order is DynamoDB's: numbers by magnitude, texts by their UTF-8, bytes as they are. */

import type { AttributeValue } from './attribute-value.ts';
import { parseDecimal, type Decimal } from './decimal.ts';

/** Pairs of digits that the longest numbers have. */
const pairsMax = 20;

/**
 * A key value (S, N or B, admitted) as a part of a store key. Equal values have equal bytes; values of one type are ordered as
 * DynamoDB orders them. The beginnings of a text's or binary's bytes are the bytes of its beginnings.
 */
export function encodeKeyValue(value: AttributeValue): Uint8Array {
  if (value.S !== undefined) return Buffer.from(value.S, 'utf8');
  if (value.N !== undefined) return encodeNumber(parseDecimal(value.N)!);
  if (value.B !== undefined) return value.B;
  throw new TypeError('a key value is a text, a number or bytes');
}

/**
 * Sign and power of one hundred in one byte, then two digits a byte. A negative number has everything turned round and an end mark
 * above all digits, so that -1.23 comes before -1.2. It is the form that DynamoDB hashes, as the authors of dynalite found out: scans
 * of number keys go in its order.
 */
function encodeNumber({ negative, digits, exponent }: Decimal): Uint8Array {
  if (digits === '') return Uint8Array.of(0x80);
  const point = exponent + 1;
  const isOdd = point % 2 !== 0;
  const padded = isOdd ? `0${digits}` : digits;
  const pairs = (padded.length + 1) >> 1;
  const out = new Uint8Array(1 + pairs + (negative && pairs < pairsMax ? 1 : 0));
  const power = (point + (isOdd ? 1 : 0)) / 2;
  out[0] = negative ? 63 - power : power + 192;
  for (let pair = 0; pair < pairs; pair++) {
    const tens = padded.charCodeAt(2 * pair) - 48;
    const ones = 2 * pair + 1 < padded.length ? padded.charCodeAt(2 * pair + 1) - 48 : 0;
    const value = 10 * tens + ones;
    out[1 + pair] = negative ? 101 - value : value + 1;
  }
  if (negative && pairs < pairsMax) out[1 + pairs] = 102;
  return out;
}

/** The first bytes after all those that begin with the given ones; undefined when there are none. */
export function afterPrefix(prefix: Uint8Array): Uint8Array | undefined {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 0xff) end--;
  if (end === 0) return undefined;
  const after = Uint8Array.from(prefix.subarray(0, end));
  after[end - 1] = after[end - 1]! + 1;
  return after;
}
