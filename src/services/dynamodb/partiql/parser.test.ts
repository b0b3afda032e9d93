/** PartiQL statements: the plans that they become, and what they are refused with. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttributeValue, Item } from '../values/attribute-value.ts';
import type { DeletePlan, InsertPlan, SelectPlan, UpdatePlan } from './contract.ts';
import { parseStatement } from './parser.ts';
import { readsOf, singleItem } from './where.ts';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const schema = [
  { name: 'pk', type: 'S' },
  { name: 'sk', type: 'N' },
] as const;

test('a statement is inserted with all kinds of literals and parameters', () => {
  const text = `INSERT INTO "My-Table" VALUE {'pk': 'it''s', 'n': -1.50, 'l': [1, ?, NULL], 'm': {'t': true}, 'ss': <<'a', 'b'>>, 'ns': <<1, 2>>, '__proto__': ?};`;
  const plan = parseStatement(text, [{ S: 'x' }, { N: '2.0' }]) as InsertPlan;
  assert.equal(plan.table, 'My-Table');
  assert.deepEqual(Object.entries(plan.item).map(([name, value]) => [name, plain(value)]), [
    ['pk', { S: "it's" }],
    ['n', { N: '-1.5' }],
    ['l', { L: [{ N: '1' }, { S: 'x' }, { NULL: true }] }],
    ['m', { M: { t: { BOOL: true } } }],
    ['ss', { SS: ['a', 'b'] }],
    ['ns', { NS: ['1', '2'] }],
    ['__proto__', { N: '2' }],
  ]); // prettier-ignore
});

test('a select shows paths under their last names and filters by its clause', () => {
  const plan = parseStatement(`SELECT a.b, l[0], "q" FROM t."by-q" WHERE pk = ? AND (n > 1 OR NOT begins_with(q, 'x')) ORDER BY sk DESC`, [
    { S: 'p' },
  ]) as SelectPlan;
  assert.deepEqual([plan.table, plan.index, plan.orderBy], ['t', 'by-q', [{ name: 'sk', descending: true }]]);
  const item: Item = { a: { M: { b: { S: '1' } } }, l: { L: [{ S: '2' }] }, q: { S: 'xy' }, pk: { S: 'p' }, n: { N: '2' } };
  assert.deepEqual(plain(plan.projection!.project(item)), { b: { S: '1' }, 'l[0]': { S: '2' }, q: { S: 'xy' } });
  assert.equal(plan.where!.condition.matches(item), true);
  assert.equal(plan.where!.condition.matches({ ...item, n: { N: '1' } }), false);
  assert.deepEqual([...plan.where!.condition.heads], ['pk', 'n', 'q']);
});

const where = (clause: string) => (parseStatement(`SELECT * FROM t WHERE ${clause}`) as SelectPlan).where!;

test('conditions mean what they say', () => {
  const item: Item = { s: { S: 'abc' }, n: { N: '5' }, l: { L: [{ S: 'x' }] }, z: { NULL: true }, b: { BOOL: true } };
  const holding = [
    's != 1', "s IN ['x', 'abc']", 'n in (4, 5)', 'n BETWEEN 5 AND 6', 'n NOT BETWEEN 6 AND 7', 'n not in [1]', '5 <= n', 'm IS MISSING',
    's IS NOT MISSING', 'z IS NULL', 'n IS NUMERIC', 'n IS NOT STRING', "contains(s, 'bc')", 'size(l) = 1', 'b = TRUE', "l[0] = 'x'",
    "attribute_type(s, 'S')", "CONTAINS(l, 'x') -- a remark", 'NOT (n = 1 OR n = 2)',
  ]; // prettier-ignore
  for (const clause of holding) {
    assert.equal(where(clause).condition.matches(item), true, clause);
    assert.equal(where(`NOT (${clause}\n)`).condition.matches(item), false, clause);
  }
});

test('reads are found where the clause binds the partition key', () => {
  const reads = (clause: string): unknown =>
    plain(readsOf(where(clause), schema)?.map(({ partition, sort }) => [partition[0]!.S, sort?.operator]));
  assert.deepEqual(reads("pk = 'a'"), [['a', null]]);
  assert.deepEqual(reads("pk = 'a' AND sk > 5 AND x = 1"), [['a', 'GT']]);
  assert.deepEqual(reads("5 > sk AND 'a' = pk"), [['a', 'LT']]);
  assert.deepEqual(reads("pk IN ['a', 'b', 'a'] AND sk BETWEEN 1 AND 2"), [['a', 'BETWEEN'], ['b', 'BETWEEN']]); // prettier-ignore
  assert.deepEqual(reads("(pk = 'a' OR pk = 'b') AND x = 1"), [['a', null], ['b', null]]); // prettier-ignore
  assert.deepEqual(reads("pk = 'a' AND (sk = 1 OR sk = 2)"), [['a', null]]);
  for (const scan of ["pk > 'a'", "pk = 'a' OR x = 1", "NOT pk = 'a'", 'x = 1', 'pk = x'])
    assert.equal(readsOf(where(scan), schema), undefined, scan);
  assert.throws(() => readsOf(where(`pk IN [${Array.from({ length: 51 }, (_, n) => `'${n}'`).join()}]`), schema), {
    message: 'Too many decomposed read operations for a given query.',
  });
});

test('an update sets, adds, removes and returns', () => {
  const text = `UPDATE t SET n = n + 1, l = list_append(l, ['y']) SET s = set_add(s, <<'b'>>) REMOVE d.e WHERE pk = 'a' AND sk = 1 AND n < 9 RETURNING MODIFIED NEW *`;
  const plan = parseStatement(text) as UpdatePlan;
  const item: Item = {
    n: { N: '1' },
    l: { L: [{ S: 'x' }] },
    s: { SS: ['a'] },
    d: { M: { e: { S: '' } } },
    pk: { S: 'a' },
    sk: { N: '1' },
  };
  assert.deepEqual(plain(plan.update.touched(plan.update.apply(item))), {
    n: { N: '2' },
    l: { L: [{ S: 'x' }, { S: 'y' }] },
    s: { SS: ['a', 'b'] },
  });
  assert.equal(plan.returning, 'UPDATED_NEW');
  const single = singleItem(plan.where, schema);
  assert.deepEqual(plain(single.key), { pk: { S: 'a' }, sk: { N: '1' } });
  assert.equal(single.condition.matches(item), true);
  const deletion = parseStatement("DELETE FROM t WHERE pk = 'a' AND sk = 1 RETURNING ALL OLD *") as DeletePlan;
  assert.deepEqual([deletion.kind, deletion.returning], ['delete', 'ALL_OLD']);
  assert.equal(parseStatement("EXISTS(SELECT * FROM t WHERE pk = 'a' AND sk = 1 AND x = 2)").kind, 'exists');
});

test('statements are refused in the words that AWS has for it', () => {
  const bad = "Statement wasn't well formed, can't be processed: ";
  const rows: readonly [string, string | RegExp, AttributeValue[]?][] = [
    ['NOT A STATEMENT', `${bad}Expected data manipulation`],
    ["UPDATE t SET t=1 WHERE pk='a' garbage", `${bad}Unexpected token after expression`],
    ['SELECT * FROM t WHERE a = "unended', new RegExp(`^${bad}`)],
    [`SELECT * FROM t WHERE ${'('.repeat(200)}a = 1${')'.repeat(200)}`, /nested too deeply/],
    ['SELECT * FROM t WHERE a = ?', "Number of parameters in request and statement don't match."],
    ['SELECT * FROM t', "Number of parameters in request and statement don't match.", [{ S: 'a' }]],
    ["SELECT *, a FROM t", "Other attributes should not be present in the projection when '*' is used."],
    ['SELECT a, b.a FROM t', 'Duplicate identifiers in select clause: a'],
    ['SELECT * FROM t, u', 'Only select from a single table or index is supported.'],
    ['SELECT * FROM t ORDER BY pk', 'Must have WHERE clause in the statement when using ORDER BY clause.'],
    ['SELECT * FROM t WHERE size(a)', 'WHERE clause must contain an expression that resolves to a boolean'],
    ['SELECT * FROM t WHERE a < ?', 'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL', [{ BOOL: true }]],
    ['SELECT * FROM t WHERE nope(a) = 1', 'Unrecognized function: nope'],
    ["INSERT INTO t VALUE {'a': <<>>}", 'Empty bags are not supported'],
    ["INSERT INTO t VALUE 'a'", /^Unsupported format in item expression/],
    ["INSERT INTO t VALUE {'a': 1} RETURNING ALL OLD *", 'RETURNING is not supported in INSERT'],
    ["UPDATE t SET a = 1", 'Where clause does not contain a mandatory equality on all key attributes'],
    ["UPDATE t SET a = set_add(b, <<1>>) WHERE pk = 'a'", 'The first argument to SET_ADD must equal the assignment value'],
    ["UPDATE t SET a = set_delete(a, 1) WHERE pk = 'a'", 'The second argument to SET_DELETE must be a value with type SET'],
    ["DELETE FROM t WHERE pk = 'a' RETURNING MODIFIED OLD *", 'Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE statements.'],
  ]; // prettier-ignore
  for (const [statement, message, parameters] of rows) {
    assert.throws(() => parseStatement(statement, parameters), { code: 'ValidationException', message }, statement.slice(0, 80));
  }
  const deletion = (clause: string) => (): unknown =>
    singleItem((parseStatement(`DELETE FROM t WHERE ${clause}`) as DeletePlan).where, schema);
  assert.throws(deletion("pk = 'a'"), { message: 'Where clause does not contain a mandatory equality on all key attributes' });
  assert.throws(deletion("pk = 'a' AND sk = 1 AND sk > 0"), {
    message: 'Multiple conditions on same key sk. Only single item Update/Insert/Delete are supported',
  });
});

test('a long run of remarks and blanks costs no time', () => {
  assert.throws(() => parseStatement(`SELECT ${'-'.repeat(5000)}\u0001`), { code: 'ValidationException' });
  assert.throws(() => parseStatement(`SELECT ${' '.repeat(8000)}\u0001`), { code: 'ValidationException' });
});
