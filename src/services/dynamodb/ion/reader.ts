/** Reads Ion text into DynamoDB's values: https://amazon-ion.github.io/ion-docs/docs/spec.html, as far as items go. */

import { newItem, type AttributeValue } from '../values/attribute-value.ts';

/** The text is no Ion, or holds what no item can. `isCut` says that more text could mend it. */
export class IonFault extends Error {
  override name = 'IonFault';
  readonly isCut: boolean;

  constructor(message: string, isCut = false) {
    super(message);
    this.isCut = isCut;
  }
}

type Cursor = { readonly text: string; at: number; depth: number };

const nestingMax = 64;
const blank = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const word = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const number = /[+-]?\d[\d_]*(?:\.[\d_]*)?(?:[deDE][+-]?\d+)?/y;

/** The values of a text, version markers left out. Throws IonFault. */
export function parseIon(text: string): AttributeValue[] {
  const cursor: Cursor = { text, at: 0, depth: 0 };
  const values: AttributeValue[] = [];
  for (skip(cursor); cursor.at < text.length; skip(cursor)) {
    const start = cursor.at;
    const value = readValue(cursor);
    if (!/^\$ion_\d+_\d+$/.test(text.slice(start, cursor.at).trim())) values.push(value);
  }
  return values;
}

function skip(cursor: Cursor): void {
  match(cursor, blank);
}

function match(cursor: Cursor, pattern: RegExp): string | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  if (found !== undefined) cursor.at += found.length;
  return found;
}

function take(cursor: Cursor, sign: string): boolean {
  skip(cursor);
  if (!cursor.text.startsWith(sign, cursor.at)) return false;
  cursor.at += sign.length;
  return true;
}

function fault(cursor: Cursor, message: string): IonFault {
  return new IonFault(`${message} at character ${cursor.at + 1}`, cursor.at >= cursor.text.length);
}

function readValue(cursor: Cursor): AttributeValue {
  if (++cursor.depth > nestingMax) throw new IonFault('Values lie too deep in each other');
  const value = readAnnotated(cursor);
  cursor.depth--;
  return value;
}

