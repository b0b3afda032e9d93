/** Keys: their life from creation to the end of their material. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateCustomKeyStoreCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateKeyDescriptionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { abroad, day, home, kmsOf, makeKey, makeUser, refused } from './cast.ts';

let cloud: LiveCloud;
let kms: KMSClient;

before(async () => {
  cloud = await startCloud();
  kms = kmsOf(cloud);
});
after(() => cloud.close());

test('a new key is symmetric, enabled, and described as AWS does', async () => {
  const key = await makeKey(kms, { Description: 'mine', Tags: [{ TagKey: 'team', TagValue: 'x' }] });
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: key.Arn }));
  assert.deepEqual(KeyMetadata, key);
  const { CreationDate, CurrentKeyMaterialId, ...rest } = key;
  assert.ok(CreationDate instanceof Date);
  assert.match(CurrentKeyMaterialId!, /^[0-9a-f]{64}$/);
  assert.deepEqual(rest, {
    AWSAccountId: home,
    KeyId: key.KeyId,
    Arn: `arn:aws:kms:us-east-1:${home}:key/${key.KeyId}`,
    Enabled: true,
    Description: 'mine',
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: 'Enabled',
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  });
  await kms.send(new UpdateKeyDescriptionCommand({ KeyId: key.KeyId, Description: 'yours' }));
  assert.equal((await kms.send(new DescribeKeyCommand({ KeyId: key.KeyId }))).KeyMetadata!.Description, 'yours');
});

test('specs and usages must fit', async () => {
  const words = 'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.';
  await refused(makeKey(kms, { KeySpec: 'HMAC_256' }), 'ValidationException', words);
  const unfit = makeKey(kms, { KeySpec: 'ECC_NIST_P256', KeyUsage: 'ENCRYPT_DECRYPT' });
  await refused(unfit, 'ValidationException', 'KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec ECC_NIST_P256');
  await refused(makeKey(kms, { KeySpec: 'DES' as 'SM2' }), 'ValidationException', /^1 validation error detected: Value 'DES' at 'keySpec'/);
});

test('what is not built says so', async () => {
  await refused(makeKey(kms, { MultiRegion: true }), 'NotImplemented', /kms:CreateKey with MultiRegion/);
  await refused(makeKey(kms, { Origin: 'EXTERNAL' }), 'NotImplemented', /kms:CreateKey with Origin EXTERNAL/);
  await refused(kms.send(new CreateCustomKeyStoreCommand({ CustomKeyStoreName: 'x' })), 'NotImplemented');
});

test('a key that is not there is not found, under any name', async () => {
  const id = '12345678-1234-1234-1234-123456789012';
  const describe = (KeyId: string) => kms.send(new DescribeKeyCommand({ KeyId }));
  const arn = `arn:aws:kms:us-east-1:${home}:key/${id}`;
  await refused(describe(id), 'NotFoundException', `Key '${arn}' does not exist`);
  await refused(describe('nonsense'), 'NotFoundException', "Invalid keyId 'nonsense'");
  await refused(describe('alias/none'), 'NotFoundException', `Alias arn:aws:kms:us-east-1:${home}:alias/none is not found.`);
  await refused(describe(arn.replace('us-east-1', 'eu-west-1')), 'NotFoundException');
  await refused(describe('mrk-0123456789abcdef0123456789abcdef'), 'NotFoundException');
  const key = await makeKey(kms);
  await refused(kmsOf(cloud, abroad).send(new DescribeKeyCommand({ KeyId: key.KeyId })), 'NotFoundException');
  await refused(kmsOf(cloud, home, 'eu-west-1').send(new DescribeKeyCommand({ KeyId: key.KeyId })), 'NotFoundException');
});

test('a disabled key does nothing until it is enabled', async () => {
  const key = await makeKey(kms);
  const encrypt = () => kms.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext: Buffer.from('x') }));
  await kms.send(new DisableKeyCommand({ KeyId: key.KeyId }));
  await refused(encrypt(), 'DisabledException', `${key.Arn} is disabled.`);
  await kms.send(new EnableKeyCommand({ KeyId: key.KeyId }));
  await encrypt();
});

test('a key is deleted when its wait is over, and not before', async () => {
  const own = kmsOf(cloud, '777777777777');
  const key = await makeKey(own);
  await own.send(new CreateAliasCommand({ AliasName: 'alias/doomed', TargetKeyId: key.KeyId }));
  const { CiphertextBlob } = await own.send(new EncryptCommand({ KeyId: key.KeyId, Plaintext: Buffer.from('x') }));
  const schedule = (PendingWindowInDays?: number) => own.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId, PendingWindowInDays }));
  await refused(
    schedule(6),
    'ValidationException',
    /at 'pendingWindowInDays' failed to satisfy constraint: Member must have value greater/,
  );
  await refused(schedule(31), 'ValidationException');
  assert.equal((await schedule(7)).PendingWindowInDays, 7);
  await refused(schedule(7), 'KMSInvalidStateException', `${key.Arn} is pending deletion.`);
  await refused(own.send(new DecryptCommand({ CiphertextBlob })), 'KMSInvalidStateException', `${key.Arn} is pending deletion.`);
  await own.send(new CancelKeyDeletionCommand({ KeyId: key.KeyId }));
  assert.equal((await own.send(new DescribeKeyCommand({ KeyId: key.KeyId }))).KeyMetadata!.KeyState, 'Disabled');
  await refused(
    own.send(new CancelKeyDeletionCommand({ KeyId: key.KeyId })),
    'KMSInvalidStateException',
    `${key.Arn} is not pending deletion.`,
  );
  const { DeletionDate } = await schedule();
  await cloud.advance(29 * day);
  const { KeyMetadata } = await own.send(new DescribeKeyCommand({ KeyId: key.KeyId }));
  assert.deepEqual([KeyMetadata!.KeyState, KeyMetadata!.DeletionDate], ['PendingDeletion', DeletionDate]);
  await cloud.advance(day);
  await refused(own.send(new DescribeKeyCommand({ KeyId: key.KeyId })), 'NotFoundException');
  await refused(own.send(new DecryptCommand({ CiphertextBlob })), 'AccessDeniedException', /^The ciphertext refers to/);
  assert.deepEqual((await own.send(new ListAliasesCommand({}))).Aliases, []);
});

test('keys are listed by pages', async () => {
  const own = kmsOf(cloud, '888888888888');
  const made = new Set((await Promise.all(Array.from({ length: 5 }, () => makeKey(own)))).map((key) => key.KeyId));
  const listed: string[] = [];
  let Marker: string | undefined;
  do {
    const page = await own.send(new ListKeysCommand({ Limit: 2, Marker }));
    listed.push(...page.Keys!.map((key) => key.KeyId!));
    Marker = page.NextMarker;
    assert.equal(page.Truncated, Marker !== undefined);
  } while (Marker);
  assert.deepEqual(new Set(listed), made);
  await refused(own.send(new ListKeysCommand({ Marker: '!' })), 'InvalidMarkerException');
});

test('tags are put, listed and taken away', async () => {
  const key = await makeKey(kms);
  const tags = async () => (await kms.send(new ListResourceTagsCommand({ KeyId: key.KeyId }))).Tags;
  await kms.send(
    new TagResourceCommand({
      KeyId: key.KeyId,
      Tags: [
        { TagKey: 'a', TagValue: '1' },
        { TagKey: 'b', TagValue: '2' },
      ],
    }),
  );
  await kms.send(new TagResourceCommand({ KeyId: key.KeyId, Tags: [{ TagKey: 'a', TagValue: '3' }] }));
  assert.deepEqual(await tags(), [
    { TagKey: 'a', TagValue: '3' },
    { TagKey: 'b', TagValue: '2' },
  ]);
  await kms.send(new UntagResourceCommand({ KeyId: key.KeyId, TagKeys: ['a'] }));
  assert.deepEqual(await tags(), [{ TagKey: 'b', TagValue: '2' }]);
  await refused(kms.send(new TagResourceCommand({ KeyId: key.KeyId, Tags: [{ TagKey: 'aws:x', TagValue: '' }] })), 'TagException');
});

test('a user without permission is denied', async () => {
  const key = await makeKey(kms);
  const nobody = await makeUser(cloud, 'nobody');
  for (const call of [
    nobody.kms.send(new CreateKeyCommand({})),
    nobody.kms.send(new DescribeKeyCommand({ KeyId: key.KeyId })),
    nobody.kms.send(new ListKeysCommand({})),
    nobody.kms.send(new ScheduleKeyDeletionCommand({ KeyId: key.KeyId })),
  ])
    await refused(call, 'AccessDeniedException', /^User: arn:aws:iam::111122223333:user\/nobody is not authorized to perform: kms:/);
});
