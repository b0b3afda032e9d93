/** The life of a request: identify, authenticate, parse, authorize, invoke, reply, record. */

import type { Readable } from 'node:stream';
import { AwsError } from '../framework/aws-error.ts';
import { unsigned } from '../framework/authorization.ts';
import { readableOf } from '../framework/body.ts';
import type { HttpRequest, HttpResponse } from '../framework/http-message.ts';
import type { ServiceRequest } from '../framework/request.ts';
import { parseInput } from '../protocols/parse.ts';
import { formatOutput } from '../protocols/reply.ts';
import { authenticate, authenticateForm, declaredPayload, type Authenticated, type Payload } from './authenticate.ts';
import { errorFamily, newCall, type Call } from './call.ts';
import { createCatalogue, type Catalogue } from './catalogue.ts';
import { contextOf, deciderOf, regionOf, tracedFacts } from './call-context.ts';
import { createHostReader, type HostHint } from './hosts.ts';
import { identify, identifyForm, isPostForm, wireRequest } from './identify.ts';
import { requestIdsOf } from './in-process.ts';
import { authorize, authorizerOf, requireOperation } from './invoke.ts';
import type { Gateway, GatewayParts } from './parts.ts';
import { payloadHash } from './payload-hash.ts';
import { bodyStream, checkHash, decodedHeaders, formBody, noBody, wholeBody, withSignedQuery, type WholeBody } from './payload.ts';
import { decodePart, parseQuery } from './query-string.ts';
import { takeUpload } from './post-forms/upload.ts';
import { record } from './record.ts';
import { errorReply, finishReply } from './reply.ts';
import { malformedClaim, missingSignature } from './signature-errors.ts';
import { readClaim } from './signatures/claim.ts';
import { mayBeSignedPage, signedPage } from './signed-page.ts';
import { createSigningKeys, type SigningKeys } from './signatures/signing-keys.ts';
import { answerPreflight, openToPages } from './web-pages.ts';

export { callInProcess } from './in-process.ts';
export type { Gateway, GatewayParts, InProcessCaller } from './parts.ts';

/** Services whose resource policies may let in callers without a signature. */
const openToAnonymous: ReadonlySet<string> = new Set(['s3', 'sqs', 'sns']);

type Tools = { parts: GatewayParts; catalogue: Catalogue; keys: SigningKeys; readHost: (host: string | undefined) => HostHint };

/** Puts a gateway together. `handle` answers every request and never rejects. */
export function createGateway(parts: GatewayParts): Gateway {
  const catalogue = createCatalogue();
  const tools: Tools = {
    parts,
    catalogue,
    keys: createSigningKeys(),
    readHost: createHostReader((label) => catalogue.byHostLabel(label) !== undefined),
  };
  return {
    handle: (request) =>
      request.rawPath.startsWith('/_') || isBrowsersFirst(request) || isNavigation(request)
        ? handleVisit(tools, request)
        : handle(tools, request),
  };
}

/** Requests that may be for the cloud itself, or a browser's that opens a page. */
async function handleVisit(tools: Tools, request: HttpRequest): Promise<HttpResponse> {
  const { parts } = tools;
  // A bucket in the Host header may hold a key that begins so.
  if ((request.rawPath.startsWith('/_') || isBrowsersFirst(request)) && tools.readHost(request.headers['host']).bucket === undefined) {
    const answered = (await controlled(parts, request)) ?? (await servicePage(parts, request));
    if (answered) return answered;
  }
  const response = await handle(tools, request);
  if (isNavigation(request)) response.headers['content-security-policy'] ??= strangersPage;
  return response;
}

/** A page that a customer stored runs, but in an origin of its own: it must not be the console's, which has the same address. */
const strangersPage = 'sandbox allow-scripts allow-forms allow-popups allow-modals allow-downloads';
const navigations: ReadonlySet<string> = new Set(['document', 'iframe', 'frame', 'object', 'embed']);

function isNavigation({ headers }: HttpRequest): boolean {
  return headers['sec-fetch-dest'] !== undefined && navigations.has(headers['sec-fetch-dest']);
}

/** Somebody has typed the cloud's address into a browser; without a signature `/` would be S3's ListBuckets, which is refused to all. */
function isBrowsersFirst({ method, rawPath, rawQuery, headers }: HttpRequest): boolean {
  return (
    rawPath === '/' &&
    method === 'GET' &&
    rawQuery === '' &&
    headers['authorization'] === undefined &&
    (headers['accept'] ?? '').includes('text/html')
  );
}

