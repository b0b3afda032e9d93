/** Keys that verify signatures, derived once a day and scope; bound to the secret, so that a changed secret never meets an old key. */

import { keepNewest } from '../../framework/bounded-map.ts';
import { createECDH, createHmac, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';

const KEYS_MAX = 4_096;

type Cached = { secret: string; key: KeyObject };

/** A cache that forgets what was used longest ago. */
export type SigningKeys = {
  /** The HMAC key of SigV4: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html#calculate-signature */
  symmetric(accessKeyId: string, secret: string, date: string, region: string, service: string): KeyObject;
  /** The P-256 public key of SigV4A. */
  asymmetric(accessKeyId: string, secret: string): KeyObject;
};

export function createSigningKeys(): SigningKeys {
  const keys = new Map<string, Cached>();
  const cached = (id: string, secret: string, derive: () => KeyObject): KeyObject => {
    const found = keys.get(id);
    if (found && found.secret === secret) {
      // Moving a key to the young end costs more than it gains while nothing is ever thrown away.
      if (keys.size > KEYS_MAX / 2) {
        keys.delete(id);
        keys.set(id, found);
      }
      return found.key;
    }
    const key = derive();
    keepNewest(keys, KEYS_MAX, id, { secret, key });
    return key;
  };
  return {
    symmetric: (accessKeyId, secret, date, region, service) =>
      cached(`${accessKeyId}/${date}/${region}/${service}`, secret, () => deriveSymmetric(secret, date, region, service)),
    asymmetric: (accessKeyId, secret) => cached(accessKeyId, secret, () => deriveAsymmetric(accessKeyId, secret)),
  };
}

function hmac(key: Buffer | string, data: string | Buffer): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function deriveSymmetric(secret: string, date: string, region: string, service: string): KeyObject {
  return createSecretKey(hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request'));
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/**
 * The key derivation of SigV4A: HMAC-SHA256 in counter mode (NIST SP 800-108) until the number falls below the order of the curve.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html#signature-versions
 */
function deriveAsymmetric(accessKeyId: string, secret: string): KeyObject {
  for (let counter = 1; counter < 255; counter++) {
    const fixed = Buffer.concat([
      Buffer.from([0, 0, 0, 1]),
      Buffer.from('AWS4-ECDSA-P256-SHA256\0', 'latin1'),
      Buffer.from(accessKeyId, 'utf8'),
      Buffer.from([counter, 0, 0, 1, 0]),
    ]);
    const candidate = BigInt(`0x${hmac(`AWS4A${secret}`, fixed).toString('hex')}`);
    if (candidate > P256_ORDER - 2n) continue;
    const curve = createECDH('prime256v1');
    curve.setPrivateKey((candidate + 1n).toString(16).padStart(64, '0'), 'hex');
    const point = curve.getPublicKey();
    const coordinate = (from: number): string => point.subarray(from, from + 32).toString('base64url');
    return createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: coordinate(1), y: coordinate(33) } });
  }
  throw new Error('no P-256 key can be derived from this secret');
}
