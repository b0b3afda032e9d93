/** Turns what went wrong into the protocol's own error, and puts on every response what all have. */

import { AwsError } from '../framework/aws-error.ts';
import type { HttpResponse } from '../framework/http-message.ts';
import { formatError } from '../protocols/reply.ts';
import { StoreAway, StoreClosed, StoreFull, TooManyConflicts } from '../store/store.ts';
import { errorFamily, type Call } from './call.ts';
import { requestIdsOf } from './in-process.ts';
import type { GatewayParts } from './parts.ts';

/** The response to a call that failed. What is not an AwsError is logged, and the caller told nothing of it but the request id. */
export function errorReply(parts: GatewayParts, call: Call, error: unknown): HttpResponse {
  const known = error instanceof AwsError ? error : unexpected(parts, call, error);
  return formatError(call.model, call.protocol, call.operation, known, {
    requestId: call.requestId,
    headRequest: call.request.method === 'HEAD',
    ...(errorFamily(call) === 's3' && { hostId: requestIdsOf(parts).extended() }),
  });
}

function unexpected(parts: GatewayParts, call: Call, error: unknown): AwsError {
  const s3 = errorFamily(call) === 's3';
  if (error instanceof TooManyConflicts)
    return s3
      ? new AwsError('SlowDown', 'Please reduce your request rate.', { status: 503 })
      : new AwsError('ThrottlingException', 'Rate exceeded', { status: 400 });
  if (error instanceof StoreClosed) return unavailable(s3, 'The cloud is closing.');
  if (error instanceof StoreAway) {
    parts.log(`${call.requestId}: ${error.message}`);
    return unavailable(s3, 'The store of this cloud cannot be reached. Try again.');
  }
  if (error instanceof StoreFull) {
    parts.log(`${call.requestId}: ${error.message}`);
    return unavailable(s3, 'The disk of this cloud is full: nothing of this call was stored. Free some space and try again.');
  }
  if (error instanceof Error && error.name === 'AbortError')
    return new AwsError('RequestTimeout', 'The client went away before its request was answered.', { status: 400, cause: error });
  const what = call.operation
    ? `${call.model?.name}:${call.operation.name}`
    : `${call.request.method} ${call.request.rawPath.slice(0, 200)}`;
  parts.log(`${call.requestId} ${what} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return s3
    ? new AwsError('InternalError', 'We encountered an internal error. Please try again.', { status: 500 })
    : new AwsError('InternalFailure', 'The request processing has failed because of an unknown error, exception or failure.', {
        status: 500,
      });
}

function unavailable(s3: boolean, message: string): AwsError {
  return new AwsError(s3 ? 'ServiceUnavailable' : 'ServiceUnavailableException', message, { status: 503 });
}

let dateSecond = -1;
let dateText = '';

/** Clients set their clocks by the Date header, so it tells the cloud's time. */
export function httpDate(now: number): string {
  const second = Math.floor(now / 1_000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1_000).toUTCString();
  }
  return dateText;
}

/** Adds the headers that every response has. */
export function finishReply(parts: GatewayParts, call: Call, response: HttpResponse): void {
  const { headers } = response;
  headers['date'] ??= httpDate(call.now);
  if (call.protocol === 'restXml' && errorFamily(call) === 's3') {
    headers['x-amz-request-id'] ??= call.requestId;
    headers['x-amz-id-2'] ??= requestIdsOf(parts).extended();
    headers['server'] ??= 'AmazonS3';
  } else headers['x-amzn-requestid'] ??= call.requestId;
}
