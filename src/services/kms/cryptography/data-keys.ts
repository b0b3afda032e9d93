/** Data keys and data key pairs: made here, encrypted under a key, used elsewhere. */

import { createPublicKey } from 'node:crypto';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { constraint, validation } from '../errors.ts';
import { isAsymmetric, isKeySpec, keyArn } from '../keys/key.ts';
import { lookUp } from '../keys/lookup.ts';
import { dataKeyBytesMax } from '../limits.ts';
import { newPrivateKey, pkcs8 } from '../materials/material.ts';
import type { Input, Operation } from '../sdk.ts';
import type { KeySpec } from '../tables.ts';
import { envelop } from './envelope.ts';
import { requireUsable } from './parameters.ts';

const symmetric = { usage: 'ENCRYPT_DECRYPT', algorithm: { kind: 'encryption', name: 'SYMMETRIC_DEFAULT' } } as const;

async function dataKey(request: ServiceRequest, input: Input<'GenerateDataKeyWithoutPlaintext'>) {
  const length = lengthOf(input);
  const { key } = await lookUp(request, input.KeyId);
  requireUsable(request, key, input, symmetric);
  const plaintext = request.random.bytes(length);
  const { blob, material } = await envelop(request, key, plaintext, input.EncryptionContext);
  return { Plaintext: plaintext, told: { CiphertextBlob: blob, KeyId: keyArn(key), KeyMaterialId: material } };
}

function lengthOf({ KeySpec: spec, NumberOfBytes: count }: Input<'GenerateDataKeyWithoutPlaintext'>): number {
  if ((spec === undefined) === (count === undefined)) throw validation('Please specify either number of bytes or key spec.');
  if (spec !== undefined) {
    if (spec !== 'AES_256' && spec !== 'AES_128') throw constraint('keySpec', spec, 'satisfy enum value set: [AES_256, AES_128]');
    return spec === 'AES_256' ? 32 : 16;
  }
  if (!Number.isInteger(count) || count! < 1) throw constraint('numberOfBytes', count, 'have value greater than or equal to 1');
  if (count! > dataKeyBytesMax) throw constraint('numberOfBytes', count, `have value less than or equal to ${dataKeyBytesMax}`);
  return count!;
}

export const GenerateDataKey: Operation<'GenerateDataKey'> = async (request, input) => {
  const { Plaintext, told } = await dataKey(request, input);
  return { ...told, Plaintext };
};

export const GenerateDataKeyWithoutPlaintext: Operation<'GenerateDataKeyWithoutPlaintext'> = async (request, input) =>
  (await dataKey(request, input)).told;

async function dataKeyPair(request: ServiceRequest, input: Input<'GenerateDataKeyPairWithoutPlaintext'>) {
  const spec: string = input.KeyPairSpec;
  if (spec === 'SM2') throw notImplemented(`kms:${request.operation} with KeyPairSpec SM2`);
  if (!isKeySpec(spec) || !isAsymmetric(spec))
    throw constraint(
      'keyPairSpec',
      spec,
      'satisfy enum value set: [RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1, SM2, ECC_NIST_EDWARDS25519]',
    );
  const { key } = await lookUp(request, input.KeyId);
  requireUsable(request, key, input, symmetric);
  const pair = await newPrivateKey(spec satisfies KeySpec);
  const plaintext = pkcs8(pair);
  const { blob, material } = await envelop(request, key, plaintext, input.EncryptionContext);
  const told = {
    PrivateKeyCiphertextBlob: blob,
    PublicKey: createPublicKey(pair).export({ type: 'spki', format: 'der' }),
    KeyId: keyArn(key),
    KeyPairSpec: input.KeyPairSpec,
    KeyMaterialId: material,
  };
  return { PrivateKeyPlaintext: plaintext, told };
}

export const GenerateDataKeyPair: Operation<'GenerateDataKeyPair'> = async (request, input) => {
  const { PrivateKeyPlaintext, told } = await dataKeyPair(request, input);
  return { ...told, PrivateKeyPlaintext };
};

export const GenerateDataKeyPairWithoutPlaintext: Operation<'GenerateDataKeyPairWithoutPlaintext'> = async (request, input) =>
  (await dataKeyPair(request, input)).told;
