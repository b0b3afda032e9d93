/** Columns of a table of Glue as columns of Parquet, and values of JSON as theirs: https://docs.aws.amazon.com/athena/latest/ug/data-types.html */

import type { SchemaElement } from 'hyparquet-writer';
import { elementOf, type Column } from '../../../framework/parquet-file.ts';

/** A value does not fit its column. */
export class Malformed extends Error {
  override name = 'Malformed';
}

/** A column's type is none that Parquet files of ours have. */
export class UnknownType extends Error {
  override name = 'UnknownType';
}

export type HiveType = {
  /** Elements of a column or member of this type. */
  elements: (name: string) => Column;
  /** Throws Malformed. */
  convert: (value: unknown) => unknown;
};

const depthMax = 16;

/** Throws UnknownType. */
export function hiveType(text: string): HiveType {
  const reader = { text: text.toLowerCase().replaceAll(/\s+/g, ''), at: 0 };
  const type = readType(reader, 0);
  if (reader.at < reader.text.length) throw new UnknownType(`${text} is no type of Hive.`);
  return type;
}

type Reader = { text: string; at: number };

function readWord(reader: Reader, form: RegExp): string {
  form.lastIndex = reader.at;
  const word = form.exec(reader.text)?.[0] ?? '';
  reader.at += word.length;
  return word;
}

function expect(reader: Reader, sign: string): void {
  if (reader.text[reader.at] !== sign) throw new UnknownType(`${reader.text} is no type of Hive.`);
  reader.at++;
}

function readType(reader: Reader, depth: number): HiveType {
  if (depth > depthMax) throw new UnknownType(`${reader.text.slice(0, 100)} is nested too deeply.`);
  const name = readWord(reader, /[a-z]+/y);
  if (name === 'array') return within(reader, () => listOf(readType(reader, depth + 1)));
  if (name === 'map')
    return within(reader, () => {
      readType(reader, depth + 1); // keys of JSON are texts, whatever the type of the map's
      expect(reader, ',');
      return mapOf(readType(reader, depth + 1));
    });
  if (name === 'struct') return within(reader, () => structOf(readMembers(reader, depth + 1)));
  if (name === 'decimal') return decimal(readWord(reader, /\(\d+(,\d+)?\)/y));
  if (name === 'char' || name === 'varchar') readWord(reader, /\(\d+\)/y);
  const plain = plainTypes.get(name);
  if (!plain) throw new UnknownType(`${name || reader.text} is no type of Hive.`);
  return plain;
}

function within(reader: Reader, read: () => HiveType): HiveType {
  expect(reader, '<');
  const type = read();
  expect(reader, '>');
  return type;
}

function readMembers(reader: Reader, depth: number): [name: string, type: HiveType][] {
  const members: [string, HiveType][] = [];
  do {
    const name = readWord(reader, /[^:<>,]+/y);
    expect(reader, ':');
    members.push([name, readType(reader, depth)]);
  } while (readWord(reader, /,/y) === ',');
  return members;
}

const optional = 'OPTIONAL' as const;

function leaf(element: Omit<SchemaElement, 'name'>, convert: (value: unknown) => unknown): HiveType {
  return {
    elements: (name) => [{ name, ...element, repetition_type: optional }],
    convert: (value) => (value === null || value === undefined ? null : convert(value)),
  };
}

const shown = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one)) ?? '';

function whole(value: unknown, bits: number): bigint {
  const isText = typeof value === 'string' && /^-?\d{1,20}$/.test(value);
  if (typeof value !== 'bigint' && !isText && !(typeof value === 'number' && Number.isInteger(value)))
    throw new Malformed(`${shown(value)} is no whole number.`);
  const number = BigInt(value as string | number | bigint);
  if (BigInt.asIntN(bits, number) !== number) throw new Malformed(`${shown(value)} does not fit ${bits} bits.`);
  return number;
}

function real(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'bigint') return Number(number);
  if (typeof number !== 'number' || Number.isNaN(number)) throw new Malformed(`${shown(value)} is no number.`);
  return number;
}

function truth(value: unknown): boolean {
  const text = typeof value === 'string' ? value.toLowerCase() : value;
  if (text === true || text === 'true') return true;
  if (text === false || text === 'false') return false;
  throw new Malformed(`${shown(value)} is no boolean.`);
}

/** What is no text is written as JSON, as Hive does with a column of texts. */
const texts = (value: unknown): string => (typeof value === 'string' ? value : shown(value));

function day(value: unknown): Date {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value) || Number.isNaN(Date.parse(value)))
    throw new Malformed(`${shown(value)} is no date.`);
  return new Date(value);
}

/** Later numbers are milliseconds, earlier ones seconds. */
const secondsMax = 1e11;

