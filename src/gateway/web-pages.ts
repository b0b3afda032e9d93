/**
 * Whether a page of the web asks. Everybody knows the test key, so any page that a browser on this machine shows could be root of the
 * cloud by it, and needs no answer to do harm (docs/decisions/0052).
 */

import type { HttpRequest } from '../framework/http-message.ts';
import { hostnameOf, isLocalName } from '../framework/local-names.ts';

/** False for programs, which send neither header, and for pages that this machine serves. */
export function isWebPage({ headers }: Pick<HttpRequest, 'headers'>): boolean {
  if (headers['sec-fetch-site'] === 'cross-site') return true;
  const origin = headers['origin'];
  return origin !== undefined && !isLocalName(hostnameOf(URL.parse(origin)?.host));
}
