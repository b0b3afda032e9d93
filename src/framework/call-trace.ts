/** The trace of a call, for AWS X-Ray: it goes on with the messages that the call sends. */

import type { ServiceRequest } from './request.ts';

const traceCharactersMax = 1024;

/** What the call's trace header says; undefined where it says nothing that could stand in one. */
export function traceOfCall({ http }: ServiceRequest): string | undefined {
  const trace = http?.headers['x-amzn-trace-id'];
  return trace && trace.length <= traceCharactersMax && /^[\x20-\x7e]+$/.test(trace) ? trace : undefined;
}
