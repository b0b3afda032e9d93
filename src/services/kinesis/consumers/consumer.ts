/** Finds the consumer of a call: by its ARN, or by its name and its stream's ARN. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { Check } from '../../../framework/authorization.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import { invalidArgument, resourceNotFound } from '../errors.ts';
import { lookUpNamed, remember } from '../streams/lookup.ts';
import { consumerArn, streamOfArn } from '../streams/stream.ts';
import { consumers, policies, type Consumer, type Stream } from '../tables.ts';

export type ConsumerInput = { StreamARN?: string | undefined; ConsumerName?: string | undefined; ConsumerARN?: string | undefined };
export type FoundConsumer = { stream: Stream; consumer: Consumer; arn: string; policy: PolicyDocument | undefined };

const lookups = new WeakMap<ServiceRequest, FoundConsumer>();

/** Throws InvalidArgumentException and ResourceNotFoundException. */
export async function lookUpConsumer(request: ServiceRequest, input: ConsumerInput): Promise<FoundConsumer> {
  const known = lookups.get(request);
  if (known) return known;
  const named = streamOfArn(input.ConsumerARN ?? input.StreamARN ?? '');
  const name = named?.consumer?.name ?? input.ConsumerName;
  if (!named || name === undefined || (input.ConsumerARN !== undefined && !named.consumer))
    throw invalidArgument('Either ConsumerARN, or both StreamARN and ConsumerName, should be provided.');
  const { account, region } = named;
  if (region !== request.region) throw consumerNotFound(name, named.name, account);
  const { stream } = await lookUpNamed(request, named);
  const { consumer, stored } = await request.store.read(async (tx) => {
    const consumer = await consumers.get(tx, stream.id, name);
    return { consumer, stored: consumer?.policy === undefined ? undefined : await policies.get(tx, consumerArn(stream, consumer)) };
  });
  if (!consumer || (named.consumer && named.consumer.createdSeconds !== Math.floor(consumer.created / 1000)))
    throw consumerNotFound(name, stream.name, account);
  const found = { stream, consumer, arn: consumerArn(stream, consumer), policy: stored && remember(stored) };
  lookups.set(request, found);
  return found;
}

export const consumerNotFound = (name: string, stream: string, account: string) =>
  resourceNotFound(`Consumer ${name} in stream ${stream} under account ${account} not found.`);

export function checkOnConsumer({ stream, arn, policy, consumer }: FoundConsumer, action: string): Check {
  return {
    action: `kinesis:${action}`,
    resource: arn,
    resourceAccount: stream.account,
    ...(policy && { resourcePolicy: { name: arn, document: policy } }),
    context: Object.fromEntries(consumer.tags.map(([key, value]) => [`aws:ResourceTag/${key}`, value])),
  };
}

export function describedConsumer(stream: Stream, consumer: Consumer) {
  return {
    ConsumerName: consumer.name,
    ConsumerARN: consumerArn(stream, consumer),
    ConsumerStatus: consumer.status,
    ConsumerCreationTimestamp: new Date(consumer.created),
  };
}
