/** What is known of a call, in the words of those who ask: the operation, the policy engine, the audit trail. */

import type { HttpRequest } from '../framework/http-message.ts';
import type { ServiceRequest } from '../framework/request.ts';
import { deniedBy, type Decider } from './authorize.ts';
import type { Call } from './call.ts';
import { REGION_DEFAULT, type HostHint } from './hosts.ts';
import { callInProcess } from './in-process.ts';
import type { GatewayParts } from './parts.ts';
import { operationView } from './payload.ts';
import type { Traced } from './record.ts';
import type { Claim } from './signatures/claim.ts';
import { serviceRequest } from './request-context.ts';

const USER_AGENT_MAX = 512;

/** The region that the signature is for, else the one in the Host header. SigV4A signs a set of them, which authentication looks at. */
export function regionOf({ claim }: Call, hint: HostHint): string {
  if (claim?.region) return claim.region;
  const first = claim?.regionSet?.split(',', 1)[0]?.trim();
  return hint.region ?? (first && /^[a-z0-9-]{1,32}$/.test(first) ? first : REGION_DEFAULT);
}

export function deciderOf(call: Call): Decider {
  const { request, principal, definition, protocol } = call;
  const { headers } = request;
  return {
    principal,
    account: principal.account,
    facts: {
      now: call.now,
      region: call.region,
      sourceIp: request.remoteAddress,
      secure: request.secure,
      ...(request.network && { network: request.network }),
      ...(headers['user-agent'] !== undefined && { userAgent: headers['user-agent'] }),
      ...(headers['referer'] !== undefined && { referer: headers['referer'] }),
    },
    ...(call.model?.name === 's3' && { signatureContext: s3SignatureContext(call) }),
    denied: definition ? deniedBy(definition, protocol) : { code: 'AccessDenied', status: 403 },
    outcomes: call.outcomes,
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html */
function s3SignatureContext({ claim, request, now }: Call): Readonly<Record<string, string>> {
  const context: Record<string, string> = {};
  if (claim) {
    context['s3:authType'] = authTypeOf(claim, request);
    context['s3:signatureversion'] = claim.algorithm === 'AWS2-HMAC-SHA1' ? 'AWS' : claim.algorithm;
    if (claim.presigned && claim.algorithm !== 'AWS2-HMAC-SHA1')
      context['s3:signatureAge'] = String(Math.max(0, now - basicMilliseconds(claim.timestamp!)));
  }
  const version = request.tls?.version.replace('TLSv', '');
  if (version !== undefined) context['s3:TlsVersion'] = version;
  const payload = request.headers['x-amz-content-sha256'];
  if (payload !== undefined) context['s3:x-amz-content-sha256'] = payload;
  return context;
}

function authTypeOf(claim: Claim, request: HttpRequest): string {
  if (claim.presigned) return 'REST-QUERY-STRING';
  return request.headers['authorization'] === undefined ? 'POST' : 'REST-HEADER';
}

function basicMilliseconds(time: string): number {
  return Date.parse(`${time.slice(0, 4)}-${time.slice(4, 6)}-${time.slice(6, 11)}:${time.slice(11, 13)}:${time.slice(13)}`);
}

/** What the operation is handed. */
export function contextOf(parts: GatewayParts, call: Call, decider: Decider = deciderOf(call)): ServiceRequest {
  return serviceRequest(parts, {
    ...tracedFacts(call),
    signal: undefined,
    endpoint: endpointOf(call),
    http: operationView(call),
    via: [],
    decider,
    callInProcess,
  });
}

function endpointOf({ request }: Call): ServiceRequest['endpoint'] {
  return { scheme: request.secure ? 'https' : 'http', host: request.headers['host'] ?? 'localhost' };
}

/** The part of a call that its traces need, known or not. */
export function tracedFacts(call: Call): Traced {
  return {
    service: call.model?.name ?? '',
    operation: call.operation?.name ?? '',
    account: call.principal.account,
    region: call.region,
    principal: call.principal,
    requestId: call.requestId,
    now: call.now,
    sourceIp: call.request.remoteAddress,
    userAgent: (call.request.headers['user-agent'] ?? '').slice(0, USER_AGENT_MAX),
    accessKeyId: call.accessKeyId,
  };
}
