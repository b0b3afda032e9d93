/** Key values as bytes whose order is DynamoDB's: numbers by magnitude, texts by their UTF-8, bytes as they are. */

import type { AttributeValue } from './attribute-value.ts';
import { parseDecimal, type Decimal } from './decimal.ts';

const exponentBias = 130;

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
 * Sign, exponent, then two digits a byte. A negative number has everything turned round and an end mark above all digits, so that
 * -1.23 comes before -1.2.
 */
function encodeNumber({ negative, digits, exponent }: Decimal): Uint8Array {
  if (digits === '') return Uint8Array.of(2);
  const pairs = (digits.length + 1) >> 1;
  const out = new Uint8Array(2 + pairs + (negative ? 1 : 0));
  out[0] = negative ? 1 : 3;
  out[1] = negative ? 255 - (exponent + exponentBias) : exponent + exponentBias;
  for (let pair = 0; pair < pairs; pair++) {
    const tens = digits.charCodeAt(2 * pair) - 48;
    const ones = 2 * pair + 1 < digits.length ? digits.charCodeAt(2 * pair + 1) - 48 : 0;
    const value = 10 * tens + ones;
    out[2 + pair] = negative ? 101 - value : value + 1;
  }
  if (negative) out[2 + pairs] = 102;
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
