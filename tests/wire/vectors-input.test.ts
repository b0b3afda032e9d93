/** The public input vectors: a serialised request is read as the parameters that it was made of. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseInput } from '../../src/protocols/parse.ts';
import type { OperationModel } from '../../src/protocols/model.ts';
import type { WireRequest } from '../../src/protocols/wire.ts';
import { comparable } from './comparable.ts';
import { routed } from './routed.ts';
import { inputExceptions } from './vector-exceptions.ts';
import { protocolOf, vectorModel } from './vector-model.ts';
import { SKIPPED, suitesOf, valueOf, vectorsAreHere, type InputCase, type Suite } from './vectors.ts';

describe('input vectors', { skip: vectorsAreHere ? false : SKIPPED }, () => {
  if (!vectorsAreHere) return;
  let seen = 0;
  for (const suite of suitesOf<InputCase>('input')) {
    for (const vector of suite.cases) {
      seen++;
      const reason = inputExceptions[vector.id];
      if (reason === undefined) test(`${suite.file} ${vector.id}`, () => check(suite, vector));
      else test(`${suite.file} ${vector.id} differs: ${reason}`, () => assert.rejects(check(suite, vector)));
    }
  }
  test('all 367 are there', () => assert.equal(seen, 367));
});

async function check(suite: Suite<InputCase>, vector: InputCase): Promise<void> {
  const { metadata, shapes } = suite;
  const { given } = vector;
  const protocol = protocolOf(metadata);
  const model = vectorModel(metadata, shapes, given);
  const operation = model.operations.get(given.name) as OperationModel;
  const { wire, body } = requestOf(vector, protocol === 'rpcv2Cbor');
  const { operation: found, labels } = routed(model, protocol, wire, body);
  // Some vectors leave out the body or header that names the operation; in REST the request line names it.
  if (protocol === 'restJson1' || protocol === 'restXml') assert.equal(found?.name, given.name);
  const read = parseInput(model, protocol, operation, wire, body, labels);
  const expected = given.input === undefined ? {} : valueOf(shapes, given.input, vector.params ?? {});
  assert.deepEqual(
    await comparable({ ...filledIn(suite, vector), ...read }),
    await comparable({ ...filledIn(suite, vector), ...(expected as object) }),
  );
}

/** Tokens that clients fill in where the parameters have none. */
function filledIn(suite: Suite<InputCase>, vector: InputCase): Record<string, unknown> {
  const members = Object.entries(suite.shapes[vector.given.input?.shape ?? '']?.members ?? {});
  return Object.fromEntries(
    members
      .filter(([name, member]) => member.idempotencyToken === true && vector.params?.[name] === undefined)
      .map(([name]) => [name, '00000000-0000-4000-8000-000000000000']),
  );
}

function requestOf(vector: InputCase, isBase64: boolean): { wire: WireRequest; body: Buffer } {
  const { serialized } = vector;
  const [path, rawQuery = ''] = (serialized.uri ?? '/').split('?', 2) as [string, string | undefined];
  const query = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(rawQuery)) query.set(name, [...(query.get(name) ?? []), value]);
  const headers = Object.fromEntries(Object.entries(serialized.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    wire: { method: serialized.method ?? 'POST', path, rawQuery, query, headers },
    body: Buffer.from(serialized.body ?? '', isBase64 ? 'base64' : 'utf8'),
  };
}
