/** Signatures, MACs and shared secrets, checked against OpenSSL. */

import assert from 'node:assert/strict';
import { constants, createHash, createPublicKey, diffieHellman, generateKeyPairSync, verify } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  DeriveSharedSecretCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
  type KeySpec,
  type KMSClient,
  type MacAlgorithmSpec,
  type SigningAlgorithmSpec,
} from '@aws-sdk/client-kms';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { kmsOf, makeKey, refused } from './cast.ts';

let cloud: LiveCloud;
let kms: KMSClient;
const Message = Buffer.from('sign here');

before(async () => {
  cloud = await startCloud();
  kms = kmsOf(cloud);
});
after(() => cloud.close());

async function publicKeyOf(KeyId: string) {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }));
  return createPublicKey({ key: Buffer.from(PublicKey!), format: 'der', type: 'spki' });
}

const specs: readonly (readonly [KeySpec, readonly SigningAlgorithmSpec[]])[] = [
  [
    'RSA_2048',
    [
      'RSASSA_PSS_SHA_256',
      'RSASSA_PSS_SHA_384',
      'RSASSA_PSS_SHA_512',
      'RSASSA_PKCS1_V1_5_SHA_256',
      'RSASSA_PKCS1_V1_5_SHA_384',
      'RSASSA_PKCS1_V1_5_SHA_512',
    ],
  ],
  ['RSA_3072', ['RSASSA_PSS_SHA_256']],
  ['ECC_NIST_P256', ['ECDSA_SHA_256']],
  ['ECC_NIST_P384', ['ECDSA_SHA_384']],
  ['ECC_NIST_P521', ['ECDSA_SHA_512']],
  ['ECC_SECG_P256K1', ['ECDSA_SHA_256']],
];

for (const [KeySpec, algorithms] of specs)
  test(`${KeySpec} signs messages and digests alike`, async () => {
    const { KeyId } = await makeKey(kms, { KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const publicKey = await publicKeyOf(KeyId);
    for (const SigningAlgorithm of algorithms) {
      const hash = `sha${SigningAlgorithm.slice(-3)}`;
      const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
      const key = { key: publicKey, ...(SigningAlgorithm.includes('PSS') && pss) };
      const digest = createHash(hash).update(Message).digest();
      const raw = { KeyId, SigningAlgorithm, Message, MessageType: 'RAW' } as const;
      const prehashed = { KeyId, SigningAlgorithm, Message: digest, MessageType: 'DIGEST' } as const;
      for (const input of [raw, prehashed]) {
        const { Signature } = await kms.send(new SignCommand(input));
        assert.ok(verify(hash, Message, key, Signature!), `${SigningAlgorithm} ${input.MessageType}`);
        for (const asked of [raw, prehashed]) {
          assert.equal((await kms.send(new VerifyCommand({ ...asked, Signature }))).SignatureValid, true);
          const altered = Buffer.from(Signature!);
          altered[altered.length - 3]! ^= 1;
          await refused(kms.send(new VerifyCommand({ ...asked, Signature: altered })), 'KMSInvalidSignatureException');
        }
        const other = createHash(hash).update('other').digest();
        await refused(kms.send(new VerifyCommand({ ...prehashed, Message: other, Signature })), 'KMSInvalidSignatureException');
      }
      const short = kms.send(new SignCommand({ ...prehashed, Message: digest.subarray(1) }));
      await refused(short, 'ValidationException', `Digest is invalid length for algorithm ${SigningAlgorithm}.`);
    }
  });

test('Ed25519 signs messages', async () => {
  const { KeyId } = await makeKey(kms, { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' });
  const { Signature } = await kms.send(new SignCommand({ KeyId, Message, SigningAlgorithm: 'ED25519_SHA_512' }));
  assert.ok(verify(null, Message, await publicKeyOf(KeyId), Signature!));
  assert.ok((await kms.send(new VerifyCommand({ KeyId, Message, Signature, SigningAlgorithm: 'ED25519_SHA_512' }))).SignatureValid);
  const unbuilt = kms.send(new SignCommand({ KeyId, Message, SigningAlgorithm: 'ED25519_PH_SHA_512' }));
  await refused(unbuilt, 'NotImplemented');
});

test('an algorithm of another spec is refused', async () => {
  const { KeyId } = await makeKey(kms, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  const call = kms.send(new SignCommand({ KeyId, Message, SigningAlgorithm: 'ECDSA_SHA_384' }));
  await refused(call, 'InvalidKeyUsageException', 'Algorithm ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256.');
  const symmetric = await makeKey(kms);
  await refused(kms.send(new GetPublicKeyCommand({ KeyId: symmetric.KeyId })), 'InvalidKeyUsageException');
});

test('MACs are made and verified', async () => {
  for (const bits of ['224', '256', '384', '512'] as const) {
    const { KeyId } = await makeKey(kms, { KeySpec: `HMAC_${bits}`, KeyUsage: 'GENERATE_VERIFY_MAC' });
    const MacAlgorithm = `HMAC_SHA_${bits}` as MacAlgorithmSpec;
    const { Mac } = await kms.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm }));
    assert.equal(Mac!.length, Number(bits) / 8);
    assert.equal((await kms.send(new VerifyMacCommand({ KeyId, Message, Mac, MacAlgorithm }))).MacValid, true);
    const wrong = new VerifyMacCommand({ KeyId, Message: Buffer.from('other'), Mac, MacAlgorithm });
    await refused(kms.send(wrong), 'KMSInvalidMacException');
  }
});

test('two sides derive the same secret', async () => {
  const { KeyId } = await makeKey(kms, { KeySpec: 'ECC_NIST_P384', KeyUsage: 'KEY_AGREEMENT' });
  const mine = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const PublicKey = mine.publicKey.export({ format: 'der', type: 'spki' });
  const { SharedSecret } = await kms.send(new DeriveSharedSecretCommand({ KeyId, PublicKey, KeyAgreementAlgorithm: 'ECDH' }));
  const expected = diffieHellman({ privateKey: mine.privateKey, publicKey: await publicKeyOf(KeyId) });
  assert.deepEqual(Buffer.from(SharedSecret!), expected);
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' });
  const unfit = kms.send(new DeriveSharedSecretCommand({ KeyId, PublicKey: other, KeyAgreementAlgorithm: 'ECDH' }));
  await refused(unfit, 'ValidationException');
});
