/** Finds out which operation of which service a request means, in the order in which the hints are trustworthy. */

import { AwsError, notImplemented } from '../framework/aws-error.ts';
import type { OperationModel, Protocol, ServiceModel } from '../protocols/model.ts';
import { loadModel, type ModelSummary } from '../protocols/models.ts';
import { routeRest } from '../protocols/rest-route.ts';
import { formAction, parseForm } from '../protocols/form.ts';
import { malformedInput } from '../protocols/malformed.ts';
import type { WireRequest } from '../protocols/wire.ts';
import type { Call } from './call.ts';
import type { Catalogue } from './catalogue.ts';
import type { HostHint } from './hosts.ts';
import { decodePart } from './query-string.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';

/**
 * Fills in service, protocol and, where no body is needed for it, the operation. Returns the candidates of a form, whose
 * operation is known only when the body has been read. Throws AwsError for what does not exist, with the protocol already set.
 */
export function identify(call: Call, catalogue: Catalogue, hint: HostHint): readonly ModelSummary[] | undefined {
  const { request, claim } = call;
  const scoped = claim ? catalogue.bySigningName(claim.service) : undefined;
  guessProtocol(call);
  const target = request.headers['x-amz-target'];
  if (target !== undefined && identifyTarget(call, catalogue, target, scoped)) return undefined;
  if (request.headers['smithy-protocol'] === 'rpc-v2-cbor' && identifyCbor(call, catalogue, scoped)) return undefined;
  const byHost = hint.service === undefined ? undefined : catalogue.byHostLabel(hint.service);
  const forms = formCandidates(call, catalogue, scoped, byHost);
  if (forms) return forms;
  if (scoped?.length === 0) throw notImplemented(`the service ${claim!.service.slice(0, 64)}`);
  identifyRest(call, catalogue, hint, restCandidates(call, catalogue, scoped, byHost));
  return undefined;
}

/** In which form to refuse a request of which nothing else is known. */
function guessProtocol(call: Call): void {
  const { headers } = call.request;
  const type = headers['content-type'] ?? '';
  if (headers['x-amz-target'] !== undefined) call.protocol = jsonVersion(type) ?? 'awsJson1_1';
  else if (headers['smithy-protocol'] === 'rpc-v2-cbor') call.protocol = 'rpcv2Cbor';
  else if (type.startsWith(FORM_TYPE) && call.request.method === 'POST') call.protocol = 'awsQuery';
  else if (type.startsWith('application/json')) call.protocol = 'restJson1';
}

function jsonVersion(contentType: string): Protocol | undefined {
  if (contentType.startsWith('application/x-amz-json-1.0')) return 'awsJson1_0';
  if (contentType.startsWith('application/x-amz-json-1.1')) return 'awsJson1_1';
  return undefined;
}

function settle(call: Call, summary: ModelSummary): ServiceModel {
  call.summary = summary;
  call.model = loadModel(summary.name);
  return call.model;
}

/** `X-Amz-Target: DynamoDB_20120810.PutItem`; older clients of CloudTrail put a package's name before it. */
function identifyTarget(call: Call, catalogue: Catalogue, target: string, scoped: readonly ModelSummary[] | undefined): boolean {
  const dot = target.lastIndexOf('.');
  const name = target.slice(dot + 1);
  const prefix = target.slice(0, Math.max(dot, 0));
  const all = catalogue.byTarget(prefix.slice(prefix.lastIndexOf('.') + 1));
  const fitting = scoped && scoped.length > 0 ? all.filter((summary) => scoped.includes(summary)) : all;
  if (fitting.length === 0) {
    const likely = scoped?.find((summary) => summary.protocols.some((protocol) => protocol.startsWith('awsJson')));
    if (!likely) return false;
    settle(call, likely);
    throw unknownOperation(call, name);
  }
  const summary = fitting.find((candidate) => loadModel(candidate.name).operations.has(name)) ?? fitting[0]!;
  const model = settle(call, summary);
  call.protocol =
    jsonVersion(call.request.headers['content-type'] ?? '') ??
    model.protocols.find((protocol) => protocol.startsWith('awsJson')) ??
    'awsJson1_1';
  call.operation = model.operations.get(name);
  if (!call.operation) throw unknownOperation(call, name);
  return true;
}

