/** The shape of a policy's JSON: which elements there are and of which types. */

import { parseOperator } from './conditions.ts';
import type { Condition, PolicyDocument, PrincipalPattern, Statement } from './document.ts';
import type { Json, JsonObject } from './json.ts';

/** The JSON is no policy; the message says where. */
export class SyntaxFault extends Error {
  override name = 'SyntaxFault';
}

/** A document whose Effect is still as written: `allow` is a fault of its own. `hasVersion` is false when Version was left out. */
export type RawStatement = Statement & { effectAsWritten: string };
export type RawDocument = Omit<PolicyDocument, 'statements'> & { statements: readonly RawStatement[]; hasVersion: boolean };

const STATEMENTS_MAX = 1000;
const documentElements = new Set(['Version', 'Id', 'Statement']);
const statementElements = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);
const principalKinds = new Set(['AWS', 'Service', 'Federated', 'CanonicalUser']);

/** Throws SyntaxFault. */
export function readDocument(json: Json): RawDocument {
  const object = requireObject(json, 'the policy');
  refuseUnknown(object, documentElements);
  const version = optionalString(object, 'Version');
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17') throw new SyntaxFault('Version');
  const id = optionalString(object, 'Id');
  const listed = object.get('Statement');
  const statements = (Array.isArray(listed) ? (listed as readonly Json[]) : [listed]).map((each) =>
    readStatement(requireObject(each, 'Statement')),
  );
  if (statements.length === 0 || statements.length > STATEMENTS_MAX) throw new SyntaxFault('Statement');
  return { version: version ?? '2008-10-17', hasVersion: version !== undefined, ...(id !== undefined && { id }), statements };
}

function readStatement(object: JsonObject): RawStatement {
  refuseUnknown(object, statementElements);
  for (const name of ['Principal', 'Action', 'Resource']) if (object.has(name) && object.has(`Not${name}`)) throw new SyntaxFault(name);
  const effectAsWritten = optionalString(object, 'Effect');
  if (effectAsWritten === undefined || !/^(allow|deny)$/i.test(effectAsWritten)) throw new SyntaxFault('Effect');
  const statement: RawStatement = {
    effect: /^allow$/i.test(effectAsWritten) ? 'Allow' : 'Deny',
    effectAsWritten,
    conditions: readConditions(object.get('Condition')),
  };
  const sid = optionalString(object, 'Sid');
  if (sid !== undefined) statement.sid = sid;
  if (object.has('Principal')) statement.principals = readPrincipal(object.get('Principal')!);
  if (object.has('NotPrincipal')) statement.notPrincipals = readPrincipal(object.get('NotPrincipal')!);
  if (object.has('Action')) statement.actions = readStrings(object.get('Action')!);
  if (object.has('NotAction')) statement.notActions = readStrings(object.get('NotAction')!);
  if (object.has('Resource')) statement.resources = readStrings(object.get('Resource')!);
  if (object.has('NotResource')) statement.notResources = readStrings(object.get('NotResource')!);
  return statement;
}

/** `*`, or lists by kind. */
export function readPrincipal(json: Json): PrincipalPattern {
  if (json === '*') return '*';
  const object = requireObject(json, 'Principal');
  if (object.size === 0) throw new SyntaxFault('Principal');
  const pattern: Record<string, string[]> = {};
  for (const [kind, names] of object) {
    if (!principalKinds.has(kind)) throw new SyntaxFault('Principal');
    pattern[kind] = readStrings(names);
  }
  return pattern;
}

/** An operator without keys is passed over, whatever its name, as IAM does. */
export function readConditions(json: Json | undefined): Condition[] {
  if (json === undefined) return [];
  const conditions: Condition[] = [];
  for (const [name, keys] of requireObject(json, 'Condition')) {
    for (const [key, values] of requireObject(keys, name)) {
      const operator = parseOperator(name);
      if (!operator) throw new SyntaxFault(`operator ${name}`);
      conditions.push({ ...operator, key, values: (Array.isArray(values) ? (values as readonly Json[]) : [values]).map(conditionValue) });
    }
  }
  return conditions;
}

function conditionValue(json: Json): string {
  if (typeof json === 'string') return json;
  if (typeof json === 'number' || typeof json === 'boolean') return String(json);
  throw new SyntaxFault('a condition value');
}

/** One string or a list of them. */
export function readStrings(json: Json): string[] {
  return (Array.isArray(json) ? (json as readonly Json[]) : [json]).map((each) => {
    if (typeof each !== 'string') throw new SyntaxFault('a string was expected');
    return each;
  });
}

function optionalString(object: JsonObject, name: string): string | undefined {
  const value = object.get(name);
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new SyntaxFault(name);
  return value;
}

function requireObject(json: Json | undefined, what: string): JsonObject {
  if (json instanceof Map) return json;
  throw new SyntaxFault(what);
}

function refuseUnknown(object: JsonObject, known: ReadonlySet<string>): void {
  for (const name of object.keys()) if (!known.has(name)) throw new SyntaxFault(`unknown element ${name}`);
}
