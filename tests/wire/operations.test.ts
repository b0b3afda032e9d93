/** Every operation of every service, there and back through the real SDK clients, in every protocol that the service answers. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isEventStream } from '../../src/protocols/link.ts';
import type { OperationModel, Protocol, ServiceModel } from '../../src/protocols/model.ts';
import { loadModel, modelIndex } from '../../src/protocols/models.ts';
import { parseInput } from '../../src/protocols/parse.ts';
import { formatOutput } from '../../src/protocols/reply.ts';
import { comparable, firstDifference } from './comparable.ts';
import { expectedDifference, tamed } from './differences.ts';
import { chanceFrom, generateStruct, type Generated } from './generate.ts';
import { routed } from './routed.ts';
import { quick } from './quick.ts';
import { drivenClient, type DrivenClient } from './sdk-client.ts';

/** Generated inputs and outputs for each operation and protocol. */
const ROUNDS = Number(process.env['WIRE_ROUNDS'] ?? (quick ? 1 : 3));
const only = process.env['WIRE_ONLY']?.split(',');

for (const { name, protocols } of modelIndex()) {
  if (only !== undefined && !only.includes(name)) continue;
  describe(`${name}: what clients send is read, and what is answered is understood`, () => {
    for (const [at, protocol] of protocols.entries()) {
      // The two JSON versions differ in their content type alone.
      if (quick && at > 0) continue;
      test(protocol, async () => {
        const model = loadModel(name);
        const client = drivenClient(name, at === 0 ? undefined : protocol);
        const failures: string[] = [];
        for (const operation of model.operations.values()) {
          for (let round = 0; round < ROUNDS; round++) failures.push(...(await thereAndBack(model, protocol, operation, client, round)));
        }
        assert.deepEqual(failures, []);
      });
    }
  });
}

/** Streams of events have tests of their own. */
function withoutEvents(operation: OperationModel, got: Generated): Generated {
  const stream = operation.streamingOutput;
  return stream !== undefined && isEventStream(stream) ? { ...got, [stream.name]: undefined } : got;
}

async function thereAndBack(
  model: ServiceModel,
  protocol: Protocol,
  operation: OperationModel,
  client: DrivenClient,
  round: number,
): Promise<string[]> {
  const seed = `${model.name}.${operation.name}.${round}`;
  const chance = chanceFrom(seed);
  const input = tamed(model, operation, 'input', generateStruct(chance, operation.input));
  const output = tamed(model, operation, 'output', generateStruct(chance, operation.output));
  const failures: string[] = [];
  const fail = (what: string, difference: string) => {
    if (!expectedDifference(model, protocol, operation, difference)) failures.push(`${seed} ${what} ${difference}`);
  };
  let arrived = false;
  try {
    const got = await client.send(operation.name, input, async ({ wire, body }) => {
      arrived = true;
      const { operation: found, labels } = routed(model, protocol, wire, body);
      if (found !== operation) fail('route', `${wire.method} ${wire.path} went to ${found?.name}`);
      const read = parseInput(model, protocol, operation, wire, body, labels);
      const difference = firstDifference(await comparable(input), await comparable(read));
      if (difference !== undefined) fail('input', difference);
      return formatOutput(model, protocol, operation, output, { requestId: 'request-id' });
    });
    const difference = firstDifference(await comparable(output), await comparable(withoutEvents(operation, got as Generated)));
    if (difference !== undefined) fail('output', difference);
  } catch (error) {
    fail(arrived ? 'output error' : 'client', String((error as Error).stack).slice(0, 300));
  }
  return failures;
}
