/** What expressions are refused with: the faults and their order as the public suite of dynalite recorded them from AWS. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttributeValue } from '../values/attribute-value.ts';
import { compileExpressions } from './compile.ts';

const anyValue: Record<string, AttributeValue> = { ':a': { S: 'a' }, ':b': { N: '1' }, ':l': { L: [] }, ':t': { BOOL: true } };

/** The expression with just those names and values that it mentions. */
function refusal(kind: string, text: string, names: Record<string, string>, values: Record<string, AttributeValue>): string {
  const used = <T>(given: Record<string, T>): Record<string, T> | undefined => {
    const entries = Object.entries(given).filter(([key]) => new RegExp(`${key}(?![0-9a-zA-Z_])`).test(text));
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  };
  try {
    compileExpressions({ [kind]: text, ExpressionAttributeNames: used(names), ExpressionAttributeValues: used(values) });
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'ValidationException', String(error));
    return (error as Error).message;
  }
  return 'accepted';
}

function check(kind: string, rows: readonly [text: string, message: string | RegExp, values?: Record<string, AttributeValue>][]): void {
  for (const [text, message, values] of rows) {
    const answer = refusal(kind, text, { '#a': 'a', '#d': '[3]', '#c': 'c' }, values ?? anyValue);
    const said = answer.replace(`Invalid ${kind}: `, '');
    if (typeof message === 'string') assert.equal(said, message, text);
    else assert.match(said, message, text);
  }
}

test('syntax errors show the token with its neighbours', () => {
  check('ConditionExpression', [
    ['a-b', 'Syntax error; token: "-", near: "a-b"'],
    ['a > 4', 'Syntax error; token: "4", near: "> 4"'],
    ['a = ', 'Syntax error; token: "<EOF>", near: "="'],
  ]);
  check('UpdateExpression', [
    ['INVALID SYNTAX HERE', 'Syntax error; token: "INVALID", near: "INVALID SYNTAX"'],
    ['SET _abc = :a', 'Syntax error; token: "_", near: "SET _abc"'],
    [
      'SET a = list_append(list_append(:l, :l), :l)',
      'The function is not allowed to be used this way in an expression; function: list_append',
    ],
    ['SET a = list_append(if_not_exists(a, :l), :l)', 'accepted'],
    ['ADD hits : incr', 'Syntax error; token: ":", near: "hits : incr"'],
    ['set a = :a, #, b = :b', 'Syntax error; token: "#", near: ", #,"'],
  ]);
});

test('what no rule of a condition accepts is a syntax error', () => {
  const texts = [
    'things are not gonna be ok', 'attribute_exists(Pictures-RearView)', 'attribute_exists("Pictures.RearView")',
    'attribute_exists(Pictures..RearView)', 'attribute_exists(Pi#ctures.RearView)', 'attribute_exists(asdf[a])', 'a in b, c',
    'a > between', 'a in b', 'a in (b,c,)', '(a)between(b.(c.d))and(c)', '(a)between(b.c.d)and((c)', '#$.b > a', 'a > :things.stuff',
    'b[:a] > a', 'b[#_] > a', 'ü > a', '(a)between(b.c[4.5].#d)and(:a)', 'size(a).b > a', '(size(a)).b > a', 'size(a)[0] > a',
    '(size(a))[0] > a', 'a', '(a)', 'not a', 'a and b = c', 'a = b and c', 'a = (b = c)', 'f()', 'a = b)', '(a = b',
  ]; // prettier-ignore
  check(
    'FilterExpression',
    texts.map((text) => [text, /^Syntax error; token: ".*", near: ".*"$/s]),
  );
});

test('what no rule of an update accepts is a syntax error', () => {
  const texts = [
    'whatever', 'set a', 'add a', 'delete a', 'set a=set', 'remove a = b', 'add a = b', 'delete a b', 'delete a if_not_exist(b)',
    'add abort b', 'remove a b', 'set a b', 'set :a = b', 'add :a b', 'remove :a', 'set a = b / c', 'set a = b * c',
    'set a[1] = "eight"', 'set a[1] = 1', 'SET a = if_not_exist(a, 100)', 'SET if_not_exist(a, b) = a', 'set (a = (b + c))',
    'set a = (b.c).d + e', 'set a = (b.c)[0] + e', 'set a = b + c + d',
  ]; // prettier-ignore
  check(
    'UpdateExpression',
    texts.map((text) => [text, /^Syntax error; /]),
  );
});

