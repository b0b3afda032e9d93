/** One value of a filter policy: what it accepts. https://docs.aws.amazon.com/sns/latest/dg/filter-policy-constraints.html */

import { compileRange } from '../../../framework/policy/ip-range.ts';
import { FilterFault } from './fault.ts';

/** A value that a message may hold: objects and arrays are taken apart before. */
export type Scalar = string | number | boolean | null;

/** `absent` rules accept what is not there; all others a value. */
export type Rule = { absent: true } | { absent: false; accepts: (value: Scalar) => boolean };

const accept = (accepts: (value: Scalar) => boolean): Rule => ({ absent: false, accepts });
const onText = (accepts: (text: string) => boolean): Rule => accept((value) => typeof value === 'string' && accepts(value));

/** The operators of a filter policy; `$or` alternatives may not have keys so called. */
export const operatorNames: ReadonlySet<string> = new Set([
  ...['prefix', 'suffix', 'anything-but', 'numeric', 'exists', 'equals-ignore-case', 'cidr', 'wildcard'],
]);

/** Throws FilterFault. */
export function readRule(json: unknown): Rule {
  if (isScalar(json)) return accept((value) => value === json);
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new FilterFault('Match value must be String, number, true, false, or null');
  const entries = Object.entries(json);
  if (entries.length !== 1) throw new FilterFault('Only one key allowed in match expression');
  const [name, operand] = entries[0]!;
  switch (name) {
    case 'exists':
      if (typeof operand !== 'boolean') throw new FilterFault('exists match pattern must be either true or false.');
      return operand ? accept(() => true) : { absent: true };
    case 'anything-but':
      return anythingBut(operand);
    case 'numeric':
      return numeric(operand);
    case 'cidr':
      return cidr(operand);
    default:
      return onText(textMatcher(name, operand));
  }
}

export function isScalar(json: unknown): json is Scalar {
  return json === null || typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean';
}

function textMatcher(name: string, operand: unknown): (text: string) => boolean {
  if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(name)) throw new FilterFault(`Unrecognized match type ${name}`);
  if (typeof operand !== 'string') throw new FilterFault(`${name} match pattern must be a string`);
  if (name === 'prefix') return (text) => text.startsWith(operand);
  if (name === 'suffix') return (text) => text.endsWith(operand);
  if (name === 'equals-ignore-case') {
    const lower = operand.toLowerCase();
    return (text) => text.toLowerCase() === lower;
  }
  if (operand.includes('**')) throw new FilterFault('Consecutive wildcard characters');
  if ((operand.match(/\*/g)?.length ?? 0) > 3) throw new FilterFault('Too many wildcards in a pattern');
  return wildcard(operand);
}

/** Walks the fixed pieces between the stars from left to right; linear, whatever the text. */
export function wildcard(pattern: string): (text: string) => boolean {
  const pieces = pattern.split('*');
  if (pieces.length === 1) return (text) => text === pattern;
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  const middle = pieces.slice(1, -1);
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    const end = text.length - last.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}

function anythingBut(operand: unknown): Rule {
  if (typeof operand === 'object' && operand !== null && !Array.isArray(operand)) {
    const entries = Object.entries(operand);
    if (entries.length !== 1) throw new FilterFault('Only one key allowed in match expression');
    const [name, inner] = entries[0]!;
    const matchers = (Array.isArray(inner) ? (inner as unknown[]) : [inner]).map((one) => textMatcher(name, one));
    if (matchers.length === 0) throw new FilterFault('Empty arrays are not allowed');
    return onText((text) => !matchers.some((matches) => matches(text)));
  }
  const list: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (list.length === 0) throw new FilterFault('Empty arrays are not allowed');
  const texts = list.every((one) => typeof one === 'string');
  const numbers = list.every((one) => typeof one === 'number');
  if (!texts && !numbers)
    throw new FilterFault('Inside anything-but list, either all values are number or string, mixed type is not supported');
  const refused = new Set<unknown>(list);
  return accept((value) => !refused.has(value));
}

type Bound = (value: number) => boolean;

function bound(operator: unknown, operand: unknown): Bound {
  if (typeof operator !== 'string') throw new FilterFault(`Invalid member in numeric match: ${String(operator)}`);
  if (!['=', '<', '<=', '>', '>='].includes(operator)) throw new FilterFault(`Unrecognized numeric range operator: ${operator}`);
  if (typeof operand !== 'number') throw new FilterFault(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`);
  if (Math.abs(operand) > 1_000_000_000) throw new FilterFault(`Value of ${operator} must be between -1.0E9 and 1.0E9, inclusive`);
  const bounds: Record<string, Bound> = {
    '=': (value) => value === operand,
    '<': (value) => value < operand,
    '<=': (value) => value <= operand,
    '>': (value) => value > operand,
    '>=': (value) => value >= operand,
  };
  return bounds[operator]!;
}

function numeric(operand: unknown): Rule {
  if (!Array.isArray(operand)) throw new FilterFault('Value of numeric must be an array.');
  const [operator, low, second, high] = operand as unknown[];
  if (operand.length === 0) throw new FilterFault('Invalid member in numeric match: ]');
  const lower = bound(operator, low);
  if (operand.length === 2) return accept((value) => typeof value === 'number' && lower(value));
  if (operator === '=' || String(operator).startsWith('<')) throw new FilterFault('Too many elements in numeric expression');
  if (typeof second !== 'string') throw new FilterFault(`Bad value in numeric range: ${String(second)}`);
  if (second !== '<' && second !== '<=') throw new FilterFault(`Bad numeric range operator: ${second}`);
  const upper = bound(second, high);
  if (operand.length > 4) throw new FilterFault('Too many terms in numeric range expression');
  if ((low as number) >= (high as number)) throw new FilterFault('Bottom must be less than top');
  return accept((value) => typeof value === 'number' && lower(value) && upper(value));
}

function cidr(operand: unknown): Rule {
  // In AWS's own words, which name another operator here.
  if (typeof operand !== 'string') throw new FilterFault('prefix match pattern must be a string');
  const [address, bits, ...rest] = operand.split('/');
  if (bits === undefined || rest.length > 0) throw new FilterFault("Malformed CIDR, one '/' required");
  const within = compileRange(operand);
  if (!within && !/^\d+$/.test(bits)) throw new FilterFault('Malformed CIDR, mask bits must be an integer');
  if (!within) throw new FilterFault(`Nonstandard IP address: ${address}`);
  return onText(within);
}
