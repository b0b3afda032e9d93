/** Encrypt, Decrypt, ReEncrypt, GenerateRandom. */

import type { Check } from '../../../framework/authorization.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { ciphertextOfOther, constraint, incorrectKey, invalidCiphertext, validation } from '../errors.ts';
import { keyArn } from '../keys/key.ts';
import { lookUp, lookUpById, type Found } from '../keys/lookup.ts';
import { ciphertextBytesMax, plaintextBytesMax, randomBytesMax } from '../limits.ts';
import { checkOn } from '../permissions.ts';
import type { Input, Operation } from '../sdk.ts';
import type { Key } from '../tables.ts';
import { readHead, type Context } from './ciphertext.ts';
import { decryptRsa, encryptRsa, envelop, openEnvelope } from './envelope.ts';
import { checkLength, requireUsable } from './parameters.ts';

const symmetric = 'SYMMETRIC_DEFAULT';

export const Encrypt: Operation<'Encrypt'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  const algorithm = input.EncryptionAlgorithm ?? symmetric;
  checkLength('plaintext', input.Plaintext, plaintextBytesMax);
  requireUsable(request, key, input, { usage: 'ENCRYPT_DECRYPT', algorithm: { kind: 'encryption', name: algorithm } });
  const CiphertextBlob = await encrypted(request, key, input.Plaintext, algorithm, input.EncryptionContext);
  return { CiphertextBlob, KeyId: keyArn(key), EncryptionAlgorithm: algorithm };
};

async function encrypted(request: ServiceRequest, key: Key, plaintext: Uint8Array, algorithm: string, context: Context): Promise<Buffer> {
  if (algorithm !== symmetric) return encryptRsa(request, key, plaintext, algorithm);
  return (await envelop(request, key, plaintext, context)).blob;
}

type Ciphertext = { blob: Uint8Array; keyId: string | undefined; algorithm: string };

/** The key that a ciphertext is to be opened with. Throws what AWS answers where there is none, or another. */
async function keyOf(request: ServiceRequest, { blob, keyId, algorithm }: Ciphertext): Promise<Found> {
  checkLength('ciphertextBlob', blob, ciphertextBytesMax);
  const named = keyId === undefined ? undefined : await lookUp(request, keyId);
  if (algorithm !== symmetric) {
    if (!named) throw validation('KeyId is required when the ciphertext was encrypted under an asymmetric KMS key.');
    return named;
  }
  const head = readHead(blob);
  if (!head) throw invalidCiphertext();
  if (named) {
    if (named.key.id !== head.key) throw incorrectKey();
    return named;
  }
  const found = await lookUpById(request, head.key);
  if (!found) throw ciphertextOfOther();
  return found;
}

async function decrypted(request: ServiceRequest, key: Key, { blob, algorithm }: Ciphertext, context: Context) {
  if (algorithm === symmetric) return openEnvelope(request, key, blob, context);
  return { plaintext: await decryptRsa(request, key, blob, algorithm), material: undefined };
}

function ciphertextOf(input: Input<'Decrypt'>): Ciphertext {
  if (!input.CiphertextBlob) throw notImplemented('kms:Decrypt without CiphertextBlob');
  return { blob: input.CiphertextBlob, keyId: input.KeyId, algorithm: input.EncryptionAlgorithm ?? symmetric };
}

export const Decrypt: Operation<'Decrypt'> = async (request, input) => {
  const ciphertext = ciphertextOf(input);
  const { key } = await keyOf(request, ciphertext);
  const { algorithm } = ciphertext;
  requireUsable(request, key, input, { usage: 'ENCRYPT_DECRYPT', algorithm: { kind: 'encryption', name: algorithm } });
  const { plaintext, material } = await decrypted(request, key, ciphertext, input.EncryptionContext);
  return {
    KeyId: keyArn(key),
    Plaintext: plaintext,
    EncryptionAlgorithm: algorithm as 'SYMMETRIC_DEFAULT',
    ...(material !== undefined && { KeyMaterialId: material }),
  };
};

