/** `/_aws/SERVICE/PAGE`, signed: what another cloud says to a service; and other APIs than that of its SDK. The caller is verified as for any call; the page asks for permission itself. */

import { AwsError } from '../framework/aws-error.ts';
import type { ServiceRequest } from '../framework/request.ts';
import type { HttpRequest, HttpResponse } from '../framework/http-message.ts';
import type { ServiceDefinition } from '../framework/service.ts';
import { loadModel } from '../protocols/models.ts';
import { authenticate, declaredPayload } from './authenticate.ts';
import { readBody } from './body.ts';
import { errorFamily, type Call } from './call.ts';
import { contextOf } from './call-context.ts';
import type { Catalogue } from './catalogue.ts';
import type { GatewayParts } from './parts.ts';
import { payloadHash } from './payload-hash.ts';
import { checkHash } from './payload.ts';
import { requestIdsOf } from './in-process.ts';
import type { SigningKeys } from './signatures/signing-keys.ts';

const bodyBytesMax = 16 * 1024 * 1024;
const form = /^\/_aws\/([a-z0-9-]+)\/([a-z0-9-]+)$/;
/** The first segments of paths of other APIs: services are not loaded to look for them. */
const beginnings = /^\/(?:_aws|iceberg)\//;

export const mayBeSignedPage = (path: string): boolean => beginnings.test(path);

function answerOf({ signedPages, signedPaths }: ServiceDefinition, { method, rawPath }: HttpRequest) {
  if (signedPaths && rawPath.startsWith(signedPaths.prefix)) return signedPaths.answer;
  const [, , page] = form.exec(rawPath) ?? [];
  return page !== undefined && method === 'POST' && signedPages && Object.hasOwn(signedPages, page) ? signedPages[page] : undefined;
}

type Tools = { parts: GatewayParts; catalogue: Catalogue; keys: SigningKeys };

/** Undefined where the call is for no such page. Throws AwsError for a signature that does not hold. */
export async function signedPage(
  { parts, catalogue, keys }: Tools,
  call: Call,
  made: (context: ServiceRequest) => void,
): Promise<HttpResponse | undefined> {
  const { claim, request } = call;
  if (!claim) return undefined;
  const [, named] = form.exec(request.rawPath) ?? [];
  const summary = catalogue.bySigningName(claim.service).find(({ name }) => named === undefined || name === named);
  const definition = summary && (await parts.services.find(summary.name));
  const answer = definition && answerOf(definition, request);
  if (!answer) return undefined;
  Object.assign(call, { summary, model: loadModel(summary.name), definition, protocol: 'awsJson1_1' } satisfies Partial<Call>);
  call.requestId = requestIdsOf(parts).uuid(call.now);
  const payload = declaredPayload(call);
  if (payload.kind === 'unsigned' || payload.kind === 'streaming' || claim.presigned)
    throw new AwsError('AccessDeniedException', 'The signature must cover the body.', { status: 403 });
  const body = await readBody(request, bodyBytesMax, errorFamily(call));
  if (payload.kind === 'hash') checkHash(call, payload.sha256, body);
  const { credential } = await authenticate(parts, keys, call, payload, payloadHash(body));
  call.principal = credential.principal;
  call.accessKeyId = credential.accessKeyId;
  const context = contextOf(parts, call);
  made(context);
  return answer(context, body);
}
