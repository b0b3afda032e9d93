/** Registered consumers: https://docs.aws.amazon.com/streams/latest/dev/enhanced-consumers.html */

import type { Authorizer } from '../../../framework/authorization.ts';
import { requestTagContext, tagsOf } from '../../../framework/tags.ts';
import { checkOn } from '../authorize.ts';
import { checkConstraints } from '../constraints.ts';
import { expiredNextToken, invalidArgument, limitExceeded, resourceInUse } from '../errors.ts';
import { consumersPerStreamMax, listedConsumersDefault, tokenMilliseconds } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { lookUp, nameOf, requireStream } from '../streams/lookup.ts';
import { streamArn } from '../streams/stream.ts';
import { consumers, policies, positions, type Consumer } from '../tables.ts';
import { checkedTags } from '../tags/tags.ts';
import { checkOnConsumer, describedConsumer, lookUpConsumer, type ConsumerInput } from './consumer.ts';

export const onConsumer: Authorizer<ConsumerInput> = async (request, input) => {
  checkConstraints(request.operation, input);
  return [checkOnConsumer(await lookUpConsumer(request, input), request.operation)];
};

export const onRegister: Authorizer<{ StreamARN: string; ConsumerName: string; Tags?: Record<string, string> | undefined }> = async (
  request,
  input,
) => {
  checkConstraints(request.operation, input);
  return [checkOn(await lookUp(request, { StreamARN: input.StreamARN }), request.operation, requestTagContext(tagsOf(input.Tags)))];
};

export const RegisterStreamConsumer: Operation<'RegisterStreamConsumer'> = async (request, input) => {
  const name = nameOf(request, { StreamARN: input.StreamARN });
  const { stream, consumer } = await request.store.write(async (tx) => {
    const stream = await requireStream(tx, name);
    if (await consumers.get(tx, stream.id, input.ConsumerName))
      throw resourceInUse(`Consumer ${input.ConsumerName} under stream ${stream.name} already exists for account ${stream.account}.`);
    const present = await consumers.scan(tx, [stream.id], { limit: consumersPerStreamMax });
    if (present.length >= consumersPerStreamMax)
      throw limitExceeded(
        `Stream ${stream.name} under account ${stream.account} already has ${consumersPerStreamMax} registered consumers.`,
      );
    const consumer: Consumer = {
      stream: stream.id,
      name: input.ConsumerName,
      created: request.now,
      status: 'CREATING',
      tags: checkedTags(stream, [], input.Tags ?? {}),
    };
    await consumers.put(tx, consumer);
    return { stream, consumer };
  });
  return { Consumer: describedConsumer(stream, consumer) };
};

export const DescribeStreamConsumer: Operation<'DescribeStreamConsumer'> = async (request, input) => {
  const { stream, consumer } = await lookUpConsumer(request, input);
  return { ConsumerDescription: { ...describedConsumer(stream, consumer), StreamARN: streamArn(stream) } };
};

export const DeregisterStreamConsumer: Operation<'DeregisterStreamConsumer'> = async (request, input) => {
  const { stream, consumer, arn } = await lookUpConsumer(request, input);
  await request.store.write(async (tx) => {
    const present = await consumers.get(tx, stream.id, consumer.name);
    if (present?.created !== consumer.created) return;
    await consumers.delete(tx, stream.id, consumer.name);
    await policies.delete(tx, arn);
    // Its subscriptions watch this row.
    const position = await positions.get(tx, stream.id);
    if (position) await positions.put(tx, position);
  });
  return {};
};

export const ListStreamConsumers: Operation<'ListStreamConsumers'> = async (request, input) => {
  const { stream } = await lookUp(request, { StreamARN: input.StreamARN });
  const limit = input.MaxResults ?? listedConsumersDefault;
  const after = input.NextToken === undefined ? '' : placeOf(input.NextToken, stream.id, request.clock.now());
  const rows = await request.store.read((tx) => consumers.scan(tx, [stream.id], { limit: consumersPerStreamMax }));
  const rest = rows.map(({ row }) => row).filter(({ name }) => name > after);
  const page = rest.slice(0, limit);
  const token = `${stream.id}/${page.at(-1)?.name ?? ''}/${request.clock.now()}`;
  return {
    Consumers: page.map((consumer) => describedConsumer(stream, consumer)),
    ...(rest.length > limit && { NextToken: Buffer.from(token).toString('base64') }),
  };
};

function placeOf(token: string, stream: string, now: number): string {
  const [id, name, issued] = Buffer.from(token, 'base64').toString('latin1').split('/');
  if (id !== stream || !name || !/^\d+$/.test(issued ?? '')) throw invalidArgument('NextToken is invalid.');
  if (now - Number(issued) > tokenMilliseconds) throw expiredNextToken();
  return name;
}
