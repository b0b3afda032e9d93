/** How DynamoDB writes errors: each names the part of AWS that found it, and old clients compare the whole text. */

import type { ErrorFacts } from './error-reply.ts';
import { jsonWriter } from './json-writer.ts';
import type { ServiceModel } from './model.ts';

const service = 'com.amazon.coral.service';

/** Errors that are found before the service itself has its turn. */
const namespaces: ReadonlyMap<string, string> = new Map([
  ['ValidationException', 'com.amazon.coral.validate'],
  ...['SerializationException', 'AccessDeniedException', 'UnknownOperationException', 'UnrecognizedClientException'].map(
    (name) => [name, service] as const,
  ),
  ...['MissingAuthenticationTokenException', 'IncompleteSignatureException', 'InvalidSignatureException'].map(
    (name) => [name, service] as const,
  ),
]);

/** These spell the message with a capital. */
const capitalised: ReadonlySet<string> = new Set(['SerializationException', 'AccessDeniedException']);

/** The body of an error of DynamoDB or DynamoDB Streams. */
export function coralError(model: ServiceModel, { error, shape, name, values }: ErrorFacts): string {
  const own = model.name === 'dynamodb' ? 'com.amazonaws.dynamodb.v20120810' : 'com.amazonaws.dynamodb.streams.v20120810';
  const type = `${namespaces.get(name) ?? own}#${name}`;
  // A body that is not JSON is told by its type alone.
  if (name === 'UnknownOperationException' || (name === 'SerializationException' && isUnreadable(error.cause)))
    return JSON.stringify({ __type: type });
  const modelled = shape === undefined ? {} : (jsonWriter(shape)(values as never) as object);
  const message = capitalised.has(name) ? { Message: error.message } : { message: error.message };
  return JSON.stringify({ __type: type, ...message, ...(!capitalised.has(name) && modelled) });
}

function isUnreadable(cause: unknown): boolean {
  return cause instanceof Error && 'kind' in cause && cause.kind === 'syntax';
}
