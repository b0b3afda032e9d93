/** Encrypt, Decrypt, ReEncrypt, data keys: what goes in comes out, and nothing else does. */

import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, constants, publicEncrypt } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  DecryptCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
  GetKeyRotationStatusCommand,
  GetPublicKeyCommand,
  ListKeyRotationsCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { day, kmsOf, makeKey, refused } from './cast.ts';

let cloud: LiveCloud;
let kms: KMSClient;
const Plaintext = Buffer.from('the plain truth');

before(async () => {
  cloud = await startCloud();
  kms = kmsOf(cloud);
});
after(() => cloud.close());

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes!).toString();

test('a symmetric key decrypts what it encrypted, and names itself', async () => {
  const key = await makeKey(kms);
  const made = await kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext }));
  assert.equal(made.KeyId, key.Arn);
  assert.ok(!Buffer.from(made.CiphertextBlob!).includes(Plaintext));
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
  assert.deepEqual([text(opened.Plaintext), opened.KeyId, opened.EncryptionAlgorithm], ['the plain truth', key.Arn, 'SYMMETRIC_DEFAULT']);
  assert.equal(opened.KeyMaterialId, key.CurrentKeyMaterialId);
});

test('the encryption context must be the same, in any order', async () => {
  const key = await makeKey(kms);
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext, EncryptionContext: { a: '1', b: '2' } }));
  const open = (EncryptionContext?: Record<string, string>) => kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
  assert.equal(text((await open({ b: '2', a: '1' })).Plaintext), 'the plain truth');
  const wrongs: (Record<string, string> | undefined)[] = [
    undefined,
    { a: '1' },
    { a: '2', b: '1' },
    { a: '1', b: '2', c: '' },
    { a: '1', B: '2' },
  ];
  for (const wrong of wrongs) await refused(open(wrong), 'InvalidCiphertextException');
});

test('an altered ciphertext does not open, and another key is not the key', async () => {
  const key = await makeKey(kms);
  const other = await makeKey(kms);
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext }));
  for (const at of [0, 19, 22, CiphertextBlob!.length - 20, CiphertextBlob!.length - 1]) {
    const altered = Buffer.from(CiphertextBlob!);
    altered[at]! ^= 1;
    await refused(kms.send(new DecryptCommand({ CiphertextBlob: altered })), 'InvalidCiphertextException');
  }
  await refused(
    kms.send(new DecryptCommand({ CiphertextBlob, KeyId: other.KeyId })),
    'IncorrectKeyException',
    /^The key ID in the request/,
  );
  await refused(kms.send(new DecryptCommand({ CiphertextBlob: Buffer.from('x') })), 'InvalidCiphertextException');
  await refused(
    kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext: Buffer.alloc(4097) })),
    'ValidationException',
    /less than or equal to 4096$/,
  );
  await kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext: Buffer.alloc(4096) }));
});

test('re-encryption moves a ciphertext to another key', async () => {
  const [from, to] = [await makeKey(kms), await makeKey(kms)];
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: from.KeyId, Plaintext, EncryptionContext: { a: '1' } }));
  const moved = await kms.send(
    new ReEncryptCommand({
      CiphertextBlob,
      SourceEncryptionContext: { a: '1' },
      DestinationKeyId: to.KeyId,
      DestinationEncryptionContext: { b: '2' },
    }),
  );
  assert.deepEqual([moved.SourceKeyId, moved.KeyId], [from.Arn, to.Arn]);
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { b: '2' } }));
  assert.deepEqual([text(opened.Plaintext), opened.KeyId], ['the plain truth', to.Arn]);
});

test('data keys come in plaintext and encrypted', async () => {
  const key = await makeKey(kms);
  for (const [input, length] of [
    [{ KeySpec: 'AES_256' }, 32],
    [{ KeySpec: 'AES_128' }, 16],
    [{ NumberOfBytes: 100 }, 100],
  ] as const) {
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId: key.KeyId, ...input }));
    assert.equal(made.Plaintext!.length, length);
    assert.deepEqual((await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }))).Plaintext, made.Plaintext);
  }
  const silent = await kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key.KeyId, KeySpec: 'AES_256' }));
  assert.ok(!('Plaintext' in silent));
  assert.equal((await kms.send(new DecryptCommand({ CiphertextBlob: silent.CiphertextBlob }))).Plaintext!.length, 32);
  const both = kms.send(new GenerateDataKeyCommand({ KeyId: key.KeyId, KeySpec: 'AES_256', NumberOfBytes: 32 }));
  await refused(both, 'ValidationException', 'Please specify either number of bytes or key spec.');
});

