/** Whatever a stranger writes is compiled or refused with a ValidationException, in little time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseStatement } from '../partiql/parser.ts';
import { compileExpressions } from './compile.ts';

const words =
  'SET REMOVE ADD DELETE AND OR NOT IN BETWEEN a b size contains begins_with if_not_exists list_append attribute_exists #n :v :l , . [ ] ( ) 0 1 = < > <= <> + - SELECT * FROM WHERE INSERT INTO VALUE UPDATE IS NULL MISSING { } << >> \' " ? : ;';
const soup = fc.array(fc.constantFrom(...words.split(' '), '__proto__', '\n', 'é'), { maxLength: 30 }).map((tokens) => tokens.join(' '));

/** Throws when the run fails with anything but a ValidationException. */
function survives(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'ValidationException', String((error as Error).stack));
  }
}

test('any text is compiled or refused', () => {
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: 'binary', maxLength: 40 })), (text) => {
      for (const kind of ['UpdateExpression', 'ConditionExpression', 'KeyConditionExpression', 'ProjectionExpression']) {
        survives(() => {
          const compiled = compileExpressions({
            [kind]: text,
            ...(text.includes('#n') && { ExpressionAttributeNames: { '#n': 'n' } }),
            ...((text.includes(':v') || text.includes(':l')) && {
              ExpressionAttributeValues: {
                ...(text.includes(':v') && { ':v': { N: '1' } }),
                ...(text.includes(':l') && { ':l': { L: [] } }),
              },
            }),
          });
          const item = { a: { L: [{ N: '1' }] }, b: { M: { a: { S: '' } } }, n: { N: '2' } };
          compiled.condition?.matches(item);
          compiled.projection?.project(item);
          compiled.update?.touched(compiled.update.apply(item));
        });
      }
      survives(() => parseStatement(text, [{ S: 'a' }]));
    }),
    { numRuns: 5000 },
  );
});

test('deep and long texts are refused before they cost anything', () => {
  const started = process.cpuUsage().user;
  for (const [open, close] of [
    ['(', ')'],
    ['NOT ', ''],
    ['size(', ')'],
    ['a.', 'b'],
    ['a[0].', 'a'],
    ['[', ']'],
    ["{'a':", '}'],
  ] as const) {
    // prettier-ignore
    const text = `${open.repeat(1000)}a = b${close.repeat(1000)}`.slice(0, 4096);
    for (const kind of ['UpdateExpression', 'ConditionExpression', 'ProjectionExpression'])
      survives(() => compileExpressions({ [kind]: text }));
    survives(() => compileExpressions({ UpdateExpression: `SET x = ${text}`.slice(0, 4096) }));
    survives(() => parseStatement(`SELECT * FROM t WHERE ${text}`));
    survives(() => parseStatement(`INSERT INTO t VALUE ${text}`));
  }
  assert.ok(process.cpuUsage().user - started < 2_000_000);
});
