/** The stream of a call and its policy, read once for the authorizer and the operation together. */

import { keepNewest } from '../../../framework/bounded-map.ts';
import type { PolicyDocument } from '../../../framework/policy/document.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { invalidArgument, streamNotActive, streamNotFound } from '../errors.ts';
import { policies, streams, type Policy, type Stream } from '../tables.ts';
import { streamArn, streamOfArn, type NamedStream } from './stream.ts';

export type Found = { stream: Stream; policy: PolicyDocument | undefined };
export type StreamInput = { StreamName?: string | undefined; StreamARN?: string | undefined };

const lookups = new WeakMap<ServiceRequest, Found>();

/** By revision, which the record names: a policy that was replaced is never used. */
const parsed = new Map<string, PolicyDocument>();
const parsedMax = 2000;

/** The stream that a call names, by its name or its ARN. Throws InvalidArgumentException. */
export function nameOf(request: ServiceRequest, input: StreamInput): NamedStream {
  const { account, region } = request;
  if (input.StreamARN === undefined) {
    if (input.StreamName === undefined) throw invalidArgument('Either StreamName or StreamARN should be provided.');
    return { account, region, name: input.StreamName };
  }
  const named = streamOfArn(input.StreamARN);
  if (!named || named.consumer) throw invalidArgument(`Invalid StreamARN: ${input.StreamARN}`);
  if (input.StreamName !== undefined && input.StreamName !== named.name)
    throw invalidArgument(`StreamName ${input.StreamName} does not match the StreamARN ${input.StreamARN}.`);
  // An endpoint knows the streams of its own region only.
  if (named.region !== region) throw streamNotFound(named);
  return named;
}

/** The stream of a call as it was when the call arrived: good for reading. Throws ResourceNotFoundException. */
export async function lookUp(request: ServiceRequest, input: StreamInput): Promise<Found> {
  return lookUpNamed(request, nameOf(request, input));
}

export async function lookUpNamed(request: ServiceRequest, name: NamedStream): Promise<Found> {
  const known = lookups.get(request);
  if (known && known.stream.name === name.name && known.stream.account === name.account) return known;
  const read = await request.store.read(async (tx) => {
    const stream = await streams.get(tx, name.account, name.region, name.name);
    if (stream?.policy === undefined) return { stream };
    const policy = parsed.get(stream.policy);
    return { stream, policy, stored: policy ? undefined : await policies.get(tx, streamArn(stream)) };
  });
  if (!read.stream) throw streamNotFound(name);
  const policy = read.policy ?? (read.stored && remember(read.stored));
  // A policy may deny: without it nothing may be decided.
  if (read.stream.policy !== undefined && !policy) throw new Error(`the policy of stream ${name.name} is missing`);
  const found = { stream: read.stream, policy };
  lookups.set(request, found);
  return found;
}

export function remember(policy: Policy): PolicyDocument {
  const known = parsed.get(policy.revision);
  if (known) return known;
  const document = parsePolicy(policy.text, 'resource', { code: 'InvalidArgumentException' });
  keepNewest(parsed, parsedMax, policy.revision, document);
  return document;
}

/** Inside a transaction: the stream as it is now. Throws ResourceNotFoundException. */
export async function requireStream(tx: ReadTransaction, name: NamedStream): Promise<Stream> {
  const stream = await streams.get(tx, name.account, name.region, name.name);
  if (!stream) throw streamNotFound(name);
  return stream;
}

/** Inside a transaction: the stream, when nothing is being changed about it. Throws ResourceInUseException otherwise. */
export async function requireActive(tx: ReadTransaction, name: NamedStream): Promise<Stream> {
  const stream = await requireStream(tx, name);
  if (stream.status !== 'ACTIVE') throw streamNotActive(stream, stream.status);
  return stream;
}
