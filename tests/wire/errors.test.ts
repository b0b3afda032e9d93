/** Every error of every service arrives as the SDK's own error class, with its members, in every protocol. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AwsError, notImplemented } from '../../src/framework/aws-error.ts';
import type { OperationModel, Protocol, ServiceModel, Struct } from '../../src/protocols/model.ts';
import { loadModel, modelIndex } from '../../src/protocols/models.ts';
import { formatError } from '../../src/protocols/reply.ts';
import { comparable, firstDifference } from './comparable.ts';
import { tamed } from './differences.ts';
import { chanceFrom, generateStruct, type Generated } from './generate.ts';
import { quick } from './quick.ts';
import { drivenClient, type DrivenClient } from './sdk-client.ts';

const MESSAGE = 'hello <world> & "sky" 하늘';

type SdkError = Error & Record<string, unknown> & { $metadata: { httpStatusCode: number; requestId?: string } };

for (const { name, protocols } of modelIndex()) {
  describe(`${name}: errors arrive as they were thrown`, () => {
    for (const [at, protocol] of protocols.entries()) {
      if (quick && at > 0) continue;
      test(protocol, async () => {
        const model = loadModel(name);
        const client = drivenClient(name, at === 0 ? undefined : protocol);
        const failures: string[] = [];
        for (const shape of model.errors.values()) failures.push(...(await modelledError(model, protocol, shape, client)));
        failures.push(...(await unknownError(model, protocol, client)));
        assert.deepEqual(failures, []);
      });
    }
  });
}

async function modelledError(model: ServiceModel, protocol: Protocol, shape: Struct, client: DrivenClient): Promise<string[]> {
  const fields = fieldsOf(model, shape);
  const caught = await failing(model, protocol, client, new AwsError(shape.name, MESSAGE, { fields }));
  const failures: string[] = [];
  const Class = client.sdk[shape.name] as (new (...given: never[]) => Error) | undefined;
  // Two shapes with one query code: clients take the code's first.
  const twin = [...model.errors.values()].find(
    (other) => other.name === caught.name && queryCode(other) !== undefined && queryCode(other) === queryCode(shape),
  );
  if (twin !== undefined && twin !== shape && caught.message === MESSAGE) return [];
  if (Class === undefined || !(caught instanceof Class)) failures.push(`${shape.name} came as ${caught.name}: ${caught.message}`);
  if (caught.message !== MESSAGE) failures.push(`${shape.name} says ${caught.message}`);
  for (const [member, sent] of Object.entries(fields)) {
    const difference = firstDifference(await comparable(sent), await comparable(caught[member]));
    if (difference !== undefined) failures.push(`${shape.name}.${member} ${difference}`);
  }
  return failures;
}

function queryCode(shape: Struct): unknown {
  return (shape.traits['awsQueryError'] as unknown[] | undefined)?.[0];
}

/** Members beside the message, and beside those whose names all errors have already. */
function fieldsOf(model: ServiceModel, shape: Struct): Generated {
  const fields = generateStruct(chanceFrom(`${model.name}.${shape.name}`), shape);
  for (const member of Object.keys(fields)) if (/^(message|code|name|type|errorType)$/i.test(member)) delete fields[member];
  return fields;
}

async function unknownError(model: ServiceModel, protocol: Protocol, client: DrivenClient): Promise<string[]> {
  const caught = await failing(model, protocol, client, notImplemented(`${model.name}:Everything`));
  const told =
    caught.name === 'NotImplemented' && caught.message.includes(`${model.name}:Everything`) && caught.$metadata.httpStatusCode === 501;
  return told ? [] : [`NotImplemented came as ${caught.name} ${caught.$metadata?.httpStatusCode}: ${caught.message}`];
}

async function failing(model: ServiceModel, protocol: Protocol, client: DrivenClient, error: AwsError): Promise<SdkError> {
  const operation = plainestOperation(model);
  const input = tamed(model, operation, 'input', generateStruct(chanceFrom(model.name), operation.input));
  try {
    await client.send(operation.name, input, async () => formatError(model, protocol, operation, error, { requestId: 'request-id' }));
  } catch (caught) {
    return caught as SdkError;
  }
  throw new Error(`${operation.name} went well`);
}

/** The one that demands the least, and whose errors have a body. */
function plainestOperation(model: ServiceModel): OperationModel {
  const demands = (operation: OperationModel) => operation.input.members.filter((member) => member.required).length;
  const usable = [...model.operations.values()].filter(
    (operation) => operation.http?.method !== 'HEAD' && operation.streamingOutput === undefined,
  );
  return usable.sort((a, b) => demands(a) - demands(b))[0] as OperationModel;
}
