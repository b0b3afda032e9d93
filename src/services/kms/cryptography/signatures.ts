/** Sign, Verify, GetPublicKey, DeriveSharedSecret. */

import { constants, createHash, createPublicKey, diffieHellman, sign, verify, type KeyObject } from 'node:crypto';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { Random } from '../../../framework/random.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { constraint, invalidSignature, validation } from '../errors.ts';
import { keyArn, requireEnabled, specs } from '../keys/key.ts';
import { lookUp } from '../keys/lookup.ts';
import { ciphertextBytesMax, messageBytesMax } from '../limits.ts';
import { materialOf } from '../materials/material.ts';
import type { Input, Operation } from '../sdk.ts';
import type { Key } from '../tables.ts';
import { checkLength, requireUsable } from './parameters.ts';
import { signDigest, verifyDigest } from './digests.ts';

type Signed = { bytes: Uint8Array; isDigest: boolean; algorithm: string };

/** `sha256` of ECDSA_SHA_256 and its kin. */
export function hashOf(algorithm: string): string {
  return `sha${algorithm.slice(-3)}`;
}

function messageOf(request: ServiceRequest, key: Key, input: Input<'Sign'>): Signed {
  const { Message: bytes, SigningAlgorithm: algorithm } = input;
  const type: string = input.MessageType ?? 'RAW';
  if (type !== 'RAW' && type !== 'DIGEST' && type !== 'EXTERNAL_MU')
    throw constraint('messageType', type, 'satisfy enum value set: [RAW, DIGEST, EXTERNAL_MU]');
  checkLength('message', bytes, messageBytesMax);
  requireUsable(request, key, input, { usage: 'SIGN_VERIFY', algorithm: { kind: 'signing', name: algorithm } });
  if (type === 'EXTERNAL_MU') throw validation('MessageType EXTERNAL_MU is supported only for ML-DSA signing algorithms.');
  if (algorithm === 'ED25519_PH_SHA_512') throw notImplemented(`kms:${request.operation} with SigningAlgorithm ${algorithm}`);
  const isDigest = type === 'DIGEST';
  if (algorithm === 'ED25519_SHA_512') {
    if (isDigest) throw validation('MessageType DIGEST is not supported for signing algorithm ED25519_SHA_512.');
  } else if (isDigest && bytes.length !== createHash(hashOf(algorithm)).digest().length)
    throw validation(`Digest is invalid length for algorithm ${algorithm}.`);
  return { bytes, isDigest, algorithm };
}

export const Sign: Operation<'Sign'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  const message = messageOf(request, key, input);
  const { object } = (await materialOf(request, key))!;
  return { KeyId: keyArn(key), Signature: signature(object, message, request.random), SigningAlgorithm: input.SigningAlgorithm };
};

export const Verify: Operation<'Verify'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  checkLength('signature', input.Signature, ciphertextBytesMax);
  const message = messageOf(request, key, input);
  const { object } = (await materialOf(request, key))!;
  if (!fits(createPublicKey(object), message, input.Signature)) throw invalidSignature();
  return { KeyId: keyArn(key), SignatureValid: true, SigningAlgorithm: input.SigningAlgorithm };
};

function signature(key: KeyObject, { bytes, isDigest, algorithm }: Signed, random: Random): Buffer {
  if (isDigest) return signDigest(key, bytes, algorithm, random);
  return sign(algorithm.startsWith('ED25519') ? null : hashOf(algorithm), bytes, { key, ...padding(algorithm) });
}

function fits(key: KeyObject, { bytes, isDigest, algorithm }: Signed, given: Uint8Array): boolean {
  if (isDigest) return verifyDigest(key, bytes, algorithm, given);
  return verify(algorithm.startsWith('ED25519') ? null : hashOf(algorithm), bytes, { key, ...padding(algorithm) }, given);
}

function padding(algorithm: string): object {
  if (algorithm.startsWith('RSASSA_PSS')) return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return algorithm.startsWith('RSASSA') ? { padding: constants.RSA_PKCS1_PADDING } : {};
}

export const GetPublicKey: Operation<'GetPublicKey'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  if (key.spec === 'SYMMETRIC_DEFAULT' || key.usage === 'GENERATE_VERIFY_MAC')
    requireUsable(request, key, {}, { usage: 'SIGN_VERIFY', algorithm: { kind: 'signing', name: 'RSASSA_PSS_SHA_256' } });
  requireEnabled(key);
  const { object } = (await materialOf(request, key))!;
  const { encryption, signing } = specs[key.spec];
  const told = {
    KeyId: keyArn(key),
    PublicKey: createPublicKey(object).export({ type: 'spki', format: 'der' }),
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    KeyUsage: key.usage,
    ...(key.usage === 'ENCRYPT_DECRYPT' && { EncryptionAlgorithms: encryption }),
    ...(key.usage === 'SIGN_VERIFY' && { SigningAlgorithms: signing }),
    ...(key.usage === 'KEY_AGREEMENT' && { KeyAgreementAlgorithms: ['ECDH'] }),
  };
  return told as Awaited<ReturnType<Operation<'GetPublicKey'>>>;
};

export const DeriveSharedSecret: Operation<'DeriveSharedSecret'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  if (input.KeyAgreementAlgorithm !== 'ECDH')
    throw constraint('keyAgreementAlgorithm', input.KeyAgreementAlgorithm, 'satisfy enum value set: [ECDH]');
  requireUsable(request, key, input, { usage: 'KEY_AGREEMENT' });
  const { object } = (await materialOf(request, key))!;
  return {
    KeyId: keyArn(key),
    SharedSecret: shared(object, input.PublicKey),
    KeyAgreementAlgorithm: 'ECDH',
    KeyOrigin: 'AWS_KMS',
  };
};

function shared(privateKey: KeyObject, der: Uint8Array): Buffer {
  try {
    const publicKey = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
    return diffieHellman({ privateKey, publicKey });
  } catch (cause) {
    throw Object.assign(validation('The public key is not valid for this KMS key.'), { cause });
  }
}