test('data key pairs are pairs', async () => {
  const key = await makeKey(kms);
  for (const KeyPairSpec of ['RSA_2048', 'ECC_NIST_P256', 'ECC_SECG_P256K1', 'ECC_NIST_EDWARDS25519'] as const) {
    const made = await kms.send(new GenerateDataKeyPairCommand({ KeyId: key.KeyId, KeyPairSpec }));
    const secret = createPrivateKey({ key: Buffer.from(made.PrivateKeyPlaintext!), format: 'der', type: 'pkcs8' });
    assert.deepEqual(createPublicKey(secret).export({ format: 'der', type: 'spki' }), Buffer.from(made.PublicKey!));
    assert.deepEqual(
      (await kms.send(new DecryptCommand({ CiphertextBlob: made.PrivateKeyCiphertextBlob }))).Plaintext,
      made.PrivateKeyPlaintext,
    );
  }
  const silent = await kms.send(new GenerateDataKeyPairWithoutPlaintextCommand({ KeyId: key.KeyId, KeyPairSpec: 'ECC_NIST_P384' }));
  assert.ok(silent.PrivateKeyCiphertextBlob && !('PrivateKeyPlaintext' in silent));
});

test('an RSA key decrypts what anyone encrypts with its public half', async () => {
  const key = await makeKey(kms, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: key.KeyId }));
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey!), format: 'der', type: 'spki' });
  for (const [EncryptionAlgorithm, oaepHash, max] of [
    ['RSAES_OAEP_SHA_1', 'sha1', 214],
    ['RSAES_OAEP_SHA_256', 'sha256', 190],
  ] as const) {
    const CiphertextBlob = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, Plaintext);
    const open = (blob: Uint8Array) => kms.send(new DecryptCommand({ CiphertextBlob: blob, KeyId: key.KeyId, EncryptionAlgorithm }));
    assert.equal(text((await open(CiphertextBlob)).Plaintext), 'the plain truth');
    const encrypt = (bytes: Buffer) => kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext: bytes, EncryptionAlgorithm }));
    assert.equal((await open((await encrypt(Buffer.alloc(max, 7))).CiphertextBlob!)).Plaintext!.length, max);
    await refused(encrypt(Buffer.alloc(max + 1)), 'ValidationException', /cannot encrypt data larger than/);
    CiphertextBlob[5]! ^= 1;
    await refused(open(CiphertextBlob), 'InvalidCiphertextException');
  }
  await refused(kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext })), 'InvalidKeyUsageException');
});

test('a key for one use refuses another', async () => {
  const key = await makeKey(kms, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
  const call = kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }));
  await refused(call, 'InvalidKeyUsageException', `${key.Arn} key usage is SIGN_VERIFY which is not valid for Encrypt.`);
});

test('rotation, on demand and by the clock, leaves old ciphertexts readable', async () => {
  const key = await makeKey(kms);
  const blobs: Uint8Array[] = [];
  const encrypt = async () => blobs.push((await kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext }))).CiphertextBlob!);
  const status = () => kms.send(new GetKeyRotationStatusCommand({ KeyId: key.KeyId }));
  await encrypt();
  await kms.send(new RotateKeyOnDemandCommand({ KeyId: key.KeyId }));
  await encrypt();
  assert.equal((await status()).KeyRotationEnabled, false);
  await refused(kms.send(new EnableKeyRotationCommand({ KeyId: key.KeyId, RotationPeriodInDays: 89 })), 'ValidationException');
  await kms.send(new EnableKeyRotationCommand({ KeyId: key.KeyId, RotationPeriodInDays: 90 }));
  assert.deepEqual([(await status()).KeyRotationEnabled, (await status()).RotationPeriodInDays], [true, 90]);
  await cloud.advance(200 * day);
  await encrypt();
  await kms.send(new DisableKeyRotationCommand({ KeyId: key.KeyId }));
  await cloud.advance(200 * day);
  const { Rotations } = await kms.send(new ListKeyRotationsCommand({ KeyId: key.KeyId }));
  assert.deepEqual(
    Rotations!.map((rotation) => rotation.RotationType),
    ['ON_DEMAND', 'AUTOMATIC', 'AUTOMATIC'],
  );
  const materials = await Promise.all(
    blobs.map(async (CiphertextBlob) => {
      const opened = await kms.send(new DecryptCommand({ CiphertextBlob }));
      assert.equal(text(opened.Plaintext), 'the plain truth');
      return opened.KeyMaterialId;
    }),
  );
  assert.deepEqual(materials, [key.CurrentKeyMaterialId, Rotations![0]!.KeyMaterialId, Rotations![2]!.KeyMaterialId]);
  const asymmetric = await makeKey(kms, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
  await refused(kms.send(new RotateKeyOnDemandCommand({ KeyId: asymmetric.KeyId })), 'UnsupportedOperationException');
});

test('a dry run does nothing but say that it would', async () => {
  const key = await makeKey(kms);
  const call = kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext, DryRun: true }));
  await refused(call, 'DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
});

test('random bytes are as many as asked for', async () => {
  assert.equal((await kms.send(new GenerateRandomCommand({ NumberOfBytes: 1024 }))).Plaintext!.length, 1024);
  await refused(kms.send(new GenerateRandomCommand({ NumberOfBytes: 1025 })), 'ValidationException');
});
