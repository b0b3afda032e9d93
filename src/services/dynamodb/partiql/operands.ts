/** Names, paths, literals and parameters of PartiQL statements. */

import type { Bound } from '../expressions/condition-checks.ts';
import type { Path } from '../expressions/contract.ts';
import { admitValue } from '../values/admit.ts';
import { newItem, type AttributeValue } from '../values/attribute-value.ts';
import { normalNumber } from '../values/decimal.ts';
import { validationException } from '../values/errors.ts';
import { current, expectSign, isSign, malformed, nested, takeSign, takeWords, type Cursor } from './tokens.ts';

/** The parameters of a request, which stand for the question marks in their order. */
export type Parameters = { readonly values: readonly AttributeValue[]; used: number };

const keywords = new Set(
  'SELECT FROM WHERE INSERT INTO VALUE UPDATE SET REMOVE DELETE AND OR NOT IN BETWEEN IS ORDER BY RETURNING EXISTS NULL MISSING TRUE FALSE'.split(
    ' ',
  ),
);

export function parseIdentifier(cursor: Cursor): string {
  const token = current(cursor);
  if (token.kind !== 'name' && (token.kind !== 'word' || keywords.has(token.text.toUpperCase()))) throw malformed('Expected identifier');
  if (token.text === '') throw validationException('Path component cannot be an empty string');
  cursor.at++;
  return token.text;
}

export function parsePath(cursor: Cursor): Path {
  const path: (string | number)[] = [parseIdentifier(cursor)];
  for (;;) {
    if (takeSign(cursor, '.')) path.push(parseIdentifier(cursor));
    else if (isSign(cursor, '[')) {
      cursor.at++;
      path.push(parseIndex(cursor));
      expectSign(cursor, ']');
    } else return path;
  }
}

function parseIndex(cursor: Cursor): string | number {
  const token = current(cursor);
  cursor.at++;
  // a['b'] is another way to write a.b.
  if (token.kind === 'text') return token.text;
  if (token.kind !== 'number' || !/^\d+$/.test(token.text)) throw malformed('Expected list index');
  if (Number(token.text) > 2 ** 31 - 1) {
    throw validationException(`List index is not within the allowable range; index: [${token.text}]`);
  }
  return Number(token.text);
}

/** A literal or a parameter; undefined when there is none here. */
export function parseLiteral(cursor: Cursor, parameters: Parameters): AttributeValue | undefined {
  const token = current(cursor);
  if (token.kind === 'text') {
    cursor.at++;
    return { S: token.text };
  }
  if (token.kind === 'number') return parseNumber(cursor, '');
  if (token.kind === 'word') return parseWordLiteral(cursor);
  if (token.kind !== 'sign') return undefined;
  if (takeSign(cursor, '?')) return takeParameter(parameters);
  const next = cursor.tokens[cursor.at + 1];
  if ((token.text === '-' || token.text === '+') && next?.kind === 'number') {
    cursor.at++;
    return parseNumber(cursor, token.text === '-' ? '-' : '');
  }
  if (takeSign(cursor, '[')) return { L: parseMembers(cursor, parameters, ']') };
  if (takeSign(cursor, '<<')) return setOf(parseMembers(cursor, parameters, '>>'));
  if (takeSign(cursor, '{')) return { M: parseMap(cursor, parameters) };
  return undefined;
}

function parseNumber(cursor: Cursor, sign: string): AttributeValue {
  const text = sign + current(cursor).text;
  cursor.at++;
  return { N: normalNumber(text) };
}

function parseWordLiteral(cursor: Cursor): AttributeValue | undefined {
  if (takeWords(cursor, 'TRUE')) return { BOOL: true };
  if (takeWords(cursor, 'FALSE')) return { BOOL: false };
  return takeWords(cursor, 'NULL') ? { NULL: true } : undefined;
}

function takeParameter(parameters: Parameters): AttributeValue {
  const value = parameters.values[parameters.used++];
  if (value === undefined) throw parametersDiffer();
  return admitValue(value);
}

export const parametersDiffer = (): Error => validationException("Number of parameters in request and statement don't match.");

export function requireLiteral(cursor: Cursor, parameters: Parameters): AttributeValue {
  const literal = nested(cursor, () => parseLiteral(cursor, parameters));
  if (literal === undefined) throw malformed('Expected a value');
  return literal;
}

function parseMembers(cursor: Cursor, parameters: Parameters, end: string): AttributeValue[] {
  const members: AttributeValue[] = [];
  if (takeSign(cursor, end)) return members;
  do members.push(requireLiteral(cursor, parameters));
  while (takeSign(cursor, ','));
  expectSign(cursor, end);
  return members;
}

function parseMap(cursor: Cursor, parameters: Parameters): Record<string, AttributeValue> {
  const map = newItem();
  if (takeSign(cursor, '}')) return map;
  do {
    const token = current(cursor);
    if (token.kind !== 'text' && token.kind !== 'name') throw malformed('Expected a key of a tuple');
    cursor.at++;
    expectSign(cursor, ':');
    if (Object.hasOwn(map, token.text)) throw validationException(`Duplicate keys in tuple. Key: ${token.text}`);
    map[token.text] = requireLiteral(cursor, parameters);
  } while (takeSign(cursor, ','));
  expectSign(cursor, '}');
  return map;
}

function setOf(members: readonly AttributeValue[]): AttributeValue {
  if (members.length === 0) throw validationException('Empty bags are not supported');
  if (members.every((member) => member.S !== undefined)) return admitValue({ SS: members.map((member) => member.S!) });
  if (members.every((member) => member.N !== undefined)) return admitValue({ NS: members.map((member) => member.N!) });
  if (members.every((member) => member.B !== undefined)) return admitValue({ BS: members.map((member) => member.B!) });
  throw validationException('Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags');
}

const conditionFunctions: ReadonlySet<string> = new Set(['begins_with', 'contains', 'attribute_type', 'size']);

/** A literal, a parameter, a path, or a function of conditions; functions are written in either case. */
export function parseOperand(cursor: Cursor, parameters: Parameters): Bound {
  const literal = nested(cursor, () => parseLiteral(cursor, parameters));
  if (literal !== undefined) return { kind: 'value', value: literal };
  const token = current(cursor);
  const next = cursor.tokens[cursor.at + 1]!;
  if (token.kind !== 'word' || next.kind !== 'sign' || next.text !== '(') return { kind: 'path', path: parsePath(cursor) };
  const name = token.text.toLowerCase();
  if (!conditionFunctions.has(name)) throw validationException(`Unrecognized function: ${token.text}`);
  cursor.at += 2;
  const args: Bound[] = [];
  do args.push(nested(cursor, () => parseOperand(cursor, parameters)));
  while (takeSign(cursor, ','));
  expectSign(cursor, ')');
  return { kind: 'call', name, args };
}