/** `POST /service/GraniteServiceVersion20100801/operation/PutMetricData` */
function identifyCbor(call: Call, catalogue: Catalogue, scoped: readonly ModelSummary[] | undefined): boolean {
  const [, keyword, target, middle, name, ...rest] = call.request.rawPath.split('/');
  if (keyword !== 'service' || middle !== 'operation' || target === undefined || name === undefined || rest.length > 0) return false;
  const all = catalogue.byTarget(target);
  const summary = (scoped && scoped.length > 0 ? all.find((candidate) => scoped.includes(candidate)) : all[0]) ?? scoped?.[0];
  if (!summary) return false;
  call.operation = settle(call, summary).operations.get(name);
  if (!call.operation) throw unknownOperation(call, name);
  return true;
}

function speaksQuery(summary: ModelSummary): boolean {
  return summary.protocols.some(isQuery);
}

function isQuery(protocol: Protocol): boolean {
  return protocol === 'awsQuery' || protocol === 'ec2Query';
}

/** Services that may have sent a form, or a GET with Action; undefined when this is neither. */
function formCandidates(
  call: Call,
  catalogue: Catalogue,
  scoped: readonly ModelSummary[] | undefined,
  byHost: ModelSummary | undefined,
): readonly ModelSummary[] | undefined {
  const { request, query } = call;
  const posted = request.method === 'POST' && (request.headers['content-type'] ?? '').startsWith(FORM_TYPE);
  if (!posted && !query.has('Action')) return undefined;
  if (scoped) {
    const speaking = scoped.filter(speaksQuery);
    return speaking.length > 0 ? asForm(call, speaking, posted) : undefined;
  }
  if (byHost) return speaksQuery(byHost) ? asForm(call, [byHost], posted) : undefined;
  if (!posted) {
    const named = catalogue
      .byVersion(query.get('Version')?.[0] ?? '')
      .filter((summary) => loadModel(summary.name).operations.has(query.get('Action')![0]!));
    return named.length > 0 ? asForm(call, named, false) : undefined;
  }
  return [];
}

/** A query in the URL is settled at once. */
function asForm(call: Call, candidates: readonly ModelSummary[], posted: boolean): readonly ModelSummary[] {
  settle(call, candidates[0]!);
  call.protocol = call.model!.protocols.find(isQuery)!;
  if (!posted) settleForm(call, candidates, { action: call.query.get('Action')?.[0], version: call.query.get('Version')?.[0] });
  return candidates;
}

/** Finds the operation of a posted form. */
export function identifyForm(call: Call, catalogue: Catalogue, candidates: readonly ModelSummary[], body: Buffer): void {
  const text = body.toString('utf8');
  try {
    // Old clients post with their parameters in the URL.
    call.form = parseForm(call.request.rawQuery === '' ? text : `${call.request.rawQuery}&${text}`);
  } catch (error) {
    throw call.model
      ? malformedInput(call.model, call.protocol, error)
      : new AwsError('MalformedQueryString', 'The query string contains a syntax error', { status: 400, cause: error });
  }
  const { action, version } = formAction(call.form);
  settleForm(call, candidates.length > 0 ? candidates : catalogue.byVersion(version ?? ''), { action, version });
}

function settleForm(
  call: Call,
  candidates: readonly ModelSummary[],
  { action, version }: { action?: string | undefined; version?: string | undefined },
): void {
  if (!action) throw new AwsError('MissingAction', 'The request must contain the parameter Action', { status: 400 });
  const summary =
    candidates.find((candidate) => candidate.version === version && loadModel(candidate.name).operations.has(action)) ??
    candidates.find((candidate) => loadModel(candidate.name).operations.has(action)) ??
    candidates.find((candidate) => candidate.version === version) ??
    candidates[0];
  if (!summary) throw unknownAction(action, version);
  call.operation = settle(call, summary).operations.get(action);
  call.protocol = call.model!.protocols.find(isQuery)!;
  if (!call.operation) throw unknownAction(action, version);
}

function unknownAction(action: string, version: string | undefined): AwsError {
  return new AwsError(
    'InvalidAction',
    `Could not find operation ${action.slice(0, 128)} for version ${version?.slice(0, 64) ?? 'NO_VERSION_SPECIFIED'}`,
    { status: 400 },
  );
}