export async function onDecrypt(request: ServiceRequest, input: Input<'Decrypt'>): Promise<Check[]> {
  const ciphertext = ciphertextOf(input);
  const found = await keyOf(request, ciphertext);
  const context = { 'kms:EncryptionAlgorithm': ciphertext.algorithm };
  return [await checkOn(request, found, { action: 'Decrypt', encryptionContext: input.EncryptionContext, context })];
}

function sourceOf(input: Input<'ReEncrypt'>): Ciphertext {
  if (!input.CiphertextBlob) throw notImplemented('kms:ReEncrypt without CiphertextBlob');
  return { blob: input.CiphertextBlob, keyId: input.SourceKeyId, algorithm: input.SourceEncryptionAlgorithm ?? symmetric };
}

/** The plaintext never leaves KMS. */
export const ReEncrypt: Operation<'ReEncrypt'> = async (request, input) => {
  const source = sourceOf(input);
  const { key: from } = await keyOf(request, source);
  const { key: to } = await lookUp(request, input.DestinationKeyId);
  const algorithm = input.DestinationEncryptionAlgorithm ?? symmetric;
  const { DryRun: _dryRun, ...rest } = input;
  requireUsable(
    request,
    from,
    { ...rest, EncryptionContext: input.SourceEncryptionContext },
    { usage: 'ENCRYPT_DECRYPT', algorithm: { kind: 'encryption', name: source.algorithm } },
  );
  requireUsable(
    request,
    to,
    { ...input, EncryptionContext: input.DestinationEncryptionContext },
    { usage: 'ENCRYPT_DECRYPT', algorithm: { kind: 'encryption', name: algorithm } },
  );
  const { plaintext, material } = await decrypted(request, from, source, input.SourceEncryptionContext);
  const told = {
    SourceKeyId: keyArn(from),
    KeyId: keyArn(to),
    SourceEncryptionAlgorithm: source.algorithm as 'SYMMETRIC_DEFAULT',
    DestinationEncryptionAlgorithm: algorithm,
    ...(material !== undefined && { SourceKeyMaterialId: material }),
  };
  if (algorithm !== symmetric) return { ...told, CiphertextBlob: await encryptRsa(request, to, plaintext, algorithm) };
  const made = await envelop(request, to, plaintext, input.DestinationEncryptionContext);
  return { ...told, CiphertextBlob: made.blob, DestinationKeyMaterialId: made.material };
};

export async function onReEncrypt(request: ServiceRequest, input: Input<'ReEncrypt'>): Promise<Check[]> {
  const from = await keyOf(request, sourceOf(input));
  const to = await lookUp(request, input.DestinationKeyId);
  const context = { 'kms:ReEncryptOnSameKey': String(from.key.id === to.key.id) };
  return [
    await checkOn(request, from, { action: 'ReEncryptFrom', encryptionContext: input.SourceEncryptionContext, context }),
    await checkOn(request, to, { action: 'ReEncryptTo', encryptionContext: input.DestinationEncryptionContext, context }),
  ];
}

export const GenerateRandom: Operation<'GenerateRandom'> = async (request, input) => {
  if (input.CustomKeyStoreId !== undefined) throw notImplemented('kms:GenerateRandom with CustomKeyStoreId');
  if (input.Recipient !== undefined) throw notImplemented('kms:GenerateRandom with Recipient');
  const count = input.NumberOfBytes;
  if (count === undefined) throw validation('NumberOfBytes is required.');
  if (!Number.isInteger(count) || count < 1) throw constraint('numberOfBytes', count, 'have value greater than or equal to 1');
  if (count > randomBytesMax) throw constraint('numberOfBytes', count, `have value less than or equal to ${randomBytesMax}`);
  return { Plaintext: request.random.bytes(count) };
};
