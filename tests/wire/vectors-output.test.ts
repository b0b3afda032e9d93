/** The public output vectors: values are answered as the response that clients read those values from. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AwsError } from '../../src/framework/aws-error.ts';
import type { HttpResponse } from '../../src/framework/http-message.ts';
import type { OperationModel, Protocol, ServiceModel } from '../../src/protocols/model.ts';
import { formatError, formatOutput } from '../../src/protocols/reply.ts';
import { bodyTree } from './body-tree.ts';
import { comparable } from './comparable.ts';
import { outputExceptions } from './vector-exceptions.ts';
import { protocolOf, vectorModel } from './vector-model.ts';
import { SKIPPED, suitesOf, valueOf, vectorsAreHere, type OutputCase, type Suite } from './vectors.ts';

describe('output vectors', { skip: vectorsAreHere ? false : SKIPPED }, () => {
  if (!vectorsAreHere) return;
  let seen = 0;
  for (const suite of suitesOf<OutputCase>('output')) {
    for (const vector of suite.cases) {
      seen++;
      const reason = outputExceptions[vector.id];
      if (reason === undefined) test(`${suite.file} ${vector.id}`, () => check(suite, vector));
      else test(`${suite.file} ${vector.id} differs: ${reason}`, () => assert.rejects(check(suite, vector)));
    }
  }
  test('all 365 are there', () => assert.equal(seen, 365));
});

async function check(suite: Suite<OutputCase>, vector: OutputCase): Promise<void> {
  const { metadata, shapes } = suite;
  const { given, response } = vector;
  const protocol = protocolOf(metadata);
  const model = vectorModel(metadata, shapes, given);
  const operation = model.operations.get(given.name) as OperationModel;
  const reply =
    vector.errorCode === undefined
      ? outputReply(suite, vector, protocol, model, operation)
      : errorReply(suite, vector, protocol, model, operation);
  assert.equal(reply.status, response.status_code, 'status');
  for (const [name, value] of Object.entries(response.headers ?? {}))
    if (!TRANSPORT.test(name)) assert.equal(reply.headers[name.toLowerCase()], value, name);
  const contentType = reply.headers['content-type'];
  const expected = bodyTree(protocol, contentType, Buffer.from(response.body ?? '', protocol === 'rpcv2Cbor' ? 'base64' : 'utf8'));
  const got = bodyTree(protocol, contentType, Buffer.from((reply.body ?? '') as Uint8Array));
  if (vector.errorCode === undefined)
    return assert.deepEqual(withoutNothing(await comparable(got)), withoutNothing(await comparable(expected)));
  assert.equal(errorName(got, reply), vector.errorCode);
  assert.deepEqual(withoutNothing(await comparable(errorMembers(got))), withoutNothing(await comparable(errorMembers(expected))));
}

/** Headers of the message rather than of the output. */
const TRANSPORT = /^(content-type|content-length|smithy-protocol|x-amzn-requestid|x-amzn-errortype|x-amzn-query-error|x-amz-target)$/i;

/** To a client an empty structure and no body are one. */
function withoutNothing(tree: unknown): unknown {
  return /"|\d/.test((JSON.stringify(tree) ?? '').replaceAll('""', '').replace(/"\w+Result"/, '')) ? tree : undefined;
}

/** The error's name as clients find it, in one of several places. */
function errorName(tree: unknown, reply: HttpResponse): string | undefined {
  const fromHeader = reply.headers['x-amzn-query-error']?.split(';')[0] ?? reply.headers['x-amzn-errortype'];
  if (fromHeader !== undefined) return fromHeader;
  const text = JSON.stringify(tree);
  return /"Code",\[\{\},"([^"]+)"/.exec(text)?.[1] ?? /"__type":"(?:[^"#]*#)?([^"]+)"/.exec(text)?.[1];
}

/** The members of an error beside its name and message, which each protocol and version places elsewhere. */
function errorMembers(tree: unknown): unknown {
  if (Array.isArray(tree))
    return tree.filter((part) => !(Array.isArray(part) && /^(Code|Message|Type)$/i.test(String(part[0])))).map(errorMembers);
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(Object.entries(tree).filter(([name]) => !/^(__type|code|message)$/i.test(name)));
}

function outputReply(
  { shapes }: Suite<OutputCase>,
  vector: OutputCase,
  protocol: Protocol,
  model: ServiceModel,
  operation: OperationModel,
): HttpResponse {
  const { output } = vector.given;
  const values = output === undefined ? {} : (valueOf(shapes, output, vector.result ?? {}) as Record<string, unknown>);
  return formatOutput(model, protocol, operation, values, { requestId: 'request-id' });
}

function errorReply(
  { shapes }: Suite<OutputCase>,
  vector: OutputCase,
  protocol: Protocol,
  model: ServiceModel,
  operation: OperationModel,
): HttpResponse {
  const shape = vector.given.errors?.[0]?.shape as string;
  const fields = valueOf(shapes, { shape }, vector.error ?? {}) as Record<string, unknown>;
  const error = new AwsError(shape, vector.errorMessage ?? '', { fields, status: vector.response.status_code });
  return formatError(model, protocol, operation, error, { requestId: 'request-id' });
}