function unknownOperation(call: Call, name: string): AwsError {
  if (isQuery(call.protocol)) return unknownAction(name, undefined);
  return new AwsError(
    'UnknownOperationException',
    `The operation ${name.slice(0, 128)} is not known to ${call.model?.sdkId ?? 'this cloud'}.`,
    { status: call.protocol === 'restJson1' ? 404 : 400 },
  );
}

function restCandidates(
  call: Call,
  catalogue: Catalogue,
  scoped: readonly ModelSummary[] | undefined,
  byHost: ModelSummary | undefined,
): readonly ModelSummary[] {
  const { rawPath, headers } = call.request;
  // S3 Control signs as S3; its paths begin with its version.
  if (
    (scoped === undefined || scoped.some(({ name }) => name === 's3')) &&
    (byHost?.name === 's3-control' || (rawPath.startsWith('/v20180820/') && headers['x-amz-account-id'] !== undefined))
  ) {
    return catalogue.byHostLabel('s3-control') ? [catalogue.byHostLabel('s3-control')!] : [];
  }
  if (scoped) return scoped.some(({ name }) => name === 's3') ? scoped.filter(({ name }) => name === 's3') : scoped;
  return [byHost ?? catalogue.byHostLabel('s3')!];
}

function identifyRest(call: Call, catalogue: Catalogue, hint: HostHint, candidates: readonly ModelSummary[]): void {
  const first = candidates[0] ?? catalogue.byHostLabel('s3')!;
  if (first.name === 's3') return identifyS3(call, hint, first);
  for (const summary of candidates) {
    if (!summary.protocols.some((protocol) => protocol.startsWith('rest'))) continue;
    const model = settle(call, summary);
    call.protocol = model.protocols.find((protocol) => protocol.startsWith('rest'))!;
    if (route(call, model)) return;
  }
  if (!call.model) {
    settle(call, first);
    call.protocol = call.model!.protocols[0]!;
  }
  if (call.protocol === 'restXml')
    throw new AwsError('UnknownOperationException', 'No operation answers to this method and path.', { status: 404 });
  throw unknownOperation(call, `${call.request.method} ${call.request.rawPath}`);
}

function identifyS3(call: Call, hint: HostHint, summary: ModelSummary): void {
  const model = settle(call, summary);
  call.protocol = 'restXml';
  const bucket = hint.bucket ?? hint.bucketIfS3;
  const { rawPath, method } = call.request;
  call.website = hint.website === true;
  if (bucket !== undefined) {
    call.bucket = bucket;
    call.bucketInHost = true;
  } else if (rawPath.length > 1) {
    const slash = rawPath.indexOf('/', 1);
    call.bucket = decodePart(slash < 0 ? rawPath.slice(1) : rawPath.slice(1, slash));
    call.path = slash < 0 ? '/' : rawPath.slice(slash);
    if (call.bucket === '')
      throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', { status: 400, fields: { BucketName: '' } });
  }
  if (call.website) return;
  if (!route(call, model) && method !== 'OPTIONS' && !isPostForm(call)) {
    if (method === 'POST' && call.path === '/' && call.bucket !== undefined && call.request.rawQuery === '') throw noForm();
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      status: 405,
      fields: { Method: method, ResourceType: call.path === '/' ? 'BUCKET' : 'OBJECT' },
    });
  }
}

function noForm(): AwsError {
  return new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    status: 412,
    fields: { Condition: 'Bucket POST must be of the enclosure-type multipart/form-data' },
  });
}

/** A browser's upload, signed in its fields: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html */
export function isPostForm(call: Call): boolean {
  return call.request.method === 'POST' && (call.request.headers['content-type'] ?? '').startsWith('multipart/form-data');
}

function route(call: Call, model: ServiceModel): OperationModel | undefined {
  const found = routeRest(model, wireRequest(call));
  call.operation = found?.operation;
  call.labels = found?.labels;
  return call.operation;
}

/** The request as the protocols want it. */
export function wireRequest(call: Call): WireRequest {
  const { request, bucket } = call;
  return {
    method: request.method,
    path: call.path,
    rawQuery: request.rawQuery,
    query: call.query,
    headers: call.wireHeaders ?? request.headers,
    ...(bucket !== undefined && { bucket }),
  };
}
