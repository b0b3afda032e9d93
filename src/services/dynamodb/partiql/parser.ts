/** Turns a PartiQL statement and its parameters into a plan. */

import { MentionedPaths } from '../expressions/binding.ts';
import type { Bound } from '../expressions/condition-checks.ts';
import type { Path } from '../expressions/contract.ts';
import { valueAt } from '../expressions/binding.ts';
import { pathFault } from '../expressions/paths.ts';
import type { BoundAction } from '../expressions/update-checks.ts';
import { updateOf } from '../expressions/update.ts';
import { newItem, typeOf, type AttributeValue } from '../values/attribute-value.ts';
import { admitItem } from '../values/admit.ts';
import { validationException } from '../values/errors.ts';
import type { DeletePlan, ExistsPlan, InsertPlan, Plan, Returning, SelectPlan, UpdatePlan, Where } from './contract.ts';
import { parametersDiffer, parseIdentifier, parseLiteral, parsePath, requireLiteral, type Parameters } from './operands.ts';
import { current, expectSign, expectWord, isSign, isWord, malformed, takeSign, takeWords, tokenize, type Cursor } from './tokens.ts';
import { parseWhere } from './where.ts';

const incompleteKey = (): Error => validationException('Where clause does not contain a mandatory equality on all key attributes');

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.statements.html */
export function parseStatement(statement: string, values: readonly AttributeValue[] = []): Plan {
  const cursor = tokenize(statement);
  const parameters: Parameters = { values, used: 0 };
  const plan = parsePlan(cursor, parameters);
  if (current(cursor).kind !== 'end') throw malformed('Unexpected token after expression');
  if (parameters.used !== values.length) throw parametersDiffer();
  return plan;
}

function parsePlan(cursor: Cursor, parameters: Parameters): Plan {
  if (takeWords(cursor, 'SELECT')) return parseSelect(cursor, parameters);
  if (takeWords(cursor, 'INSERT', 'INTO')) return parseInsert(cursor, parameters);
  if (takeWords(cursor, 'UPDATE')) return parseUpdate(cursor, parameters);
  if (takeWords(cursor, 'DELETE', 'FROM')) return parseDelete(cursor, parameters);
  if (takeWords(cursor, 'EXISTS')) return parseExists(cursor, parameters);
  throw malformed('Expected data manipulation');
}

function parseExists(cursor: Cursor, parameters: Parameters): ExistsPlan {
  expectSign(cursor, '(');
  expectWord(cursor, 'SELECT');
  const select = parseSelect(cursor, parameters);
  expectSign(cursor, ')');
  return { kind: 'exists', select };
}

function parseSelect(cursor: Cursor, parameters: Parameters): SelectPlan {
  const projection = parseProjection(cursor);
  expectWord(cursor, 'FROM');
  const table = parseIdentifier(cursor);
  const index = takeSign(cursor, '.') ? parseIdentifier(cursor) : undefined;
  if (isSign(cursor, ',')) throw validationException('Only select from a single table or index is supported.');
  const where = takeWords(cursor, 'WHERE') ? parseWhere(cursor, parameters) : undefined;
  return { kind: 'select', table, index, projection, where, orderBy: parseOrderBy(cursor, where) };
}

function parseProjection(cursor: Cursor): SelectPlan['projection'] {
  if (takeSign(cursor, '*')) {
    if (isSign(cursor, ',')) throw validationException("Other attributes should not be present in the projection when '*' is used.");
    return undefined;
  }
  const shown = new Map<string, Path>();
  const mentions = new MentionedPaths();
  do {
    const path = parsePath(cursor);
    const name = shownName(path);
    if (shown.has(name)) throw validationException(`Duplicate identifiers in select clause: ${name}`);
    shown.set(name, path);
    mentions.add(path);
  } while (takeSign(cursor, ','));
  return {
    heads: mentions.heads,
    nestedHeads: mentions.nestedHeads,
    paths: [...shown.values()],
    project: (item) => {
      const projected = newItem();
      for (const [name, path] of shown) {
        const value = valueAt(item, path);
        if (value !== undefined) projected[name] = value;
      }
      return projected;
    },
  };
}

/** A path is shown under its last name and what follows it: `a.b[0]` as `b[0]`. */
function shownName(path: Path): string {
  const from = path.findLastIndex((step) => typeof step === 'string');
  return path
    .slice(from)
    .map((step) => (typeof step === 'number' ? `[${step}]` : step))
    .join('');
}

function parseOrderBy(cursor: Cursor, where: Where | undefined): SelectPlan['orderBy'] {
  if (!takeWords(cursor, 'ORDER', 'BY')) return [];
  if (where === undefined) throw validationException('Must have WHERE clause in the statement when using ORDER BY clause.');
  const keys: { name: string; descending: boolean }[] = [];
  do {
    const name = parseIdentifier(cursor);
    const descending = takeWords(cursor, 'DESC');
    if (!descending) takeWords(cursor, 'ASC');
    keys.push({ name, descending });
  } while (takeSign(cursor, ','));
  return keys;
}

function parseInsert(cursor: Cursor, parameters: Parameters): InsertPlan {
  const table = parseIdentifier(cursor);
  if (isSign(cursor, '.')) throw validationException('This operation is not supported on an index');
  expectWord(cursor, 'VALUE');
  const value = requireLiteral(cursor, parameters);
  if (value.M === undefined) {
    throw validationException(
      'Unsupported format in item expression. Please use struct format {...} to express item values for insert statement.',
    );
  }
  if (isWord(cursor, 'RETURNING')) throw validationException('RETURNING is not supported in INSERT');
  return { kind: 'insert', table, item: admitItem(value.M) };
}

