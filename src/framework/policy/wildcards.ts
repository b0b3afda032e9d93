/** Text patterns of policies, compiled once: plain text, `*` and `?`, ARNs field by field, with policy variables. */

import type { Context } from './context.ts';
import { piecesOf, valueOf, type Variable } from './variables.ts';

/** Does a text match? The request gives values to policy variables. */
export type Pattern = (text: string, context: Context) => boolean;

export type PatternOptions = { wildcards: boolean; variables: boolean; ignoreCase?: boolean };

const STAR = -1;
const ANY = -2;
const COLON = 58;

/** Character codes, STAR, ANY, and variables whose value is not known yet. */
type Item = number | Variable;

const always: Pattern = () => true;

/** Compiles a text of a condition value. What a variable brings in is literal: a tag's value never acts as a wildcard. */
export function compilePattern(text: string, options: PatternOptions): Pattern {
  const folded = options.ignoreCase
    ? text.replace(/\$\{[^${}]*\}|[^$]+|\$/g, (part) => (part.startsWith('${') ? part : part.toLowerCase()))
    : text;
  const pattern = compileItems(itemsOf(folded, options.wildcards, options.variables), options.ignoreCase ?? false);
  return options.ignoreCase ? (value, context) => pattern(value.toLowerCase(), context) : pattern;
}

/**
 * Compiles an ARN pattern: a wildcard stays within its field, but in the last one, the resource, it also spans `:` and `/`.
 * Missing fields are wildcards, so `arn:aws:sqs` means `arn:aws:sqs:*:*:*`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function compileArnPattern(text: string, variables: boolean): Pattern {
  const items = itemsOf(text, true, variables);
  if (items.every((item) => item === STAR)) return always;
  const fields = splitFields(items);
  while (fields.length < 6) fields.push([STAR]);
  const head = fields.slice(0, 5);
  if (head.every((field) => field.every((item) => typeof item === 'number' && item >= 0))) return compileItems(joinFields(fields), false);
  const patterns = fields.map((field) => compileItems(field, false));
  return (value, context) => fieldsMatch(patterns, value, context);
}

/** True when text matches a pattern of literal characters, `*` and `?`, all in one. */
export function wildcardMatches(pattern: string, text: string): boolean {
  return globMatches(itemsOf(pattern, true, false) as number[], text);
}

function itemsOf(text: string, wildcards: boolean, variables: boolean): Item[] {
  const items: Item[] = [];
  for (const piece of piecesOf(text, variables)) {
    if ('read' in piece) {
      items.push(piece);
      continue;
    }
    for (let i = 0; i < piece.literal.length; i++) {
      const code = piece.literal.charCodeAt(i);
      const item = wildcards && piece.wild ? (code === 42 ? STAR : code === 63 ? ANY : code) : code;
      if (item !== STAR || items.at(-1) !== STAR) items.push(item);
    }
  }
  return items;
}

function compileItems(items: readonly Item[], ignoreCase: boolean): Pattern {
  if (!items.every((item) => typeof item === 'number')) return compileDynamic(items, ignoreCase);
  const wild = items.findIndex((item) => item < 0);
  if (wild < 0) {
    const exact = textOf(items);
    return (text) => text === exact;
  }
  if (items.length === 1 && items[0] === STAR) return always;
  const prefix = textOf(items.slice(0, wild));
  if (wild === items.length - 1 && items[wild] === STAR) return (text) => text.startsWith(prefix);
  return (text) => text.startsWith(prefix) && globMatches(items, text);
}

function compileDynamic(items: readonly Item[], ignoreCase: boolean): Pattern {
  return (text, context) => {
    const codes: number[] = [];
    for (const item of items) {
      if (typeof item === 'number') {
        codes.push(item);
        continue;
      }
      const found = valueOf(item, context);
      if (found === undefined) return false;
      const value = ignoreCase ? found.toLowerCase() : found;
      for (let i = 0; i < value.length; i++) codes.push(value.charCodeAt(i));
    }
    return globMatches(codes, text);
  };
}

function textOf(codes: readonly number[]): string {
  return codes.map((code) => String.fromCharCode(code)).join('');
}

/** Goes back to the latest star only, so time grows with pattern × text at worst. */
function globMatches(codes: readonly number[], text: string): boolean {
  let at = 0;
  let position = 0;
  let star = -1;
  let resume = 0;
  while (position < text.length) {
    const code = at < codes.length ? codes[at]! : undefined;
    if (code === STAR) {
      star = at++;
      resume = position;
    } else if (code !== undefined && (code === ANY || code === text.charCodeAt(position))) {
      at++;
      position++;
    } else if (star >= 0) {
      at = star + 1;
      position = ++resume;
    } else return false;
  }
  while (at < codes.length && codes[at] === STAR) at++;
  return at === codes.length;
}

function splitFields(items: readonly Item[]): Item[][] {
  const fields: Item[][] = [[]];
  for (const item of items) {
    if (item === COLON && fields.length < 6) fields.push([]);
    else fields.at(-1)!.push(item);
  }
  return fields;
}

function joinFields(fields: readonly Item[][]): Item[] {
  return fields.flatMap((field, i) => (i === 0 ? field : [COLON, ...field]));
}

function fieldsMatch(patterns: readonly Pattern[], value: string, context: Context): boolean {
  let start = 0;
  for (let i = 0; i < 5; i++) {
    const end = value.indexOf(':', start);
    if (end < 0 || !patterns[i]!(value.slice(start, end), context)) return false;
    start = end + 1;
  }
  return patterns[5]!(value.slice(start), context);
}
