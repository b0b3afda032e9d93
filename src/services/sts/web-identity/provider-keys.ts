/** The public keys of OpenID Connect providers, fetched from their discovery documents and kept for some minutes. */

import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import type { Host } from '../../../framework/host.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidIdentityToken } from '../errors.ts';
import { limits } from '../limits.ts';

export type ProviderKeys = ReturnType<typeof createLocalJWKSet>;

const ISSUERS_KEPT_MAX = 1_000;
const kept = new WeakMap<Host, Map<string, { keys: ProviderKeys; until: number }>>();

/** The keys of an issuer. `fresh` asks the issuer again: it may have turned its keys. Throws InvalidIdentityToken. */
export async function providerKeys(request: ServiceRequest, issuer: string, options: { fresh: boolean }): Promise<ProviderKeys> {
  let issuers = kept.get(request.host);
  if (!issuers) kept.set(request.host, (issuers = new Map()));
  const known = issuers.get(issuer);
  if (known && !options.fresh && known.until > request.now) return known.keys;
  const keys = await fetchKeys(request.host, issuer);
  if (issuers.size >= ISSUERS_KEPT_MAX) issuers.clear();
  issuers.set(issuer, { keys, until: request.now + limits.webIdentityKeysMilliseconds });
  return keys;
}

async function fetchKeys(host: Host, issuer: string): Promise<ProviderKeys> {
  try {
    const discovery = await fetchJson(host, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, issuer);
    if (discovery['issuer'] !== issuer) throw new Error('the discovery document names another issuer');
    return createLocalJWKSet((await fetchJson(host, String(discovery['jwks_uri']), issuer)) as unknown as JSONWebKeySet);
  } catch (cause) {
    const error = invalidIdentityToken(
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
    error.cause = cause;
    throw error;
  }
}

async function fetchJson(host: Host, url: string, issuer: string): Promise<Record<string, unknown>> {
  if (!mayFetch(url, issuer)) throw new Error(`${url} is not a place for keys of ${issuer}`);
  const json: unknown = JSON.parse(await host.fetchDocument(url, limits.webIdentityFetch));
  if (typeof json !== 'object' || json === null) throw new Error(`${url} is no JSON object`);
  return json as Record<string, unknown>;
}

/**
 * As in AWS keys come over HTTPS. Plain HTTP and addresses of this machine are for issuers on this machine only: a provider
 * elsewhere must not make the cloud ask its own host.
 */
export function mayFetch(url: string, issuer: string): boolean {
  const target = URL.parse(url);
  const origin = URL.parse(issuer);
  if (!target || !origin || target.username || target.password) return false;
  if (isLoopback(target.hostname)) return isLoopback(origin.hostname) && /^https?:$/.test(target.protocol);
  return target.protocol === 'https:';
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
