/** What expressions are made of once parsed, before names and values are put in. */

import { current, ExpressionFault, expectSign, isSign, syntaxError, takeSign, type Cursor } from './tokens.ts';

/** A step of a path as written: a bare word, `#name`, or a list index. */
export type Step = string | number | { readonly name: string };

export type PathNode = { readonly kind: 'path'; readonly steps: readonly Step[] };
export type ValueNode = { readonly kind: 'value'; readonly name: string };
export type CallNode = { readonly kind: 'call'; readonly name: string; readonly args: readonly Operand[] };
export type Operand = PathNode | ValueNode | CallNode;

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly operand: Condition }
  | { readonly kind: 'compare'; readonly operator: Comparator; readonly args: readonly [Operand, Operand] }
  | { readonly kind: 'between'; readonly args: readonly [Operand, Operand, Operand] }
  | { readonly kind: 'in'; readonly args: readonly Operand[] }
  | CallNode;

/** The right side of a SET: an operand, or a sum or difference of two. */
export type SetValue = Operand | { readonly kind: 'sum'; readonly operator: '+' | '-'; readonly args: readonly [Operand, Operand] };

export type Action =
  | { readonly kind: 'set'; readonly path: PathNode; readonly value: SetValue }
  | { readonly kind: 'remove'; readonly path: PathNode }
  | { readonly kind: 'add' | 'delete'; readonly path: PathNode; readonly value: ValueNode };

export type Section = { readonly name: 'SET' | 'REMOVE' | 'ADD' | 'DELETE'; readonly actions: readonly Action[] };

/** List indexes are 32-bit numbers. */
const indexMax = 2 ** 31 - 1;

/** What may lie in brackets or calls in each other; more is refused before the stack ends. */
const nestingMax = 150;

/** Steps of a path, its beginning included. */
const pathStepsMax = 32;

/** How a kind of expression reads words: some are its keywords and never names. */
export type Grammar = { readonly isKeyword: (word: string) => boolean };

export function parsePath(cursor: Cursor, grammar: Grammar): PathNode {
  const steps: Step[] = [parseName(cursor, grammar)];
  parseSteps(cursor, grammar, steps);
  return { kind: 'path', steps };
}

/** The `.name` and `[index]` that follow the beginning of a path. */
export function parseSteps(cursor: Cursor, grammar: Grammar, steps: Step[]): void {
  for (;;) {
    if (takeSign(cursor, '.')) steps.push(parseName(cursor, grammar));
    else if (takeSign(cursor, '[')) {
      const token = current(cursor);
      if (token.kind !== 'number') throw syntaxError(cursor);
      cursor.at++;
      if (Number(token.text) > indexMax) {
        throw new ExpressionFault(`List index is not within the allowable range; index: [${token.text}]`);
      }
      steps.push(Number(token.text));
      expectSign(cursor, ']');
    } else break;
  }
  if (steps.length > pathStepsMax) {
    throw new ExpressionFault(`The document path has too many nesting levels; nesting levels: ${steps.length}`);
  }
}

function parseName(cursor: Cursor, grammar: Grammar): Step {
  const token = current(cursor);
  if (token.kind === 'name') {
    cursor.at++;
    return { name: token.text };
  }
  if (token.kind !== 'word' || grammar.isKeyword(token.text)) throw syntaxError(cursor);
  cursor.at++;
  return token.text;
}

export function parseValue(cursor: Cursor): ValueNode {
  const token = current(cursor);
  if (token.kind !== 'value') throw syntaxError(cursor);
  cursor.at++;
  return { kind: 'value', name: token.text };
}

/** A path, a value or a call, without brackets around it. */
export function parseBareOperand(cursor: Cursor, grammar: Grammar, parseArgument: () => Operand): Operand {
  const token = current(cursor);
  if (token.kind === 'value') return parseValue(cursor);
  const next = cursor.tokens[cursor.at + 1];
  if (token.kind !== 'word' || next?.kind !== 'sign' || next.text !== '(') return parsePath(cursor, grammar);
  if (grammar.isKeyword(token.text)) throw syntaxError(cursor);
  cursor.at += 2;
  const args = [parseArgument()];
  while (takeSign(cursor, ',')) args.push(parseArgument());
  expectSign(cursor, ')');
  // A path may not begin with a call.
  if (isSign(cursor, '.') || isSign(cursor, '[')) throw syntaxError(cursor);
  return { kind: 'call', name: token.text, args };
}

/** Refuses what lies too deep in brackets or calls. */
export function checkNesting(depth: number, cursor: Cursor): void {
  if (depth > nestingMax) throw syntaxError(cursor);
}
