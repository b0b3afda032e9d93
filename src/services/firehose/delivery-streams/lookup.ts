/** The delivery stream of a call. */

import type { Authorizer, Check, ConditionContext } from '../../../framework/authorization.ts';
import { resourceTagContext } from '../../../framework/tags.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { fault, refuse, streamNotActive, streamNotFound } from '../errors.ts';
import { streams, type Stream } from '../tables.ts';
import { streamArn } from './stream.ts';

type Name = Pick<Stream, 'account' | 'region' | 'name'>;

/** Throws ResourceNotFoundException. */
export async function requireStream(tx: ReadTransaction, name: Name): Promise<Stream> {
  const stream = await streams.get(tx, name.account, name.region, name.name);
  if (!stream) throw streamNotFound(name);
  return stream;
}

/** The stream when it is ready. Throws ResourceNotFoundException and ResourceInUseException. */
export async function requireActive(tx: ReadTransaction, name: Name): Promise<Stream> {
  const stream = await requireStream(tx, name);
  if (stream.status !== 'ACTIVE') throw streamNotActive(stream, stream.status);
  return stream;
}

export const nameOf = ({ account, region }: ServiceRequest, input: { DeliveryStreamName: string }): Name => ({
  account,
  region,
  name: input.DeliveryStreamName,
});

/** Throws ValidationException. */
export function checkName(name: string): void {
  const path = 'deliveryStreamName';
  const faults: string[] = [];
  if (!/^[a-zA-Z0-9_.-]+$/.test(name)) faults.push(fault(path, name, 'satisfy regular expression pattern: [a-zA-Z0-9_.-]+'));
  if (name.length < 1) faults.push(fault(path, name, 'have length greater than or equal to 1'));
  if (name.length > 64) faults.push(fault(path, name, 'have length less than or equal to 64'));
  refuse(faults);
}

/** One action on one stream, with its tags as condition keys and what else the call brings. */
export async function checkOn(
  request: ServiceRequest,
  input: { DeliveryStreamName: string },
  more: ConditionContext = {},
): Promise<Check[]> {
  checkName(input.DeliveryStreamName);
  const name = nameOf(request, input);
  const stream = await request.store.read((tx) => streams.get(tx, name.account, name.region, name.name));
  const tags = (stream?.tags ?? []).map(([Key, Value]) => ({ Key, Value }));
  return [{ action: `firehose:${request.operation}`, resource: streamArn(name), context: { ...resourceTagContext(tags), ...more } }];
}

export const onStream: Authorizer<{ DeliveryStreamName: string }> = (request, input) => checkOn(request, input);

export const onAll: Authorizer<object> = (request) => [{ action: `firehose:${request.operation}`, resource: '*' }];
