/** AWS's signature, version 4, of a POST to `/`: the SDK's own signer comes with a hundred kilobytes, and the first page waits for none of them. */

// Not the browser's own crypto, which pages that came over plain HTTP from another machine do not have.
import { Sha256 } from '@aws-crypto/sha256-js';
import type { Credentials } from './session.ts';

const algorithm = 'AWS4-HMAC-SHA256';
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** SHA-256, or HMAC where there is a key. */
export function digest(data: string | Uint8Array, key?: Uint8Array): Uint8Array {
  const hash = new Sha256(key);
  hash.update(typeof data === 'string' ? bytesOf(data) : data);
  return hash.digestSync();
}

/** `headers` and those that prove who sends `body` to this cloud. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export function signed(
  body: string,
  headers: Readonly<Record<string, string>>,
  { credentials, service, region }: { credentials: Credentials; service: string; region: string },
): Record<string, string> {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const all: Record<string, string> = {
    ...headers,
    'x-amz-date': time,
    ...(credentials.sessionToken !== undefined && { 'x-amz-security-token': credentials.sessionToken }),
  };
  const covered = Object.entries({ ...all, host: location.host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = covered.map(([name]) => name).join(';');
  const lines = covered.map(([name, value]) => `${name}:${value}\n`).join('');
  const request = ['POST', '/', '', lines, names, hex(digest(body))].join('\n');
  const scope = [time.slice(0, 8), region, service, 'aws4_request'];
  const key = scope.reduce((secret, part) => digest(part, secret), bytesOf(`AWS4${credentials.secretAccessKey}`));
  const signature = hex(digest([algorithm, time, scope.join('/'), hex(digest(request))].join('\n'), key));
  const holder = `${credentials.accessKeyId}/${scope.join('/')}`;
  return { ...all, authorization: `${algorithm} Credential=${holder}, SignedHeaders=${names}, Signature=${signature}` };
}