function readAnnotated(cursor: Cursor): AttributeValue {
  skip(cursor);
  const start = cursor.at;
  const name = cursor.text[start] === "'" ? quoted(cursor, "'") : match(cursor, word);
  if (name === undefined) return readPlain(cursor);
  if (!take(cursor, '::')) {
    cursor.at = start;
    return readPlain(cursor);
  }
  const value = readValue(cursor);
  return name.startsWith('$dynamodb_') ? setOf(name, value) : value;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html#S3DataImport.Requesting.Formats.Ion */
function setOf(annotation: string, { L: members }: AttributeValue): AttributeValue {
  const type = annotation.slice('$dynamodb_'.length);
  const member = ({ SS: 'S', NS: 'N', BS: 'B' } as const)[type as 'SS'];
  if (!member || !members) throw new IonFault(`The annotation ${annotation} fits no value`);
  const values = members.map((value) => value[member]);
  if (values.includes(undefined)) throw new IonFault(`A set of ${type} has a member of another type`);
  return { [type]: values } as unknown as AttributeValue;
}

function readPlain(cursor: Cursor): AttributeValue {
  const { text } = cursor;
  const character = text[cursor.at];
  if (character === undefined) throw fault(cursor, 'A value is missing');
  if (character === '"') return { S: quoted(cursor, '"')! };
  if (text.startsWith("'''", cursor.at)) return { S: longString(cursor) };
  if (character === "'") return { S: quoted(cursor, "'")! };
  if (take(cursor, '{{')) return { B: readBlob(cursor) };
  if (take(cursor, '{')) return { M: readStruct(cursor) };
  if (take(cursor, '[')) return { L: readList(cursor) };
  if (/[-+\d]/.test(character)) return readNumber(cursor);
  const name = match(cursor, word);
  if (name === undefined) throw fault(cursor, 'The value is not understood');
  return readWord(cursor, name);
}

function readWord(cursor: Cursor, name: string): AttributeValue {
  if (name === 'true' || name === 'false') return { BOOL: name === 'true' };
  if (name === 'nan') throw fault(cursor, 'NaN is no number of DynamoDB');
  if (name !== 'null') return { S: name };
  // Typed: null.string
  if (cursor.text[cursor.at] === '.') {
    cursor.at++;
    match(cursor, word);
  }
  return { NULL: true };
}

function readNumber(cursor: Cursor): AttributeValue {
  const text = match(cursor, number);
  // A timestamp goes on with a hyphen or a T.
  if (text === undefined || /[-T:\w]/.test(cursor.text[cursor.at] ?? ' '))
    throw fault(cursor, 'The value is of a type that DynamoDB does not have');
  return {
    N: text
      .replaceAll('_', '')
      .replace(/\.$/, '')
      .replace(/\.?[dD]/, 'E'),
  };
}

function readStruct(cursor: Cursor): Record<string, AttributeValue> {
  const fields = newItem();
  while (!take(cursor, '}')) {
    skip(cursor);
    const first = cursor.text[cursor.at];
    const name = first === '"' || first === "'" ? quoted(cursor, first) : match(cursor, word);
    if (name === undefined || !take(cursor, ':')) throw fault(cursor, 'A field has no name');
    fields[name] = readValue(cursor);
    if (take(cursor, ',')) continue;
    if (!take(cursor, '}')) throw fault(cursor, 'A struct is not closed');
    break;
  }
  return fields;
}

function readList(cursor: Cursor): AttributeValue[] {
  const values: AttributeValue[] = [];
  while (!take(cursor, ']')) {
    values.push(readValue(cursor));
    if (take(cursor, ',')) continue;
    if (!take(cursor, ']')) throw fault(cursor, 'A list is not closed');
    break;
  }
  return values;
}

function readBlob(cursor: Cursor): Uint8Array {
  const end = cursor.text.indexOf('}}', cursor.at);
  if (end === -1) throw new IonFault('A blob is not closed', true);
  const base64 = cursor.text.slice(cursor.at, end).replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw fault(cursor, 'A blob is no base64');
  cursor.at = end + 2;
  return Buffer.from(base64, 'base64');
}

/** Segments that follow each other are one text. */
function longString(cursor: Cursor): string {
  let whole = '';
  while (take(cursor, "'''")) {
    let end = cursor.at;
    while (!cursor.text.startsWith("'''", end)) {
      if (end >= cursor.text.length) throw new IonFault('A text is not closed', true);
      end += cursor.text[end] === '\\' ? 2 : 1;
    }
    whole += unescaped(cursor, cursor.text.slice(cursor.at, end));
    cursor.at = end + 3;
  }
  return whole;
}

function quoted(cursor: Cursor, mark: string): string | undefined {
  if (mark === "'" && cursor.text.startsWith("'''", cursor.at)) return undefined;
  const start = cursor.at + 1;
  let end = start;
  while (cursor.text[end] !== mark) {
    if (end >= cursor.text.length) throw new IonFault('A text is not closed', true);
    end += cursor.text[end] === '\\' ? 2 : 1;
  }
  cursor.at = end + 1;
  return unescaped(cursor, cursor.text.slice(start, end));
}

const escapes: Readonly<Record<string, string>> = {
  ...{ '0': '\0', a: '\u0007', b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', v: '\v' },
  ...{ '?': '?', '/': '/', "'": "'", '"': '"', '\\': '\\', '\n': '' },
};

function unescaped(cursor: Cursor, text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g,
    (_, x?: string, u?: string, long?: string, one?: string) => {
      const code = x ?? u ?? long;
      if (code !== undefined && Number.parseInt(code, 16) <= 0x10ffff) return String.fromCodePoint(Number.parseInt(code, 16));
      const plain = one === undefined ? undefined : escapes[one];
      if (plain === undefined) throw fault(cursor, 'An escape is not known');
      return plain;
    },
  );
}