async function controlled(parts: GatewayParts, request: HttpRequest): Promise<HttpResponse | undefined> {
  try {
    return await parts.control?.(request);
  } catch (error) {
    return failed(parts, request, error);
  }
}

/** `/_aws/sns/…`: pages that a service shows to everyone. */
async function servicePage(parts: GatewayParts, request: HttpRequest): Promise<HttpResponse | undefined> {
  const name = /^\/_aws\/([a-z0-9-]+)\/./.exec(request.rawPath)?.[1];
  if (name === undefined) return undefined;
  try {
    const definition = await parts.services.find(name);
    const { store, random, clock, host, log } = parts;
    return await definition?.pages?.({ store, random, now: clock.now(), clock, host, log }, request);
  } catch (error) {
    return failed(parts, request, error);
  }
}

function failed(parts: GatewayParts, request: HttpRequest, error: unknown): HttpResponse {
  parts.log(`${request.method} ${request.rawPath}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return {
    status: 500,
    headers: { 'content-type': 'application/json' },
    body: '{"message":"The cloud could not do this; its log says why."}',
  };
}

async function handle(tools: Tools, request: HttpRequest): Promise<HttpResponse> {
  const { parts } = tools;
  const preflight = answerPreflight(request, tools.readHost);
  if (preflight) return preflight;
  const call = newCall(request, parts.clock.now());
  let context: ServiceRequest | undefined;
  let response: HttpResponse;
  let output: unknown;
  let failure: unknown;
  try {
    const answer = await answered(tools, call, (made) => (context = made));
    response = answer.response;
    output = answer.output;
  } catch (error) {
    failure = error;
    if (call.requestId === '') call.requestId = newRequestId(parts, call);
    response = errorReply(parts, call, error);
  }
  finishReply(parts, call, response);
  openToPages(request, call.model?.name, response);
  if (call.definition?.afterReply) {
    try {
      const touching = call.definition.afterReply(context ?? contextOf(parts, call), response);
      if (touching) await touching;
    } catch (error) {
      parts.log(`${call.definition.name}: ${String(error)}`);
    }
  }
  if (call.summary && call.operation) {
    const traced = context ?? tracedFacts(call);
    const { definition, summary, operation, input, outcomes } = call;
    record(
      parts,
      { request: traced, definition, summary, operation, operationName: operation.name, input, output, error: failure, outcomes },
      true,
    );
  }
  return response;
}

type Answer = { response: HttpResponse; output?: unknown };

async function answered(tools: Tools, call: Call, made: (context: ServiceRequest) => void): Promise<Answer> {
  const { parts, catalogue } = tools;
  const { request } = call;
  const hint = tools.readHost(request.headers['host']);
  if (request.rawPath.includes('%')) decodePart(request.rawPath);
  call.query = parseQuery(request.rawQuery);
  const claimed = readClaim(request, call.query);
  if (claimed && 'claim' in claimed) call.claim = claimed.claim;
  call.region = regionOf(call, hint);
  call.hostRegion = hint.region;
  const page = mayBeSignedPage(request.rawPath) && (await signedPage(tools, call, made));
  if (page) return { response: page };
  const malformed = claimed && 'malformed' in claimed ? claimed : undefined;
  let forms: ReturnType<typeof identify>;
  try {
    forms = identify(call, catalogue, hint);
  } catch (error) {
    return unidentified(tools, call, made, error);
  }
  if (malformed) return unidentified(tools, call, made, malformedClaim(errorFamily(call), malformed, request.headers['authorization']));
  let form: WholeBody | undefined;
  if (forms && !call.operation) {
    form = await formBody(call);
    identifyForm(call, catalogue, forms, form.body);
  }
  call.requestId = newRequestId(parts, call);
  const found = parts.services.find(call.model!.name);
  call.definition = found instanceof Promise ? await found : found;
  if (call.definition && call.model!.name === 's3' && isPostForm(call)) return formUpload(tools, call, made);
  if (!call.claim || request.method === 'OPTIONS' || call.website) {
    const early = await beforeRouting(parts, call, made);
    if (early) return early;
  }
  if (!call.operation)
    throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', { status: 405 });
  const payload = declaredPayload(call);
  if (payload.kind === 'streaming') call.wireHeaders = decodedHeaders(request);
  if (call.claim?.presigned && call.model!.name === 's3') call.wireHeaders = withSignedQuery(call);
  const body = await authenticatedBody(tools, call, payload, form);
  return invoke(parts, call, body, made);
}

/** HTTP requests that are not API calls, or not well made ones: the service may have an answer of its own. */
async function beforeRouting(parts: GatewayParts, call: Call, made: (context: ServiceRequest) => void): Promise<Answer | undefined> {
  if (!call.definition?.beforeRouting) return undefined;
  const context = contextOf(parts, call);
  made(context);
  const response = await call.definition.beforeRouting(context);
  if (!response) return undefined;
  // No call was made, so none is recorded.
  call.operation = undefined;
  return { response };
}

/** The answer to a request that names no operation or is signed in no known way. */
async function unidentified({ parts }: Tools, call: Call, made: (context: ServiceRequest) => void, refusal: unknown): Promise<Answer> {
  if (call.model === undefined) throw refusal;
  call.requestId = newRequestId(parts, call);
  call.definition = await parts.services.find(call.model.name);
  const early = await beforeRouting(parts, call, made);
  if (early) return early;
  throw refusal;
}

/** A browser's upload: a PutObject whose headers, and whose signature, are fields of a form. */
async function formUpload(tools: Tools, call: Call, made: (context: ServiceRequest) => void): Promise<Answer> {
  const { parts, keys } = tools;
  const upload = await takeUpload(call);
  try {
    if (upload.claim) {
      call.claim = upload.claim;
      believe(parts, call, await authenticateForm(parts, keys, call, upload.policy));
      upload.check();
    }
    const { response, output } = await invoke(parts, call, upload.body, made);
    return { response: upload.answer(response), output };
  } finally {
    upload.body.destroy();
  }
}

/** Verifies the caller before the body is read wherever the signature does not need the body. */
async function authenticatedBody(tools: Tools, call: Call, payload: Payload, form: WholeBody | undefined): Promise<Buffer | Readable> {
  const { parts, keys } = tools;
  const { claim, operation } = call;
  let authenticated: Authenticated | undefined;
  if (claim && payload.kind !== 'body') {
    const verifying = authenticate(parts, keys, call, payload);
    authenticated = believe(parts, call, verifying instanceof Promise ? await verifying : verifying);
  }
  if (!claim || authenticated) requireBuilt(call);
  const streaming = operation!.streamingInput !== undefined;
  if (streaming && (authenticated || !claim)) return bodyStream(call, payload, authenticated);
  if (form && payload.kind === 'hash') checkHash(call, payload.sha256, form.raw);
  const { raw, body } = form ?? noBody(call, payload) ?? (await wholeBody(call, payload, authenticated));
  if (claim && !authenticated) {
    believe(parts, call, await authenticate(parts, keys, call, payload, payloadHash(raw)));
    requireBuilt(call);
  }
  return streaming ? readableOf(body) : body;
}

function newRequestId(parts: GatewayParts, call: Call): string {
  const { short, long, uuid } = requestIdsOf(parts);
  if (errorFamily(call) === 's3') return short(call.now);
  return call.model?.signingName === 'dynamodb' ? long(call.now) : uuid(call.now);
}

/** From here on the caller is known. */
function believe(parts: GatewayParts, call: Call, authenticated: Authenticated): Authenticated {
  const { accessKeyId, principal } = authenticated.credential;
  call.principal = principal;
  call.accessKeyId = accessKeyId;
  if (!authenticated.test)
    parts.identity.keyUsed(accessKeyId, {
      principal,
      service: call.summary!.endpointPrefix,
      action: call.operation!.name,
      region: call.region,
      at: call.now,
    });
  return authenticated;
}

/** Throws NotImplemented for what is not built, and for unsigned calls that need a signature what AWS says of them. */
function requireBuilt(call: Call): void {
  const { claim, definition, model, operation } = call;
  requireOperation(definition, model!.name, operation!.name);
  if (!claim && !openToAnonymous.has(model!.name) && authorizerOf(definition!, operation!.name) !== unsigned)
    throw missingSignature(errorFamily(call));
}

async function invoke(parts: GatewayParts, call: Call, body: Buffer | Readable, made: (context: ServiceRequest) => void): Promise<Answer> {
  const { model, protocol, operation, definition } = call;
  const decider = deciderOf(call);
  const context = contextOf(parts, call, decider);
  made(context);
  const { checkInput } = definition!;
  const checkFirst = checkInput && ((given: object, missing: readonly string[]) => checkInput(context, given, missing));
  const input = parseInput(model!, protocol, operation!, wireRequest(call), body, call.labels, call.form, checkFirst);
  call.input = input;
  const seen = await authorize(parts, definition!, context, input, decider);
  const output = (await requireOperation(definition, model!.name, operation!.name)(context, seen)) as Record<string, unknown> | undefined;
  return { response: formatOutput(model!, protocol, operation!, output, { requestId: call.requestId }), output };
}
