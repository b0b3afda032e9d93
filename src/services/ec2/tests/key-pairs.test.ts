/** Key pairs through the SDK: what is made opens with OpenSSH, fingerprints are those that AWS computes. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import type { LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { ec2Of, startSimulated, userWith } from './cast.ts';

let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
const directory = mkdtempSync(join(tmpdir(), 'haneul-keys-'));

before(async () => {
  cloud = await startSimulated();
  ec2 = ec2Of(cloud);
});
after(async () => {
  rmSync(directory, { recursive: true });
  await cloud.close();
});

/** The public half of a private key in a file, as ssh-keygen reads it. */
function publicHalf(material: string): string {
  const path = join(directory, 'key');
  writeFileSync(path, `${material.trimEnd()}\n`, { mode: 0o600 });
  return execFileSync('ssh-keygen', ['-y', '-f', path]).toString().trim();
}

async function publicKeyOf(name: string): Promise<string> {
  const { KeyPairs } = await ec2.send(new Ec2.DescribeKeyPairsCommand({ KeyNames: [name], IncludePublicKey: true }));
  return KeyPairs![0]!.PublicKey!;
}

test('an Ed25519 pair is in OpenSSH’s own format', async () => {
  const made = await ec2.send(new Ec2.CreateKeyPairCommand({ KeyName: 'ed', KeyType: 'ed25519' }));
  const half = publicHalf(made.KeyMaterial!);
  assert.equal(half, await publicKeyOf('ed'));
  const blob = Buffer.from(half.split(' ')[1]!, 'base64');
  assert.equal(made.KeyFingerprint, createHash('sha256').update(blob).digest('base64'));
  assert.match(made.KeyPairId!, /^key-0[0-9a-f]{16}$/);
});

test('an RSA pair is PEM, fingerprinted by SHA-1 of its private half; an imported one by MD5 of its public half', async () => {
  const made = await ec2.send(new Ec2.CreateKeyPairCommand({ KeyName: 'rsa' }));
  assert.match(made.KeyMaterial!, /^-----BEGIN RSA PRIVATE KEY-----/);
  const half = publicHalf(made.KeyMaterial!);
  assert.equal(half, await publicKeyOf('rsa'));
  const colons = (digest: string): string => digest.match(/../g)!.join(':');
  const key = createPrivateKey(made.KeyMaterial!);
  assert.equal(
    made.KeyFingerprint,
    colons(
      createHash('sha1')
        .update(key.export({ format: 'der', type: 'pkcs8' }))
        .digest('hex'),
    ),
  );
  const PublicKeyMaterial = Buffer.from(`${half} somebody@somewhere`);
  const imported = await ec2.send(new Ec2.ImportKeyPairCommand({ KeyName: 'mine', PublicKeyMaterial }));
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  assert.equal(imported.KeyFingerprint, colons(createHash('md5').update(spki).digest('hex')));
  assert.equal(await publicKeyOf('mine'), half);
  const encoded = Buffer.from(spki.toString('base64'));
  await ec2.send(new Ec2.ImportKeyPairCommand({ KeyName: 'der', PublicKeyMaterial: encoded }));
  assert.equal(await publicKeyOf('der'), half);
});

test('names are taken once, found by filter, and deleted without complaint', async () => {
  await refused(ec2.send(new Ec2.CreateKeyPairCommand({ KeyName: 'ed' })), {
    code: 'InvalidKeyPair.Duplicate',
    message: 'The keypair already exists',
  });
  const { KeyPairs } = await ec2.send(new Ec2.DescribeKeyPairsCommand({ Filters: [{ Name: 'key-name', Values: ['e*'] }] }));
  assert.deepEqual(
    KeyPairs!.map((one) => [one.KeyName, one.KeyType, one.PublicKey]),
    [['ed', 'ed25519', undefined]],
  );
  const gone = await ec2.send(new Ec2.DeleteKeyPairCommand({ KeyName: 'ed' }));
  assert.equal(gone.KeyPairId, KeyPairs![0]!.KeyPairId);
  await ec2.send(new Ec2.DeleteKeyPairCommand({ KeyName: 'ed' }));
  await refused(ec2.send(new Ec2.DescribeKeyPairsCommand({ KeyNames: ['ed'] })), 'InvalidKeyPair.NotFound');
});

test('what is no key is refused', async () => {
  for (const text of ['', 'nonsense', 'ssh-rsa AAAA', 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY='])
    await refused(ec2.send(new Ec2.ImportKeyPairCommand({ KeyName: 'x', PublicKeyMaterial: Buffer.from(text) })), 'InvalidKey.Format');
  await refused(ec2.send(new Ec2.CreateKeyPairCommand({ KeyName: 'x', KeyFormat: 'ppk' })), 'NotImplemented');
});

test('a key pair is a resource of policies by its name', async () => {
  const user = await userWith(cloud, 'keys', { Action: 'ec2:DeleteKeyPair', Resource: 'arn:aws:ec2:*:*:key-pair/mine' });
  await refused(user.send(new Ec2.DeleteKeyPairCommand({ KeyName: 'rsa' })), 'UnauthorizedOperation');
  await user.send(new Ec2.DeleteKeyPairCommand({ KeyName: 'mine' }));
});