test('a condition is refused in the order of parentheses, functions, reserved words, then condition by condition', () => {
  const parentheses = 'The expression has redundant parentheses;';
  const misused = (name: string): string => `The function is not allowed to be used this way in an expression; function: ${name}`;
  const same = (name: string, path: string): string =>
    `The first operand must be distinct from the remaining operands for this operator or function; operator: ${name}, first operand: ${path}`;
  check('FilterExpression', [
    ['a=a and a > ((views))', parentheses],
    ['(a)between(((b.c)).d)and(c)', parentheses],
    ['a > whatever((:things), ((a)))', parentheses],
    ['a=a AND ((a=a AND (a=a AND a=a)))', parentheses],
    ['a=a and whatever((:things)) > a', 'Invalid function name; function: whatever'],
    ['attRIbute_exIsts((views), #a)', 'Invalid function name; function: attRIbute_exIsts'],
    ['if_not_exists(a, :a)', 'The function is not allowed in a condition expression; function: if_not_exists'],
    ['a=a and attribute_exists((views), (#a)) > b', misused('attribute_exists')],
    ['size(contains(a, b)) > a', misused('contains')],
    ['size(things)', misused('size')],
    ['a in (b, attribute_exists(things))', misused('attribute_exists')],
    ['attribute_exists(views, #a)', 'Attribute name is a reserved keyword; reserved keyword: views'],
    [':a < abOrT', 'Attribute name is a reserved keyword; reserved keyword: abOrT'],
    ['#4g > a', 'An expression attribute name used in the document path is not defined; attribute name: #4g'],
    ['begins_with(:hello, #a, #b)', 'An expression attribute value used in expression is not defined; attribute value: :hello'],
    ['begins_with(things, size(a), b)', 'Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 3'],
    ['a = #a AND #a = b AND :views > a', same('=', '[a]')],
    ['((a=a) OR (a=a))', same('=', '[a]')],
    ['contains(ab.bc[1].a, ab.bc[1].#a)', same('contains', '[ab, bc, [1], a]')],
    ['attribute_type(a, size(a)) and a=a', 'Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N'],
    ['begins_with(a, :b)', 'Incorrect operand type for operator or function; operator or function: begins_with, operand type: N'],
    ['attribute_not_exists(size(:b))', 'Incorrect operand type for operator or function; operator or function: size, operand type: N'],
    ['attribute_not_exists(size(:a))', 'Operator or function requires a document path; operator or function: attribute_not_exists'],
    ['attribute_type(a, :a)', 'Invalid attribute type name found; type: a, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}'],
    ['a < :t', 'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL'],
    ['a between :b and :a', 'The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:a}'],
    [`a in (${Array.from({ length: 101 }, () => 'b').join()})`, 'The IN operator is provided with too many operands; number of operands: 101'],
    [`a${'.a'.repeat(32)} = b`, 'The document path has too many nesting levels; nesting levels: 33'],
    ['a[2147483648] = b', 'List index is not within the allowable range; index: [2147483648]'],
    [`a = b${' AND a = b'.repeat(150)}`, 'The expression contains too many operators; operator count: 301'],
    ['  ', 'The expression can not be empty;'],
    [`a = b${' '.repeat(4092)}`, 'Expression size has exceeded the maximum allowed size; expression size: 4097'],
  ]); // prettier-ignore
});