function parseUpdate(cursor: Cursor, parameters: Parameters): UpdatePlan {
  const table = parseIdentifier(cursor);
  if (isSign(cursor, '.')) throw validationException('This operation is not supported on an index');
  const actions: BoundAction[] = [];
  while (!isWord(cursor, 'WHERE') && current(cursor).kind !== 'end') {
    const isSet = takeWords(cursor, 'SET');
    if (!isSet && !takeWords(cursor, 'REMOVE')) throw malformed('Expected SET or REMOVE');
    do actions.push(isSet ? parseAssignment(cursor, parameters) : { kind: 'remove', path: parsePath(cursor) });
    while (takeSign(cursor, ','));
  }
  if (actions.length === 0) throw malformed('Expected SET or REMOVE');
  const fault = pathFault(actions.map((action) => action.path));
  if (fault !== undefined) throw validationException(fault);
  const where = parseRequiredWhere(cursor, parameters);
  return { kind: 'update', table, update: updateOf(actions), where, returning: parseReturning(cursor) };
}

function parseDelete(cursor: Cursor, parameters: Parameters): DeletePlan {
  const table = parseIdentifier(cursor);
  if (isSign(cursor, '.')) throw validationException('This operation is not supported on an index');
  const where = parseRequiredWhere(cursor, parameters);
  const returning = parseReturning(cursor);
  if (returning !== undefined && returning !== 'ALL_OLD') {
    const written = returning.replace('UPDATED', 'MODIFIED').replace('_', ' ');
    throw validationException(
      `Invalid returning clause: RETURNING ${written} *. Only RETURNING ALL OLD * is allowed in DELETE statements.`,
    );
  }
  return { kind: 'delete', table, where, returning };
}

function parseRequiredWhere(cursor: Cursor, parameters: Parameters): Where {
  if (!takeWords(cursor, 'WHERE')) throw incompleteKey();
  return parseWhere(cursor, parameters);
}

function parseReturning(cursor: Cursor): Returning | undefined {
  if (!takeWords(cursor, 'RETURNING')) return undefined;
  const which = takeWords(cursor, 'ALL') ? 'ALL' : takeWords(cursor, 'MODIFIED') ? 'UPDATED' : undefined;
  const when = takeWords(cursor, 'OLD') ? 'OLD' : takeWords(cursor, 'NEW') ? 'NEW' : undefined;
  if (which === undefined || when === undefined || !takeSign(cursor, '*')) {
    throw validationException("Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause");
  }
  return `${which}_${when}`;
}

/** `path = value`, where the value may be a sum, a difference, or one of the functions of UPDATE. */
function parseAssignment(cursor: Cursor, parameters: Parameters): BoundAction {
  const path = parsePath(cursor);
  expectSign(cursor, '=');
  const next = cursor.tokens[cursor.at + 1];
  const name = current(cursor).text.toLowerCase();
  if (current(cursor).kind === 'word' && next?.kind === 'sign' && next.text === '(') return parseUpdateCall(cursor, parameters, path, name);
  const left = parseTerm(cursor, parameters);
  const operator = isSign(cursor, '+') ? '+' : isSign(cursor, '-') ? '-' : undefined;
  if (operator === undefined) return { kind: 'set', path, value: left };
  cursor.at++;
  return { kind: 'set', path, value: { kind: 'sum', operator, args: [left, parseTerm(cursor, parameters)] } };
}

function parseTerm(cursor: Cursor, parameters: Parameters): Bound {
  const literal = parseLiteral(cursor, parameters);
  return literal === undefined ? { kind: 'path', path: parsePath(cursor) } : { kind: 'value', value: literal };
}

function parseUpdateCall(cursor: Cursor, parameters: Parameters, path: Path, name: string): BoundAction {
  cursor.at += 2;
  const args: Bound[] = [];
  do args.push(parseTerm(cursor, parameters));
  while (takeSign(cursor, ','));
  expectSign(cursor, ')');
  if (name === 'list_append') {
    if (args.length !== 2) {
      throw validationException(
        `Incorrect number of operands for operator or function; operator or function: list_append, number of operands: ${args.length}`,
      );
    }
    return { kind: 'set', path, value: { kind: 'call', name, args } };
  }
  if (name !== 'set_add' && name !== 'set_delete') throw validationException(`Unrecognized function: ${name}`);
  const shown = name.slice('set_'.length).toUpperCase();
  const [first, second] = args;
  if (args.length !== 2) throw validationException(`SET_${shown} must have exactly two arguments`);
  if (first!.kind !== 'path' || first!.path.length !== path.length || first!.path.some((step, index) => step !== path[index])) {
    throw validationException(`The first argument to SET_${shown} must equal the assignment value`);
  }
  const type = second!.kind === 'value' ? typeOf(second!.value) : undefined;
  if (second!.kind !== 'value' || (type !== 'SS' && type !== 'NS' && type !== 'BS')) {
    throw validationException(`The second argument to SET_${shown} must be a value with type SET`);
  }
  return { kind: name === 'set_add' ? 'add' : 'delete', path, value: second!.value };
}
