/** Delivery streams: create, describe, list, update, tags, encryption, delete, and who may. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateDeliveryStreamCommand,
  DeleteDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  ListDeliveryStreamsCommand,
  ListTagsForDeliveryStreamCommand,
  PutRecordCommand,
  StartDeliveryStreamEncryptionCommand,
  StopDeliveryStreamEncryptionCommand,
  TagDeliveryStreamCommand,
  UntagDeliveryStreamCommand,
  UpdateDestinationCommand,
  type ExtendedS3DestinationConfiguration,
} from '@aws-sdk/client-firehose';
import { refused } from '../../../../tests/refused.ts';
import { allow, startCast, trust, type Cast } from './cast.ts';

let cast: Cast;

before(async () => {
  cast = await startCast();
});
after(() => cast.cloud.close());

const described = async (DeliveryStreamName: string) =>
  (await cast.firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }))).DeliveryStreamDescription!;

test('a stream is created, described and listed', async () => {
  const create = new CreateDeliveryStreamCommand({
    DeliveryStreamName: 'first',
    S3DestinationConfiguration: { RoleARN: cast.roleArn, BucketARN: cast.bucketArn },
  });
  const { DeliveryStreamARN } = await cast.firehose.send(create);
  assert.equal(DeliveryStreamARN, 'arn:aws:firehose:us-east-1:000000000000:deliverystream/first');
  await cast.cloud.cloud.settled();
  const { CreateTimestamp, ...shown } = await described('first');
  assert.equal(CreateTimestamp!.getTime(), cast.cloud.cloud.clock.now());
  assert.deepEqual(shown, {
    ...{ DeliveryStreamName: 'first', DeliveryStreamARN, DeliveryStreamStatus: 'ACTIVE', DeliveryStreamType: 'DirectPut' },
    ...{ VersionId: '1', HasMoreDestinations: false, DeliveryStreamEncryptionConfiguration: { Status: 'DISABLED' } },
    Destinations: [
      {
        DestinationId: 'destinationId-000000000001',
        S3DestinationDescription: {
          ...{ RoleARN: cast.roleArn, BucketARN: cast.bucketArn, Prefix: '', CompressionFormat: 'UNCOMPRESSED' },
          BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 300 },
          EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' },
          CloudWatchLoggingOptions: { Enabled: false },
        },
      },
    ],
  });
  await refused(cast.firehose.send(create), 'ResourceInUseException');
  await cast.stream('second');
  await cast.stream('third');
  const page = await cast.firehose.send(new ListDeliveryStreamsCommand({ Limit: 2 }));
  assert.deepEqual([page.DeliveryStreamNames, page.HasMoreDeliveryStreams], [['first', 'second'], true]);
  const rest = await cast.firehose.send(new ListDeliveryStreamsCommand({ ExclusiveStartDeliveryStreamName: 'second' }));
  assert.deepEqual([rest.DeliveryStreamNames, rest.HasMoreDeliveryStreams], [['third'], false]);
});

test('what AWS refuses, and what is not built', async () => {
  const create = (destination: Partial<ExtendedS3DestinationConfiguration>, more = {}) => {
    const ExtendedS3DestinationConfiguration = { RoleARN: cast.roleArn, BucketARN: cast.bucketArn, ...destination };
    return cast.firehose.send(new CreateDeliveryStreamCommand({ DeliveryStreamName: 'x', ExtendedS3DestinationConfiguration, ...more }));
  };
  await refused(create({}, { DeliveryStreamName: 'no spaces' }), 'ValidationException');
  await refused(create({ BucketARN: 'bucket' }), 'ValidationException');
  await refused(create({ BufferingHints: { SizeInMBs: 129 } }), 'ValidationException');
  await refused(create({ Prefix: 'a/!{timestamp:yyyy}/' }), {
    code: 'InvalidArgumentException',
    message: 'ErrorOutputPrefix cannot be null when Prefix contains expressions.',
  });
  await refused(create({ Prefix: '!{firehose:error-output-type}', ErrorOutputPrefix: 'e' }), 'InvalidArgumentException');
  await refused(create({ Prefix: '!{timestamp:QQ}', ErrorOutputPrefix: 'e' }), 'InvalidArgumentException');
  await refused(create({ Prefix: '!{timestamp:yyyy', ErrorOutputPrefix: 'e' }), 'InvalidArgumentException');
  await refused(create({ Prefix: 'p', ErrorOutputPrefix: '!{timestamp:yyyy}' }), 'InvalidArgumentException');
  await refused(create({ CustomTimeZone: 'Nowhere' }), 'InvalidArgumentException');
  await refused(create({}, { ExtendedS3DestinationConfiguration: undefined }), 'InvalidArgumentException');
  for (const unbuilt of [
    { CompressionFormat: 'ZIP' as const },
    { CloudWatchLoggingOptions: { Enabled: true } },
    { S3BackupMode: 'Enabled' as const },
    { ProcessingConfiguration: { Enabled: true, Processors: [{ Type: 'Lambda' as const }] } },
  ])
    await refused(create(unbuilt), 'NotImplemented');
});

test('the role must trust Firehose', async () => {
  const { iam } = cast;
  const role = await iam.send(new CreateRoleCommand({ RoleName: 'other', AssumeRolePolicyDocument: trust('lambda.amazonaws.com') }));
  await refused(cast.stream('distrusted', { RoleARN: role.Role!.Arn! }), {
    code: 'InvalidArgumentException',
    message: `Firehose is unable to assume role ${role.Role!.Arn}. Please check the role provided.`,
  });
});

test('who may create a stream must be allowed to pass its role', async () => {
  await cast.iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const { AccessKey } = await cast.iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const ann = cast.cloud.client(FirehoseClient, { credentials });
  const create = () =>
    ann.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName: 'hers',
        ExtendedS3DestinationConfiguration: { RoleARN: cast.roleArn, BucketARN: cast.bucketArn },
      }),
    );
  const grant = (PolicyDocument: string) =>
    cast.iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'firehose', PolicyDocument }));
  await refused(create(), 'AccessDeniedException');
  await grant(allow('firehose:*'));
  await assert.rejects(create(), /iam:PassRole/);
  await grant(allow('firehose:*', 'iam:PassRole'));
  await create();
});

test('a destination is updated where the version is the present one', async () => {
  await cast.stream('changing', { Prefix: 'before/', BufferingHints: { IntervalInSeconds: 0, SizeInMBs: 1 } });
  const update = (CurrentDeliveryStreamVersionId: string, Prefix: string) =>
    cast.firehose.send(
      new UpdateDestinationCommand({
        ...{ DeliveryStreamName: 'changing', CurrentDeliveryStreamVersionId, DestinationId: 'destinationId-000000000001' },
        ExtendedS3DestinationUpdate: { Prefix },
      }),
    );
  await refused(update('7', 'after/'), 'ConcurrentModificationException');
  await update('1', 'after/');
  const { VersionId, LastUpdateTimestamp, Destinations } = await described('changing');
  assert.equal(VersionId, '2');
  assert.ok(LastUpdateTimestamp);
  const { Prefix, BufferingHints } = Destinations![0]!.ExtendedS3DestinationDescription!;
  assert.deepEqual([Prefix, BufferingHints], ['after/', { IntervalInSeconds: 0, SizeInMBs: 1 }]);
  await cast.put('changing', 'x');
  assert.match((await cast.objects('after/'))[0]![0], /changing-2-/);
});

test('tags are set, listed in pages, and taken away', async () => {
  const DeliveryStreamName = 'labelled';
  await cast.stream(DeliveryStreamName, {}, { Tags: [{ Key: 'a', Value: '1' }] });
  await cast.firehose.send(new TagDeliveryStreamCommand({ DeliveryStreamName, Tags: [{ Key: 'c', Value: '3' }, { Key: 'b' }] }));
  const page = await cast.firehose.send(new ListTagsForDeliveryStreamCommand({ DeliveryStreamName, Limit: 2 }));
  assert.deepEqual(page.Tags, [
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '' },
  ]);
  assert.equal(page.HasMoreTags, true);
  await cast.firehose.send(new UntagDeliveryStreamCommand({ DeliveryStreamName, TagKeys: ['a', 'b'] }));
  const rest = await cast.firehose.send(new ListTagsForDeliveryStreamCommand({ DeliveryStreamName }));
  assert.deepEqual([rest.Tags, rest.HasMoreTags], [[{ Key: 'c', Value: '3' }], false]);
});

test('encryption is switched on and off', async () => {
  const DeliveryStreamName = 'sealed';
  await cast.stream(DeliveryStreamName);
  await cast.firehose.send(new StartDeliveryStreamEncryptionCommand({ DeliveryStreamName }));
  await cast.cloud.cloud.settled();
  assert.deepEqual((await described(DeliveryStreamName)).DeliveryStreamEncryptionConfiguration, {
    Status: 'ENABLED',
    KeyType: 'AWS_OWNED_CMK',
  });
  const put = new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from('x') } });
  assert.equal((await cast.firehose.send(put)).Encrypted, true);
  await cast.firehose.send(new StopDeliveryStreamEncryptionCommand({ DeliveryStreamName }));
  await cast.cloud.cloud.settled();
  assert.deepEqual((await described(DeliveryStreamName)).DeliveryStreamEncryptionConfiguration, { Status: 'DISABLED' });
  const KeyARN = 'arn:aws:kms:us-east-1:000000000000:key/none';
  const start = new StartDeliveryStreamEncryptionCommand({
    DeliveryStreamName,
    DeliveryStreamEncryptionConfigurationInput: { KeyType: 'CUSTOMER_MANAGED_CMK', KeyARN },
  });
  await refused(cast.firehose.send(start), 'InvalidKMSResourceException');
});

test('a deleted stream is gone with what waited in it', async () => {
  const DeliveryStreamName = 'gone';
  await cast.stream(DeliveryStreamName, { Prefix: 'gone/' });
  await cast.put(DeliveryStreamName, 'never');
  await cast.firehose.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName }));
  await cast.cloud.advance(300_000);
  await refused(described(DeliveryStreamName), 'ResourceNotFoundException');
  await refused(cast.put(DeliveryStreamName, 'x'), 'ResourceNotFoundException');
  assert.deepEqual(await cast.objects('gone/'), []);
  await cast.stream(DeliveryStreamName, { Prefix: 'gone/', BufferingHints: { IntervalInSeconds: 0, SizeInMBs: 1 } });
  await cast.put(DeliveryStreamName, 'again');
  assert.equal((await cast.objects('gone/')).length, 1);
});
