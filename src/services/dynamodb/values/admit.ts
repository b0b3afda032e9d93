/** Lets in what callers send: checks values in AWS's order and words, and brings their numbers into normal form. */

import { newItem, type AttributeValue, type Item, type ValueType } from './attribute-value.ts';
import { bytesAsText } from './compare.ts';
import { normalNumber } from './decimal.ts';
import { invalidParameters, validationException } from './errors.ts';

/** Lists and maps may lie in each other this deep. */
const nestingMax = 32;

const types: readonly ValueType[] = ['S', 'N', 'B', 'BOOL', 'NULL', 'M', 'L', 'SS', 'NS', 'BS'];

/** In bytes of UTF-8: AWS's guide says 64 KB, and means what lies below. */
const nameBytesMax = 65_535;

/** The item with its numbers in normal form. Throws at the first name or value that AWS refuses. */
export function admitItem(item: Item): Item {
  const admitted = newItem();
  for (const name of Object.keys(item)) {
    admitAttributeName(name);
    admitted[name] = admitValue(item[name]!);
  }
  return admitted;
}

/** Throws for a name that no attribute can have. */
export function admitAttributeName(name: string): void {
  if (name === '') throw invalidParameters('Empty attribute name');
  // A UTF-16 unit is three bytes at most.
  if (name.length * 3 > nameBytesMax && Buffer.byteLength(name) > nameBytesMax)
    throw invalidParameters(`Attribute name is too large, must be less than ${nameBytesMax + 1} bytes`);
}

/**
 * The value with its numbers in normal form; the same object when nothing is to be changed. Throws when it has no type or more than
 * one, when a number is none, when a set is empty or has a member twice.
 */
export function admitValue(value: AttributeValue): AttributeValue {
  return admitNested(value, 0);
}

function admitNested(value: AttributeValue, depth: number): AttributeValue {
  let only: ValueType | undefined;
  let count = 0;
  for (const type in value) {
    if (value[type as ValueType] === undefined) continue;
    only = type as ValueType;
    count++;
  }
  if (only === undefined) {
    throw validationException('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
  if (count === 1) return admitTyped(value, only, depth);
  for (const type of types) if (value[type] !== undefined) admitTyped(value, type, depth);
  throw validationException('Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes');
}

function admitTyped(value: AttributeValue, type: ValueType, depth: number): AttributeValue {
  switch (type) {
    case 'N': {
      const number = normalNumber(value.N!);
      return number === value.N ? value : { N: number };
    }
    case 'NULL':
      if (!value.NULL) throw invalidParameters('Null attribute value types must have the value of true');
      return value;
    case 'SS':
      return admitTexts(value, value.SS!);
    case 'NS':
      return admitNumbers(value.NS!);
    case 'BS':
      return admitBinaries(value, value.BS!);
    case 'L':
      checkDepth(depth);
      return { L: value.L!.map((member) => admitNested(member, depth + 1)) };
    case 'M': {
      checkDepth(depth);
      const map = newItem();
      for (const name of Object.keys(value.M!)) {
        admitAttributeName(name);
        map[name] = admitNested(value.M![name]!, depth + 1);
      }
      return { M: map };
    }
    default:
      return value;
  }
}

/** Throws when lists and maps lie deeper in each other than AWS allows. For values that were put together from admitted ones. */
export function checkNesting(value: AttributeValue, depth = 0): void {
  const members = value.L ?? (value.M === undefined ? undefined : Object.values(value.M));
  if (members === undefined) return;
  checkDepth(depth);
  for (const member of members) checkNesting(member, depth + 1);
}

function checkDepth(depth: number): void {
  if (depth < nestingMax) return;
  throw validationException(
    'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
  );
}

function admitTexts(value: AttributeValue, texts: readonly string[]): AttributeValue {
  // The two blanks are AWS's.
  if (texts.length === 0) throw invalidParameters('An string set  may not be empty');
  if (new Set(texts).size < texts.length) throw invalidParameters(`Input collection [${texts.join(', ')}] contains duplicates.`);
  return value;
}

function admitNumbers(texts: readonly string[]): AttributeValue {
  if (texts.length === 0) throw invalidParameters('An number set  may not be empty');
  const numbers = texts.map(normalNumber);
  if (new Set(numbers).size < numbers.length) throw validationException('Input collection contains duplicates');
  return { NS: numbers };
}

function admitBinaries(value: AttributeValue, members: readonly Uint8Array[]): AttributeValue {
  if (members.length === 0) throw invalidParameters('Binary sets should not be empty');
  if (new Set(members.map(bytesAsText)).size < members.length) {
    const listed = members.map((bytes) => Buffer.from(bytes).toString('base64')).join(', ');
    throw invalidParameters(`Input collection [${listed}]of type BS contains duplicates.`);
  }
  return value;
}
