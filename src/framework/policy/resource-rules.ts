/** What resource policies must have, with the sentences of S3, whose policies are the most common ones. */

import { valueFits } from './conditions.ts';
import type { Refuse } from './iam-rules.ts';
import type { Json, JsonObject } from './json.ts';
import { readDocument, SyntaxFault, type RawDocument, type RawStatement } from './syntax.ts';
import { invalidPrincipal } from './trust-rules.ts';

const documentElements = ['Version', 'Id', 'Statement'];
const statementElements = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

/** Checks what all resource policies share; which actions and resources fit, each service knows. */
export function checkResourceRules(
  json: JsonObject,
  options: { resourceOptional?: boolean; anyResource?: boolean },
  refuse: Refuse,
): RawDocument {
  const required = ['Effect', 'Principal', 'Action', ...(options.resourceOptional ? [] : ['Resource'])];
  checkElements(json, required, refuse);
  let document: RawDocument;
  try {
    document = readDocument(json);
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    return refuse(sentences[error.message] ?? 'Invalid policy syntax.');
  }
  for (const statement of document.statements) checkStatement(statement, options.anyResource === true, refuse);
  return document;
}

const sentences: Readonly<Record<string, string>> = {
  Version: 'The policy must contain a valid version string',
  Principal: 'Invalid principal in policy',
};

function checkElements(json: JsonObject, required: readonly string[], refuse: Refuse): void {
  for (const name of json.keys()) if (!documentElements.includes(name)) refuse(`Unknown field ${name}`);
  const listed = json.get('Statement');
  if (listed === undefined) refuse('Missing required field Statement');
  const statements = Array.isArray(listed) ? (listed as readonly Json[]) : [listed];
  if (statements.length === 0) refuse('Could not parse the policy: Statement is empty!');
  for (const statement of statements) {
    if (!(statement instanceof Map)) return refuse('Invalid policy syntax.');
    for (const name of statement.keys()) if (!statementElements.includes(name as string)) refuse(`Unknown field ${name}`);
    for (const name of required) {
      if (!statement.has(name) && !(name !== 'Effect' && statement.has(`Not${name}`))) refuse(`Missing required field ${name}`);
    }
    const effect: unknown = statement.get('Effect');
    if (effect !== 'Allow' && effect !== 'Deny') refuse(`Invalid effect: ${typeof effect === 'string' ? effect : ''}`);
  }
}

function checkStatement(statement: RawStatement, anyResource: boolean, refuse: Refuse): void {
  if (invalidPrincipal(statement.principals ?? statement.notPrincipals!)) refuse('Invalid principal in policy');
  const actions = statement.actions ?? statement.notActions!;
  if (actions.length === 0 || !actions.every((action) => action === '*' || /^[A-Za-z0-9.-]+:[^:]+$/.test(action)))
    refuse('Policy has invalid action');
  const resources = statement.resources ?? statement.notResources ?? ['*'];
  if (resources.length === 0 || !resources.every((resource) => anyResource || resource === '*' || /^(arn|\*):/.test(resource)))
    refuse('Policy has invalid resource');
  for (const { operator, values } of statement.conditions) {
    if (/^(date|numeric|ip|notip)/i.test(operator) && !values.every((value) => valueFits(operator, value)))
      refuse('Invalid value for a condition');
  }
}
