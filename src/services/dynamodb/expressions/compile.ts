/** Compiles all expressions of a request in AWS's order of checks; what parses is remembered, since texts come again and again. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import { keyAttributesMax } from '../limits.ts';
import { validationException } from '../values/errors.ts';
import { bindParameters, checkAllUsed, MentionedPaths, type Binding } from './binding.ts';
import { bindCondition, compileCondition, type BoundCondition } from './condition.ts';
import { textFault } from './condition-checks.ts';
import { parseCondition } from './condition-syntax.ts';
import type { CompiledExpressions, ExpressionInput, KeyConditions } from './contract.ts';
import { toKeyConditions } from './key-conditions.ts';
import { tooManyConditions } from './key-range.ts';
import { compileProjection, projectionTextFault } from './projection.ts';
import type { Condition, PathNode, Section } from './syntax.ts';
import { ExpressionFault } from './tokens.ts';
import { compileUpdate } from './update.ts';
import { updateTextFault } from './update-checks.ts';
import { parseProjection, parseUpdate } from './update-syntax.ts';

const expressionBytesMax = 4096;
/** Each text has at most 4 KB. */
const rememberedMax = 1000;

/** A parser that remembers the last texts that it read without a fault. */
function remembering<Parsed>(parse: (text: string) => Parsed): (text: string) => Parsed {
  const remembered = new Map<string, Parsed>();
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const parsed = parse(text);
    keepNewest(remembered, rememberedMax, text, parsed);
    return parsed;
  };
}

const conditions = remembering((text): Condition => {
  const parsed = parseCondition(text);
  refuse(textFault(parsed));
  return parsed.condition;
});

const updates = remembering((text): readonly Section[] => {
  const sections = parseUpdate(text);
  refuse(updateTextFault(sections));
  return sections;
});

const projections = remembering((text): readonly PathNode[] => {
  const paths = parseProjection(text);
  refuse(projectionTextFault(paths));
  return paths;
});

function refuse(fault: string | undefined): void {
  if (fault !== undefined) throw new ExpressionFault(fault);
}

type ExpressionName =
  | 'UpdateExpression'
  | 'ConditionExpression'
  | 'KeyConditionExpression'
  | 'FilterExpression'
  | 'ProjectionExpression'
  | 'SearchConditionExpression';

/** Conditions and filters tell how long they are; the others do not. */
const tellsSize: ReadonlySet<ExpressionName> = new Set<ExpressionName>(['ConditionExpression', 'FilterExpression']);

/**
 * Everything that a request says in expressions. Names and values are checked first, then the update, the condition, the key
 * condition, the filter and the projection, then whether all names and values are used. Throws a ValidationException.
 */
export function compileExpressions(input: ExpressionInput): CompiledExpressions {
  const compiled: CompiledExpressions = {};
  const binding = bindParameters(input);
  compiled.update = compileOne('UpdateExpression', input, (text) => compileUpdate(updates(text), binding));
  compiled.condition = compileOne('ConditionExpression', input, (text) => compileCondition(conditions(text), binding));
  const keyCondition = compileOne('KeyConditionExpression', input, (text) => bindKeyCondition(text, binding));
  compiled.filter = compileOne('FilterExpression', input, (text) => compileCondition(conditions(text), binding));
  compiled.projection = compileOne('ProjectionExpression', input, (text) => compileProjection(projections(text), binding));
  const search = compileOne('SearchConditionExpression', input, (text) => bindKeyCondition(text, binding));
  checkAllUsed(binding);
  if (keyCondition !== undefined) compiled.keyConditions = checkCount(toKeyConditions(keyCondition), input.IndexName);
  if (search !== undefined) compiled.searchConditions = toKeyConditions(search, 'SearchConditionExpression');
  return compiled;
}

function compileOne<T>(name: ExpressionName, input: ExpressionInput, compile: (text: string) => T): T | undefined {
  const text = input[name];
  if (text === undefined) return undefined;
  try {
    checkSize(name, text);
    return compile(text);
  } catch (error) {
    if (error instanceof ExpressionFault) throw validationException(`Invalid ${name}: ${error.message}`);
    throw error;
  }
}

function checkSize(name: ExpressionName, text: string): void {
  if (text.trim() === '') throw new ExpressionFault('The expression can not be empty;');
  if (text.length * 3 <= expressionBytesMax) return;
  const bytes = Buffer.byteLength(text);
  if (bytes <= expressionBytesMax) return;
  const sentence = 'Expression size has exceeded the maximum allowed size;';
  throw new ExpressionFault(tellsSize.has(name) ? `${sentence} expression size: ${bytes}` : sentence);
}

function bindKeyCondition(text: string, binding: Binding): BoundCondition {
  return bindCondition(conditions(text), binding, new MentionedPaths());
}

/** A query has a condition for its partition key and may have one for its sort key; an index may have more attributes of each. */
export function checkCount(keyConditions: KeyConditions, index: string | undefined): KeyConditions {
  if (keyConditions.size > 0 && keyConditions.size <= (index === undefined ? 2 : 2 * keyAttributesMax)) return keyConditions;
  throw tooManyConditions();
}
