/**
 * Who may use the control API. It is reached with a plain HTTP request, so a page in the user's browser must not reach it:
 * neither across sites (Origin, Sec-Fetch-Site) nor by a name of its own that resolves to this machine (Host).
 */

import { timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../framework/http-message.ts';
import { hostnameOf, isLocalName, isLoopback } from '../framework/local-names.ts';
import type { ControlError } from './message.ts';

/** `anyone` for what tells nothing of the user's; `owner` for the rest. */
export type Access = 'anyone' | 'owner';

export type AccessRules = {
  /** The control token of run.json, which only the owner of the process can read. */
  token: string;
  /** With the test key, whoever is on this machine is root already, so loopback suffices. */
  testKey: boolean;
};

/** Why a request is refused, or undefined when it may pass. */
export function judgeAccess(request: HttpRequest, access: Access, rules: AccessRules): ControlError | undefined {
  if (access === 'anyone') return undefined;
  // No browser can know the token, nor send this header to another site without a preflight, which we never grant.
  if (hasToken(request, rules.token)) return undefined;
  if (isFromAnotherSite(request)) return forbidden('requests from web pages of other sites are refused');
  if (!isLocalName(hostnameOf(request.headers['host'])))
    return forbidden('the Host header must name this machine: localhost or a loopback address');
  if (rules.testKey && isLoopback(request.remoteAddress)) return undefined;
  return {
    status: 401,
    code: 'ControlTokenRequired',
    message: 'send the control token of run.json in the header x-haneul-token, or use the haneul command',
  };
}

function hasToken(request: HttpRequest, token: string): boolean {
  const given = Buffer.from(request.headers['x-haneul-token'] ?? '', 'latin1');
  const wanted = Buffer.from(token, 'latin1');
  return wanted.length > 0 && given.length === wanted.length && timingSafeEqual(given, wanted);
}

export function isFromAnotherSite(request: HttpRequest): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const origin = request.headers['origin'];
  if (origin === undefined) return false;
  return origin !== `${request.secure ? 'https' : 'http'}://${request.headers['host'] ?? ''}`;
}

function forbidden(message: string): ControlError {
  return { status: 403, code: 'Forbidden', message };
}
