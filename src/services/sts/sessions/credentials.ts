/** Temporary credentials: an access key, its secret, and a token that carries the session. */

import { accessKeyId } from '../../../framework/access-key-id.ts';
import type { Principal } from '../../../framework/principal.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { sealingKey, sealSession } from '../../../framework/session-token.ts';

const SECRET_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Nothing is stored: what the token holds is all there is of the session. */
export async function mintCredentials(request: ServiceRequest, principal: Principal, expiresAt: number) {
  const id = accessKeyId('ASIA', principal.account, request.random);
  const secret = request.random.text(40, SECRET_ALPHABET);
  const key = await sealingKey(request.store, request.random);
  const token = sealSession(key, id, { secretAccessKey: secret, principal, expiresAt }, request.random);
  return { AccessKeyId: id, SecretAccessKey: secret, SessionToken: token, Expiration: new Date(expiresAt) };
}
