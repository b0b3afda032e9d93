/** Who stands behind the private API: whoever proves an identity by a signed GetCallerIdentity gets a token for an hour. */

import { keepNewest } from '../../framework/bounded-map.ts';
import { Readable } from 'node:stream';
import { createHash, randomBytes } from 'node:crypto';
import type { HttpRequest } from '../../framework/http-message.ts';
import type { ControlledCloud } from '../controlled-cloud.ts';
import { badRequest, readJson, type ControlError } from '../message.ts';

export type ConsoleSession = { account: string; arn: string; owner: boolean; expiresAt: number };

export type Sessions = {
  begin(request: HttpRequest): Promise<{ token: string; account: string; arn: string; owner: boolean }>;
  of(token: string): ConsoleSession | undefined;
};

const SESSION_MILLISECONDS = 3_600_000;
const SESSIONS_MAX = 10_000;
const rootOfTheCloud = 'arn:aws:iam::000000000000:root';
const proofBody = /^(?:Action=GetCallerIdentity&Version=2011-06-15|Version=2011-06-15&Action=GetCallerIdentity)$/;

/** `isOwnersMachine`: the request comes from where everyone is the owner already. */
export function createSessions(cloud: ControlledCloud, isOwnersMachine: (request: HttpRequest) => boolean): Sessions {
  const sessions = new Map<string, ConsoleSession>();
  return {
    begin: async (request) => {
      const { account, arn } = await callerOf(cloud, request, await readJson(request));
      const token = randomBytes(24).toString('base64url');
      const owner = arn === rootOfTheCloud || isOwnersMachine(request);
      keepNewest(sessions, SESSIONS_MAX, keyOf(token), { account, arn, owner, expiresAt: Date.now() + SESSION_MILLISECONDS });
      return { token, account, arn, owner };
    },
    of: (token) => {
      const session = sessions.get(keyOf(token));
      return session && session.expiresAt > Date.now() ? session : undefined;
    },
  };
}

/** By hash, so that the time a look-up takes tells nothing of the token. */
function keyOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/** Sends the signed call on to STS as if it had come there, and reads who STS says it is. */
async function callerOf(
  cloud: ControlledCloud,
  request: HttpRequest,
  proof: Record<string, unknown>,
): Promise<{ account: string; arn: string }> {
  const { headers, body } = proof;
  if (typeof body !== 'string' || !proofBody.test(body)) throw badRequest('body must be that of GetCallerIdentity');
  if (typeof headers !== 'object' || headers === null) throw badRequest('headers must be those of the signed call');
  const signed: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(headers)) if (typeof value === 'string') signed[name.toLowerCase()] = value;
  signed['host'] = request.headers['host'] ?? '';
  signed['content-length'] = String(Buffer.byteLength(body));
  const response = await cloud.gateway.handle({
    ...request,
    method: 'POST',
    rawPath: '/',
    rawQuery: '',
    headers: signed,
    body: Readable.from([Buffer.from(body)]),
    trailers: () => ({}),
    signal: request.signal,
  });
  const text = typeof response.body === 'string' ? response.body : Buffer.from((response.body as Uint8Array) ?? []).toString('utf8');
  const [arn, account] = [/<Arn>([^<]+)<\/Arn>/.exec(text)?.[1], /<Account>(\d{12})<\/Account>/.exec(text)?.[1]];
  if (response.status === 200 && arn !== undefined && account !== undefined) return { arn, account };
  throw { status: 401, code: 'NotProved', message: 'the signed GetCallerIdentity was refused' } satisfies ControlError;
}
