/** Any statement is found where it stands, however the policy is written. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { statementSpans, type Position } from './statement-positions.ts';

/** The place of a line and column in a text. */
function offsetOf(text: string, { Line, Column }: Position): number {
  const before = text.split('\n').slice(0, Line - 1);
  return before.reduce((sum, line) => sum + line.length + 1, 0) + Column - 1;
}

const word = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('Statement', '"Statement":[{', '}]', '\\"{'));
const statement = fc.record({
  Sid: word,
  Effect: fc.constantFrom('Allow', 'Deny'),
  Action: fc.array(word),
  Condition: fc.dictionary(word, fc.dictionary(word, word)),
});
const others = fc.record({ Version: fc.constant('2012-10-17'), Id: word });
const indent = fc.constantFrom(undefined, 1, 4, '\t');

test('each span holds its statement', () => {
  fc.assert(
    fc.property(others, fc.array(statement, { minLength: 1 }), indent, fc.boolean(), (rest, statements, space, first) => {
      const Statement = statements.length === 1 ? statements[0] : statements;
      const text = JSON.stringify(first ? { Statement, ...rest } : { ...rest, Statement }, undefined, space);
      const found = statementSpans(text).map((span) =>
        JSON.parse(text.slice(offsetOf(text, span.StartPosition) - 1, offsetOf(text, span.EndPosition))),
      );
      assert.deepEqual(found, JSON.parse(JSON.stringify(statements)));
    }),
  );
});