/** `2026-11-29 12:00:00.5`, ISO 8601, or seconds or milliseconds of the epoch. */
function moment(value: unknown): Date {
  if (typeof value === 'number' || typeof value === 'bigint') {
    const number = Number(value);
    return new Date(Math.abs(number) < secondsMax ? number * 1000 : number);
  }
  const form = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?)?$/;
  const found = typeof value === 'string' ? form.exec(value) : null;
  const date = found && new Date(`${found[1]}T${found[2] ?? '00:00:00'}${(found[3] ?? '').slice(0, 4)}${found[4] ?? 'Z'}`);
  if (!date || Number.isNaN(date.getTime())) throw new Malformed(`${shown(value)} is no timestamp.`);
  return date;
}

function bytes(value: unknown): Uint8Array {
  if (typeof value !== 'string') throw new Malformed(`${shown(value)} is no text of bytes.`);
  return Buffer.from(value, 'base64');
}

const plainTypes: ReadonlyMap<string, HiveType> = new Map([
  ['boolean', leaf(elementOf.boolean, truth)],
  ['tinyint', leaf(elementOf.int, (value) => Number(whole(value, 8)))],
  ['smallint', leaf(elementOf.int, (value) => Number(whole(value, 16)))],
  ['int', leaf(elementOf.int, (value) => Number(whole(value, 32)))],
  ['integer', leaf(elementOf.int, (value) => Number(whole(value, 32)))],
  ['bigint', leaf(elementOf.long, (value) => whole(value, 64))],
  ['float', leaf({ type: 'FLOAT' }, real)],
  ['double', leaf({ type: 'DOUBLE' }, real)],
  ['string', leaf(elementOf.text, texts)],
  ['char', leaf(elementOf.text, texts)],
  ['varchar', leaf(elementOf.text, texts)],
  ['date', leaf({ type: 'INT32', converted_type: 'DATE' }, day)],
  ['timestamp', leaf(elementOf.moment, moment)],
  ['binary', leaf({ type: 'BYTE_ARRAY' }, bytes)],
]);

const decimalDigitsMax = 38;
const decimalDefault = [10, 0] as const;

function decimal(given: string): HiveType {
  const [precision = decimalDefault[0], scale = decimalDefault[1]] = given === '' ? [] : given.slice(1, -1).split(',').map(Number);
  if (precision < 1 || precision > decimalDigitsMax || scale > precision) throw new UnknownType(`decimal${given} is no type of Hive.`);
  const element = { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, converted_type: 'DECIMAL', precision, scale } as const;
  return leaf(element, (value) => unscaled(value, precision, scale));
}

/** A decimal times ten to its scale; further digits are rounded, half away from zero. */
function unscaled(value: unknown, precision: number, scale: number): bigint {
  const found = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?$/.exec(typeof value === 'number' ? plainText(value) : String(value));
  if (!found) throw new Malformed(`${shown(value)} is no decimal.`);
  const [, sign, integer, fraction = ''] = found;
  const kept = BigInt(integer! + fraction.slice(0, scale).padEnd(scale, '0')) + (Number(fraction[scale] ?? '0') >= 5 ? 1n : 0n);
  if (kept.toString().length > precision) throw new Malformed(`${shown(value)} has more than ${precision} digits.`);
  return sign === '-' ? -kept : kept;
}

/** Without an exponent. */
function plainText(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20) : text;
}

function listOf(type: HiveType): HiveType {
  return {
    elements: (name) => [
      { name, repetition_type: optional, num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...type.elements('element'),
    ],
    convert: (value) => {
      if (value === null || value === undefined) return null;
      if (!Array.isArray(value)) throw new Malformed(`${shown(value)} is no list.`);
      return value.map(type.convert);
    },
  };
}

function mapOf(type: HiveType): HiveType {
  return {
    elements: (name) => [
      { name, repetition_type: optional, num_children: 1, converted_type: 'MAP' },
      { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
      { name: 'key', ...elementOf.text, repetition_type: 'REQUIRED' },
      ...type.elements('value'),
    ],
    convert: (value) => {
      if (value === null || value === undefined) return null;
      return Object.fromEntries(Object.entries(asObject(value)).map(([key, one]) => [key, type.convert(one)]));
    },
  };
}

function structOf(members: readonly [name: string, type: HiveType][]): HiveType {
  return {
    elements: (name) => [
      { name, repetition_type: optional, num_children: members.length },
      ...members.flatMap(([member, type]) => [...type.elements(member)]),
    ],
    convert: (value) => {
      if (value === null || value === undefined) return null;
      const given = new Map(Object.entries(asObject(value)).map(([key, one]) => [key.toLowerCase(), one]));
      return Object.fromEntries(members.map(([member, type]) => [member, type.convert(given.get(member))]));
    },
  };
}

export function asObject(value: unknown): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Malformed(`${shown(value)} is no object.`);
  return value;
}
