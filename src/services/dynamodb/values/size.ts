/** How many bytes an item counts for: against its limit, for capacity, and against the page of a query or scan. */

import { typeOf, type AttributeValue, type Item } from './attribute-value.ts';
import { parseDecimal } from './decimal.ts';

/**
 * The size of an item, in bytes: names and values, texts as UTF-8.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const name in item) bytes += Buffer.byteLength(name) + valueBytes(item[name]!);
  return bytes;
}

/** The size of one value, in bytes, without its name. */
export function valueBytes(value: AttributeValue): number {
  switch (typeOf(value)) {
    case 'S':
      return Buffer.byteLength(value.S!);
    case 'N':
      return numberBytes(value.N!);
    case 'B':
      return value.B!.byteLength;
    case 'SS':
      return sum(value.SS!, (text) => Buffer.byteLength(text));
    case 'NS':
      return sum(value.NS!, numberBytes);
    case 'BS':
      return sum(value.BS!, (bytes) => bytes.byteLength);
    case 'L':
      return 3 + sum(value.L!, (member) => 1 + valueBytes(member));
    case 'M':
      return 3 + Object.keys(value.M!).length + itemBytes(value.M!);
    default:
      return 1;
  }
}

function sum<T>(members: readonly T[], bytesOf: (member: T) => number): number {
  let bytes = 0;
  for (const member of members) bytes += bytesOf(member);
  return bytes;
}

/** A byte for every two digits that stand in one hundred's place, one more for the exponent, and one for a minus. */
function numberBytes(text: string): number {
  const { negative, digits, exponent } = parseDecimal(text)!;
  if (digits === '') return 1;
  const straddles = digits.length % 2 === 0 && exponent % 2 === 0;
  return 1 + Math.ceil(digits.length / 2) + (straddles ? 1 : 0) + (negative ? 1 : 0);
}

/**
 * What an item counts against the 1 MB of a page of Query or Scan, in bytes: AWS counts its stored form, whose names are short and
 * whose sort key is repeated every 3 KB. The rule is not documented; it was measured by the authors of dynalite.
 */
export function pageBytes(item: Item, sortKey: string | undefined): number {
  let bytes = 0;
  let sortKeyBytes = 0;
  for (const name in item) {
    const value = item[name]!;
    if (name === sortKey) sortKeyBytes = valueBytes(value);
    else bytes += 1 + storedBytes(value);
  }
  return 2 + bytes + (1 + Math.floor((1 + bytes) / 3072)) * (18 + sortKeyBytes);
}

function storedBytes(value: AttributeValue): number {
  switch (typeOf(value)) {
    case 'S': {
      const bytes = Buffer.byteLength(value.S!);
      return bytes + (bytes < 128 ? 1 : bytes < 16_384 ? 2 : 3);
    }
    case 'B':
    case 'N':
      return valueBytes(value) + 1;
    case 'SS':
    case 'NS':
    case 'BS':
      return valueBytes(value) + (value.SS ?? value.NS ?? value.BS!).length + 1;
    case 'L':
      return 3 + sum(value.L!, (member) => 1 + storedBytes(member));
    case 'M':
      return 3 + Object.keys(value.M!).length + sum(Object.values(value.M!), (member) => 1 + storedBytes(member));
    case 'BOOL':
      return 1;
    default:
      return 0;
  }
}
