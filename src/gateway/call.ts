/** One request on its way through the gateway: each step fills in what it has found out. */

import type { HttpRequest } from '../framework/http-message.ts';
import { anonymous, type Principal } from '../framework/principal.ts';
import type { ServiceDefinition } from '../framework/service.ts';
import type { OperationModel, Protocol, ServiceModel } from '../protocols/model.ts';
import type { ModelSummary } from '../protocols/models.ts';
import type { Form } from '../protocols/form.ts';
import type { CheckOutcome } from './authorize.ts';
import type { Claim } from './signatures/claim.ts';

export type Call = {
  readonly request: HttpRequest;
  /** Cloud time of arrival, milliseconds since the epoch. */
  readonly now: number;
  requestId: string;
  query: ReadonlyMap<string, readonly string[]>;
  claim: Claim | undefined;
  region: string;
  /** The region that the Host header names, if it names one. */
  hostRegion: string | undefined;
  summary: ModelSummary | undefined;
  model: ServiceModel | undefined;
  protocol: Protocol;
  operation: OperationModel | undefined;
  /** The parsed form of a query protocol's POST. */
  form: Form | undefined;
  /** Labels of the REST route. */
  labels: Record<string, string> | undefined;
  /** The headers as the protocols are to see them, where the body's encoding has been undone. */
  wireHeaders: Readonly<Record<string, string>> | undefined;
  /** Trailers inside an aws-chunked body; complete when it has been read. */
  decodedTrailers: Readonly<Record<string, string>> | undefined;
  /** The path on which the operation was found; for S3 without the bucket. */
  path: string;
  bucket: string | undefined;
  /** True when the bucket came from the Host header. */
  bucketInHost: boolean;
  /** The request is a visit of a website, not a call. */
  website: boolean;
  definition: ServiceDefinition | undefined;
  principal: Principal;
  /** The key that signed, once its signature has been verified. */
  accessKeyId: string | undefined;
  /** For the audit trail. */
  input: unknown;
  outcomes: CheckOutcome[];
};

/** Wire families that word the refusal of a signature in their own way. */
export type ErrorFamily = 's3' | 'ec2' | 'query' | 'json' | 'rest';

export function errorFamily(call: Pick<Call, 'model' | 'protocol'>): ErrorFamily {
  if (call.model === undefined || call.model.name === 's3' || call.model.name === 's3-control')
    return call.protocol === 'restXml' ? 's3' : jsonOrQuery(call.protocol);
  return jsonOrQuery(call.protocol);
}

function jsonOrQuery(protocol: Protocol): ErrorFamily {
  switch (protocol) {
    case 'ec2Query':
      return 'ec2';
    case 'awsQuery':
    case 'restXml':
      return 'query';
    case 'restJson1':
      return 'rest';
    default:
      return 'json';
  }
}

export function newCall(request: HttpRequest, now: number): Call {
  return {
    request,
    now,
    requestId: '',
    query: new Map(),
    claim: undefined,
    region: 'us-east-1',
    hostRegion: undefined,
    summary: undefined,
    model: undefined,
    protocol: 'restXml',
    operation: undefined,
    form: undefined,
    labels: undefined,
    wireHeaders: undefined,
    decodedTrailers: undefined,
    path: request.rawPath,
    bucket: undefined,
    bucketInHost: false,
    website: false,
    definition: undefined,
    principal: anonymous,
    accessKeyId: undefined,
    input: undefined,
    outcomes: [],
  };
}
