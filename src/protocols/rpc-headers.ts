/** Headers of the protocols that have no bindings: JSON and CBOR. */

import type { Protocol } from './model.ts';

export function jsonContentType(protocol: Protocol): string {
  return protocol === 'awsJson1_0' ? 'application/x-amz-json-1.0' : 'application/x-amz-json-1.1';
}

export function cborHeaders(requestId: string): Record<string, string> {
  return { 'x-amzn-requestid': requestId, 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' };
}
