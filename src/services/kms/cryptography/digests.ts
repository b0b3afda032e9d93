/**
 * Signatures over digests that the caller has made (MessageType DIGEST). Node signs messages only, so what it hashes away is done here:
 * the encodings of PKCS #1 (RFC 8017) around its raw RSA; ECDSA (FIPS 186-5) lies in ecdsa.ts.
 */

import { constants, createHash, createPublicKey, privateEncrypt, publicDecrypt, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Random } from '../../../framework/random.ts';
import { signEcdsa, verifyEcdsa } from './ecdsa.ts';

const digestInfo: Readonly<Record<string, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

const hashOf = (algorithm: string): string => `sha${algorithm.slice(-3)}`;

export function signDigest(key: KeyObject, digest: Uint8Array, algorithm: string, random: Random): Buffer {
  if (algorithm.startsWith('ECDSA')) return signEcdsa(key, digest, random);
  const hash = hashOf(algorithm);
  if (algorithm.startsWith('RSASSA_PKCS1'))
    return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.concat([Buffer.from(digestInfo[hash]!, 'hex'), digest]));
  const bits = createPublicKey(key).asymmetricKeyDetails!.modulusLength!;
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, pssEncode(digest, hash, bits - 1, random.bytes(digest.length)));
}

export function verifyDigest(key: KeyObject, digest: Uint8Array, algorithm: string, signature: Uint8Array): boolean {
  if (algorithm.startsWith('ECDSA')) return verifyEcdsa(key, digest, signature);
  const hash = hashOf(algorithm);
  const pkcs1 = algorithm.startsWith('RSASSA_PKCS1');
  const bits = key.asymmetricKeyDetails!.modulusLength!;
  if (signature.length !== bits / 8) return false;
  let encoded: Buffer;
  try {
    encoded = publicDecrypt({ key, padding: pkcs1 ? constants.RSA_PKCS1_PADDING : constants.RSA_NO_PADDING }, signature);
  } catch {
    // Whatever OpenSSL finds wrong with it, it is no signature.
    return false;
  }
  if (pkcs1) return equal(encoded, Buffer.concat([Buffer.from(digestInfo[hash]!, 'hex'), digest]));
  return pssFits(encoded, digest, hash, bits - 1);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** EMSA-PSS-ENCODE, the salt as long as the digest: https://www.rfc-editor.org/rfc/rfc8017#section-9.1.1 */
function pssEncode(digest: Uint8Array, hash: string, bits: number, salt: Uint8Array): Buffer {
  const length = Math.ceil(bits / 8);
  const h = createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
  const block = Buffer.concat([Buffer.alloc(length - salt.length - h.length - 2), Buffer.of(1), salt]);
  const masked = xor(block, mask(h, hash, block.length));
  masked[0]! &= 0xff >> (8 * length - bits);
  return Buffer.concat([masked, h, Buffer.of(0xbc)]);
}

/** EMSA-PSS-VERIFY */
function pssFits(encoded: Buffer, digest: Uint8Array, hash: string, bits: number): boolean {
  const size = digest.length;
  if (encoded.at(-1) !== 0xbc || encoded.length !== Math.ceil(bits / 8)) return false;
  const masked = encoded.subarray(0, encoded.length - size - 1);
  const h = encoded.subarray(encoded.length - size - 1, -1);
  const unused = 8 * encoded.length - bits;
  if (masked[0]! >> (8 - unused) !== 0) return false;
  const block = xor(masked, mask(h, hash, masked.length));
  block[0]! &= 0xff >> unused;
  const start = block.length - size - 1;
  if (block.subarray(0, start).some((byte) => byte !== 0) || block[start] !== 1) return false;
  return equal(h, createHash(hash).update(Buffer.alloc(8)).update(digest).update(block.subarray(-size)).digest());
}

/** MGF1 */
function mask(seed: Uint8Array, hash: string, length: number): Buffer {
  const pieces: Buffer[] = [];
  for (let i = 0, have = 0; have < length; i++) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(i);
    const piece = createHash(hash).update(seed).update(counter).digest();
    pieces.push(piece);
    have += piece.length;
  }
  return Buffer.concat(pieces).subarray(0, length);
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ b[i]!));
}
