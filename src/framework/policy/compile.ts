/** Policy documents turned into matchers, once each. */

import type { Context } from './context.ts';
import type { Condition, PolicyDocument, Statement } from './document.ts';
import { compileCondition, type ConditionTest } from './conditions.ts';
import { closenessOf, isExempt, type Actor, type Closeness } from './principals.ts';
import { compileArnPattern, wildcardMatches, type Pattern } from './wildcards.ts';

export type CompiledStatement = {
  statement: Statement;
  /** Its place in the document, from 0. */
  index: number;
  deny: boolean;
  coversResource: (resource: string, context: Context) => boolean;
  /** Met when all are. */
  conditions: readonly { condition: Condition; met: ConditionTest }[];
};

export type CompiledPolicy = {
  statements: readonly CompiledStatement[];
  /** The statements that speak of an action. */
  forAction(action: string): readonly CompiledStatement[];
};

/** More actions than this are asked of one policy only by a simulation: the index starts anew then. */
const ACTIONS_INDEXED_MAX = 1024;

const compiled = new WeakMap<PolicyDocument, CompiledPolicy>();

/** The matchers of a document; the document must not change any more. */
export function compilePolicy(document: PolicyDocument): CompiledPolicy {
  let policy = compiled.get(document);
  if (!policy) compiled.set(document, (policy = compileAll(document)));
  return policy;
}

function compileAll(document: PolicyDocument): CompiledPolicy {
  const variables = document.version === '2012-10-17';
  const statements = document.statements.map((statement, index) => compileStatement(statement, index, variables));
  const byAction = new Map<string, readonly CompiledStatement[]>();
  return {
    statements,
    forAction(action) {
      let found = byAction.get(action);
      if (!found) {
        found = statements.filter(({ statement }) => coversAction(statement, action));
        if (byAction.size >= ACTIONS_INDEXED_MAX) byAction.clear();
        byAction.set(action, found);
      }
      return found;
    },
  };
}

function compileStatement(statement: Statement, index: number, variables: boolean): CompiledStatement {
  return {
    statement,
    index,
    deny: statement.effect === 'Deny',
    coversResource: compileResources(statement, variables),
    conditions: statement.conditions.map((condition) => ({ condition, met: compileCondition(condition, variables) })),
  };
}

/** Action names are not case-sensitive. */
export function coversAction(statement: Statement, action: string): boolean {
  const lower = action.toLowerCase();
  const matches = (pattern: string) => wildcardMatches(pattern.toLowerCase(), lower);
  return statement.notActions ? !statement.notActions.some(matches) : (statement.actions?.some(matches) ?? false);
}

/** Trust policies name no resource: they stand for the role that carries them. */
function compileResources(statement: Statement, variables: boolean): CompiledStatement['coversResource'] {
  const listed = statement.notResources ?? statement.resources;
  if (!listed) return () => true;
  const patterns = listed.map((text) => compileArnPattern(text, variables));
  if (statement.notResources) return (resource, context) => !anyMatches(patterns, resource, context);
  const [only] = patterns;
  return patterns.length === 1 && only ? only : (resource, context) => anyMatches(patterns, resource, context);
}

function anyMatches(patterns: readonly Pattern[], text: string, context: Context): boolean {
  for (const pattern of patterns) if (pattern(text, context)) return true;
  return false;
}

export function conditionsMet(statement: CompiledStatement, context: Context): boolean {
  for (const { met } of statement.conditions) if (!met(context)) return false;
  return true;
}

/** How a statement of a resource policy names the caller; undefined when it does not. */
export function closenessTo(statement: Statement, actor: Actor): Closeness | undefined {
  if (statement.principals) return closenessOf(statement.principals, actor);
  if (statement.notPrincipals) return isExempt(statement.notPrincipals, actor) ? undefined : 'broad';
  return undefined;
}
