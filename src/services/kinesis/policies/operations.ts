/** Resource policies of streams and consumers: https://docs.aws.amazon.com/streams/latest/dev/resource-based-policy-examples.html */

import type { Authorizer } from '../../../framework/authorization.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { checkOn } from '../authorize.ts';
import { checkConstraints } from '../constraints.ts';
import { checkOnConsumer, consumerNotFound, lookUpConsumer } from '../consumers/consumer.ts';
import { invalidArgument, resourceNotFound } from '../errors.ts';
import { policyBytesMax } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { lookUpNamed, requireStream } from '../streams/lookup.ts';
import { streamOfArn } from '../streams/stream.ts';
import { consumers, policies, streams, type Consumer, type Stream } from '../tables.ts';

type ResourceInput = { ResourceARN: string };

/** An operation on a stream or a consumer, by its ARN. */
export const onResource: Authorizer<ResourceInput> = async (request, input) => {
  checkConstraints(request.operation, input);
  const named = namedBy(request, input.ResourceARN);
  if (named.consumer) return [checkOnConsumer(await lookUpConsumer(request, { ConsumerARN: input.ResourceARN }), request.operation)];
  return [checkOn(await lookUpNamed(request, named), request.operation)];
};

export function namedBy(request: ServiceRequest, arn: string) {
  const named = streamOfArn(arn);
  if (!named) throw invalidArgument(`Invalid ResourceARN: ${arn}`);
  if (named.region !== request.region) throw resourceNotFound(`Resource ${arn} not found.`);
  return named;
}

/** Inside a transaction: the stream or the consumer that an ARN names. Throws ResourceNotFoundException. */
export async function requireResource(
  tx: ReadTransaction,
  request: ServiceRequest,
  arn: string,
): Promise<{ stream: Stream; consumer?: Consumer }> {
  const named = namedBy(request, arn);
  const stream = await requireStream(tx, named);
  if (!named.consumer) return { stream };
  const consumer = await consumers.get(tx, stream.id, named.consumer.name);
  if (!consumer || Math.floor(consumer.created / 1000) !== named.consumer.createdSeconds)
    throw consumerNotFound(named.consumer.name, stream.name, stream.account);
  return { stream, consumer };
}

export const PutResourcePolicy: Operation<'PutResourcePolicy'> = async (request, input) => {
  const { ResourceARN: resource, Policy: text } = input;
  if (Buffer.byteLength(text) > policyBytesMax) throw invalidArgument('Policy exceeds the maximum allowed document size.');
  for (const { actions, notActions } of parsePolicy(text, 'resource', { code: 'InvalidArgumentException' }).statements) {
    if ((actions ?? notActions ?? []).some((action) => action !== '*' && !action.toLowerCase().startsWith('kinesis:')))
      throw invalidArgument('Policy has invalid action');
  }
  const revision = request.random.uuid();
  await request.store.write(async (tx) => {
    await mark(tx, request, resource, revision);
    await policies.put(tx, { resource, revision, text });
  });
  return {};
};

export const GetResourcePolicy: Operation<'GetResourcePolicy'> = async (request, input) => {
  const policy = await request.store.read(async (tx) => {
    await requireResource(tx, request, input.ResourceARN);
    return policies.get(tx, input.ResourceARN);
  });
  if (!policy) throw resourceNotFound(`No resource policy found for resource ARN ${input.ResourceARN}`);
  return { Policy: policy.text };
};

export const DeleteResourcePolicy: Operation<'DeleteResourcePolicy'> = async (request, input) => {
  await request.store.write(async (tx) => {
    await mark(tx, request, input.ResourceARN, undefined);
    await policies.delete(tx, input.ResourceARN);
  });
  return {};
};

/** Names the revision in the record itself, so that one read tells whether a remembered policy is the present one. */
async function mark(tx: WriteTransaction, request: ServiceRequest, arn: string, revision: string | undefined): Promise<void> {
  const { stream, consumer } = await requireResource(tx, request, arn);
  const { policy: _, ...rest } = consumer ?? stream;
  const marked = revision === undefined ? rest : { ...rest, policy: revision };
  if (consumer) await consumers.put(tx, marked as Consumer);
  else await streams.put(tx, marked as Stream);
}