test('an update is refused in the order of words, functions, sections, names, values, paths, operands, functions', () => {
  const overlap = (one: string, two: string): string =>
    `Two document paths overlap with each other; must remove or rewrite one of these paths; path one: ${one}, path two: ${two}`;
  const conflict = (one: string, two: string): string => overlap(one, two).replace('overlap', 'conflict');
  check('UpdateExpression', [
    [' set #x = :c set abOrt = true ', 'Attribute name is a reserved keyword; reserved keyword: abOrt'],
    ['set #x = if_not_exist(:c) set c = d', 'Invalid function name; function: if_not_exist'],
    ['set a = contains(b, c)', 'The function is not allowed in an update expression; function: contains'],
    ['remove #x set a = b remove e', 'The "REMOVE" section can only be used once in an update expression;'],
    ['SET #x = if_not_exists(:c)', 'An expression attribute name used in the document path is not defined; attribute name: #x'],
    ['SET #a = if_not_exists(:c)', 'An expression attribute value used in expression is not defined; attribute value: :c'],
    ['set d[1] = a, d.b = a, c[1].a = a, #c = if_not_exists(a)', overlap('[c, [1], a]', '[c]')],
    ['set #c[3].#d = a, #c[3] = a', overlap('[c, [3], [3]]', '[c, [3]]')],
    ['set #c[3].#d = a, #c.#d[3] = if_not_exists(a)', conflict('[c, [3], [3]]', '[c, [3], [3]]')],
    ['remove a.#c set a[1] = #d', conflict('[a, c]', '[a, [1]]')],
    ['set b = list_append(:a, a), c = if_not_exists(a) add a.b :a', 'Incorrect operand type for operator or function; operator: ADD, operand type: STRING'],
    ['delete a.b :b', 'Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER'],
    ['set a = if_not_exists(c)', 'Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 1'],
    ['set a = if_not_exists(if_not_exists(a, b), c)', 'Operator or function requires a document path; operator or function: if_not_exists'],
    ['set a = list_append(a, :b)', 'Incorrect operand type for operator or function; operator or function: list_append, operand type: N'],
    ['set a = :a - :t', 'Incorrect operand type for operator or function; operator or function: -, operand type: S'],
    ['set a = ((b.c.d)+(e)), f = (g), h = (i) - j', 'accepted'],
    ['SET a = if_not_exists(a, if_not_exists(a, b))', 'accepted'],
  ]); // prettier-ignore
});

test('a key condition says only what a query can do', () => {
  const rows: readonly [string, string][] = [
    ['a > b and size(b) > c or a > c', 'Invalid operator used in KeyConditionExpression: OR'],
    ['a in (b, size(c), d)', 'Invalid operator used in KeyConditionExpression: IN'],
    ['contains(a.d, b)', 'Invalid operator used in KeyConditionExpression: contains'],
    ['a <> b', 'Invalid operator used in KeyConditionExpression: <>'],
    [':a between size(b) and size(a) and b > :b', 'Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand'],
    ['size(b) > a AND a.b > b AND b > c', 'KeyConditionExpressions cannot contain nested operations'],
    ['a between size(b) and size(a)', 'KeyConditionExpressions cannot contain nested operations'],
    ['a between b and size(a)', 'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition'],
    ['b > a.b', 'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition'],
    ['b.d > a AND c.d > e.f', 'KeyConditionExpressions cannot have conditions on nested attributes'],
    [':b > :b AND a < :b', 'Invalid condition in KeyConditionExpression: No key attribute specified'],
    ['b > :b AND b < :b and c = :b and d = :b', 'KeyConditionExpressions must only contain one condition per key'],
    [':b = a and b = :b and :b = c', 'Conditions can be of length 1 or 2 only'],
  ]; // prettier-ignore
  check('KeyConditionExpression', rows);
  const turned = compileExpressions({ KeyConditionExpression: ':b >= a', ExpressionAttributeValues: { ':b': { N: '01' } } });
  assert.deepEqual([...turned.keyConditions!], [['a', { operator: 'LE', values: [{ N: '1' }] }]]);
});

test('names and values are checked first and must all be used', () => {
  const refused = (input: Parameters<typeof compileExpressions>[0], message: string): void => {
    assert.throws(() => compileExpressions({ UpdateExpression: '', ...input }), { code: 'ValidationException', message });
  };
  refused({ ExpressionAttributeNames: {} }, 'ExpressionAttributeNames must not be empty');
  refused({ ExpressionAttributeNames: { a: 'a' } }, 'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"');
  refused({ ExpressionAttributeValues: {} }, 'ExpressionAttributeValues must not be empty');
  refused(
    { ExpressionAttributeValues: { ':b': { N: 'x' }, b: { S: 'a' } } },
    'ExpressionAttributeValues contains invalid key: Syntax error; key: "b"',
  );
  refused(
    { ExpressionAttributeValues: { ':b': { SS: [] } } },
    'ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: An string set  may not be empty for key :b',
  );
  refused({}, 'Invalid UpdateExpression: The expression can not be empty;');
  refused(
    { UpdateExpression: 'remove a', ExpressionAttributeNames: { '#a': 'a', '#b': 'b' } },
    'Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}',
  );
  refused(
    { UpdateExpression: 'set a = :a', ExpressionAttributeValues: { ':a': { S: 'a' }, ':c': { S: 'a' } } },
    'Value provided in ExpressionAttributeValues unused in expressions: keys: {:c}',
  );
});
