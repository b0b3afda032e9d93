/** The direct API of EBS through the SDK: snapshots written and read a block at a time, and what changed between two of them. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import * as Ebs from '@aws-sdk/client-ebs';
import * as Ec2 from '@aws-sdk/client-ec2';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { blockContents } from '../../../framework/ebs-snapshots/snapshot.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { rootOf, startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const home = '111122223333';
const abroad = '444455556666';
const blockBytes = 524_288;
const host = simulatedHost();
let cloud: LiveCloud;
let ebs: Ebs.EBSClient;
let ec2: Ec2.EC2Client;

before(async () => {
  cloud = await startCloud({ host });
  ebs = cloud.client(Ebs.EBSClient, { credentials: rootOf(home) });
  ec2 = cloud.client(Ec2.EC2Client, { credentials: rootOf(home) });
});
after(() => cloud.close());

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const block = (fill: number): Buffer => Buffer.alloc(blockBytes, fill);

function put(SnapshotId: string, BlockIndex: number, BlockData: Buffer, more: Partial<Ebs.PutSnapshotBlockCommandInput> = {}) {
  const checked = { DataLength: BlockData.length, Checksum: sha256(BlockData).toString('base64'), ChecksumAlgorithm: 'SHA256' as const };
  return ebs.send(new Ebs.PutSnapshotBlockCommand({ SnapshotId, BlockIndex, BlockData, ...checked, ...more }));
}

async function begin(more: Partial<Ebs.StartSnapshotCommandInput> = {}): Promise<string> {
  return (await ebs.send(new Ebs.StartSnapshotCommand({ VolumeSize: 1, ...more }))).SnapshotId!;
}

const complete = (SnapshotId: string, ChangedBlocksCount: number, more: Partial<Ebs.CompleteSnapshotCommandInput> = {}) =>
  ebs.send(new Ebs.CompleteSnapshotCommand({ SnapshotId, ChangedBlocksCount, ...more }));

/** A finished snapshot of some blocks, by index and what fills them. */
async function written(blocks: Readonly<Record<number, number>>, more: Partial<Ebs.StartSnapshotCommandInput> = {}): Promise<string> {
  const id = await begin(more);
  await Promise.all(Object.entries(blocks).map(([index, fill]) => put(id, Number(index), block(fill))));
  await complete(id, Object.keys(blocks).length);
  await cloud.cloud.settled();
  return id;
}

async function read(SnapshotId: string): Promise<Map<number, number>> {
  const { Blocks } = await ebs.send(new Ebs.ListSnapshotBlocksCommand({ SnapshotId }));
  const found = new Map<number, number>();
  for (const { BlockIndex, BlockToken } of Blocks!) {
    const got = await ebs.send(new Ebs.GetSnapshotBlockCommand({ SnapshotId, BlockIndex: BlockIndex!, BlockToken: BlockToken! }));
    const bytes = await got.BlockData!.transformToByteArray();
    assert.deepEqual([got.DataLength, got.ChecksumAlgorithm, got.Checksum], [blockBytes, 'SHA256', sha256(bytes).toString('base64')]);
    found.set(BlockIndex!, bytes[0]!);
  }
  return found;
}

const look = async (id: string): Promise<Ec2.Snapshot> =>
  (await ec2.send(new Ec2.DescribeSnapshotsCommand({ SnapshotIds: [id] }))).Snapshots![0]!;

test('a snapshot is written block by block, completed, read again, and becomes a volume', async () => {
  const started = await ebs.send(
    new Ebs.StartSnapshotCommand({ VolumeSize: 2, Description: 'from elsewhere', Tags: [{ Key: 'a', Value: 'b' }] }),
  );
  assert.deepEqual(
    [started.Status, started.OwnerId, started.VolumeSize, started.BlockSize, started.SseType, started.Tags],
    ['pending', home, 2, blockBytes, 'none', [{ Key: 'a', Value: 'b' }]],
  );
  const id = started.SnapshotId!;
  await put(id, 0, block(1), { Progress: 40 });
  assert.equal((await look(id)).Progress, '40%');
  await put(id, 4095, block(2));
  await put(id, 0, block(3));
  await refused(ebs.send(new Ebs.ListSnapshotBlocksCommand({ SnapshotId: id })), 'ValidationException');
  await refused(complete(id, 3), 'ValidationException');
  const Checksum = createHash('sha256')
    .update(Buffer.concat([sha256(block(3)), sha256(block(2))]))
    .digest('base64');
  const linear = { ChecksumAlgorithm: 'SHA256', ChecksumAggregationMethod: 'LINEAR' } as const;
  await refused(complete(id, 2, { ...linear, Checksum: sha256(block(9)).toString('base64') }), 'ValidationException');
  assert.equal((await complete(id, 2, { ...linear, Checksum })).Status, 'pending');
  await cloud.cloud.settled();
  const shown = await look(id);
  assert.deepEqual([shown.State, shown.Description, shown.VolumeId], ['completed', 'from elsewhere', 'vol-ffffffff']);
  assert.deepEqual(
    [...(await read(id))],
    [
      [0, 3],
      [4095, 2],
    ],
  );
  await refused(put(id, 1, block(1)), 'ValidationException');
  const { VolumeId } = await ec2.send(new Ec2.CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', SnapshotId: id }));
  await cloud.cloud.settled();
  assert.deepEqual(await host.disks.read(VolumeId!, 4095 * blockBytes, 2), Buffer.alloc(2, 2));
});

test('a child holds what its parent held where it says nothing, even when the parent is deleted meanwhile', async () => {
  const parent = await written({ 1: 11, 2: 12, 3: 13 });
  const child = await begin({ ParentSnapshotId: parent });
  await put(child, 2, block(22));
  await put(child, 5, block(25));
  await ec2.send(new Ec2.DeleteSnapshotCommand({ SnapshotId: parent }));
  await cloud.cloud.settled();
  await complete(child, 2);
  await cloud.cloud.settled();
  assert.deepEqual(
    [...(await read(child))],
    [
      [1, 11],
      [2, 22],
      [3, 13],
      [5, 25],
    ],
  );
  await ec2.send(new Ec2.DeleteSnapshotCommand({ SnapshotId: child }));
  await cloud.cloud.settled();
  const left = await cloud.cloud.store.read((tx) => blockContents.scan(tx));
  assert.equal(left.length, 2, 'the blocks of the first test alone');
});

test('what changed between two snapshots of one lineage is listed with tokens for both sides', async () => {
  const first = await written({ 1: 1, 2: 2, 3: 3 });
  const second = await written({ 2: 20, 7: 7 }, { ParentSnapshotId: first });
  const { ChangedBlocks, VolumeSize } = await ebs.send(
    new Ebs.ListChangedBlocksCommand({ FirstSnapshotId: first, SecondSnapshotId: second }),
  );
  assert.equal(VolumeSize, 1);
  assert.deepEqual(
    ChangedBlocks!.map((one) => [one.BlockIndex, one.FirstBlockToken !== undefined, one.SecondBlockToken !== undefined]),
    [
      [2, true, true],
      [7, false, true],
    ],
  );
  const [change] = ChangedBlocks!;
  const old = await ebs.send(new Ebs.GetSnapshotBlockCommand({ SnapshotId: first, BlockIndex: 2, BlockToken: change!.FirstBlockToken! }));
  assert.equal((await old.BlockData!.transformToByteArray())[0], 2);
  const all = await ebs.send(new Ebs.ListChangedBlocksCommand({ SecondSnapshotId: second }));
  assert.deepEqual(
    all.ChangedBlocks!.map((one) => one.BlockIndex),
    [1, 2, 3, 7],
  );
  const stranger = await written({ 0: 1 });
  await refused(ebs.send(new Ebs.ListChangedBlocksCommand({ FirstSnapshotId: first, SecondSnapshotId: stranger })), {
    code: 'ValidationException',
  });

  const { VolumeId } = await ec2.send(new Ec2.CreateVolumeCommand({ AvailabilityZone: 'us-east-1a', Size: 1 }));
  await cloud.cloud.settled();
  const snap = async (): Promise<string> => {
    const { SnapshotId } = await ec2.send(new Ec2.CreateSnapshotCommand({ VolumeId: VolumeId! }));
    await cloud.cloud.settled();
    return SnapshotId!;
  };
  await host.disks.write(VolumeId!, 3 * blockBytes, Buffer.from('one'));
  const one = await snap();
  await host.disks.write(VolumeId!, 3 * blockBytes, Buffer.alloc(3));
  await host.disks.write(VolumeId!, 4 * blockBytes, Buffer.from('two'));
  const two = await snap();
  const between = await ebs.send(new Ebs.ListChangedBlocksCommand({ FirstSnapshotId: one, SecondSnapshotId: two }));
  assert.deepEqual(
    between.ChangedBlocks!.map((change_) => [
      change_.BlockIndex,
      change_.FirstBlockToken !== undefined,
      change_.SecondBlockToken !== undefined,
    ]),
    [
      [3, true, false],
      [4, false, true],
    ],
  );
});

test('lists come in pages, and begin where they are told to', async () => {
  const id = await written(Object.fromEntries(Array.from({ length: 230 }, (_none, at) => [at * 2, (at % 250) + 1])));
  const pages: number[][] = [];
  for (let NextToken: string | undefined; ;) {
    const page = await ebs.send(new Ebs.ListSnapshotBlocksCommand({ SnapshotId: id, MaxResults: 100, ...(NextToken && { NextToken }) }));
    pages.push(page.Blocks!.map(({ BlockIndex }) => BlockIndex!));
    NextToken = page.NextToken;
    if (NextToken === undefined) break;
    await refused(ebs.send(new Ebs.ListChangedBlocksCommand({ SecondSnapshotId: id, NextToken })), 'ValidationException');
  }
  assert.deepEqual(
    pages.map((page) => page.length),
    [100, 100, 30],
  );
  assert.deepEqual(
    pages.flat(),
    Array.from({ length: 230 }, (_none, at) => at * 2),
  );
  const late = await ebs.send(new Ebs.ListSnapshotBlocksCommand({ SnapshotId: id, StartingBlockIndex: 455 }));
  assert.deepEqual(
    late.Blocks!.map(({ BlockIndex }) => BlockIndex),
    [456, 458],
  );
  const changed = await ebs.send(new Ebs.ListChangedBlocksCommand({ SecondSnapshotId: id, MaxResults: 100, StartingBlockIndex: 300 }));
  assert.deepEqual([changed.ChangedBlocks!.length, changed.NextToken], [80, undefined]);
});

test('tokens are bound to their block and end after a week', async () => {
  const id = await written({ 0: 1, 1: 2 });
  const { Blocks, ExpiryTime } = await ebs.send(new Ebs.ListSnapshotBlocksCommand({ SnapshotId: id }));
  assert.equal(ExpiryTime!.getTime() - cloud.cloud.clock.now(), 7 * 24 * 3_600_000);
  const get = (BlockIndex: number, BlockToken: string) =>
    ebs.send(new Ebs.GetSnapshotBlockCommand({ SnapshotId: id, BlockIndex, BlockToken }));
  const reason = async (call: Promise<unknown>): Promise<string | undefined> => {
    const error = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof Ebs.ValidationException);
    return error.Reason;
  };
  assert.equal(await reason(get(1, Blocks![0]!.BlockToken!)), 'INVALID_BLOCK_TOKEN');
  assert.equal(await reason(get(0, 'AAAA')), 'INVALID_BLOCK_TOKEN');
  assert.equal(await reason(get(9, Blocks![0]!.BlockToken!)), 'INVALID_BLOCK');
  await get(0, Blocks![0]!.BlockToken!);
  await cloud.advance(7 * 24 * 3_600_000);
  assert.equal(await reason(get(0, Blocks![0]!.BlockToken!)), 'INVALID_BLOCK_TOKEN');
});

test('input that does not fit is refused in the words of EBS', async () => {
  const id = await begin();
  for (const [call, reason] of [
    [() => begin({ VolumeSize: 0 }), 'INVALID_VOLUME_SIZE'],
    [() => begin({ VolumeSize: 65_537 }), 'INVALID_VOLUME_SIZE'],
    [() => begin({ Timeout: 5 }), 'INVALID_PARAMETER_VALUE'],
    [() => begin({ Tags: [{ Key: 'aws:x', Value: '' }] }), 'INVALID_TAG'],
    [() => begin({ ParentSnapshotId: id }), 'INVALID_SNAPSHOT_ID'],
    [() => put(id, 2048, block(1)), 'INVALID_BLOCK'],
    [() => put(id, 0, Buffer.alloc(512)), 'INVALID_PARAMETER_VALUE'],
    [() => put(id, 0, Buffer.alloc(512), { DataLength: blockBytes }), 'INVALID_BLOCK'],
    [() => put(id, 0, block(1), { Checksum: sha256(block(2)).toString('base64') }), 'INVALID_BLOCK'],
  ] as const)
    await assert.rejects(call(), (error) => error instanceof Ebs.ValidationException && error.Reason === reason, reason);
  await assert.rejects(begin({ ParentSnapshotId: 'snap-00000000000000000' }), (error) => {
    return error instanceof Ebs.ResourceNotFoundException && error.Reason === 'SNAPSHOT_NOT_FOUND';
  });
  const ClientToken = 'the-same';
  const once = await begin({ ClientToken });
  assert.equal(await begin({ ClientToken }), once);
  await refused(begin({ ClientToken, VolumeSize: 3 }), { code: 'ConflictException', status: 409 });
});

test('what is not completed in time is given up', async () => {
  const id = await begin({ Timeout: 10 });
  await put(id, 0, block(1));
  await cloud.advance(10 * 60_000);
  assert.equal((await look(id)).State, 'error');
  await assert.rejects(
    put(id, 1, block(1)),
    (error) => error instanceof Ebs.ValidationException && error.Reason === 'WRITE_REQUEST_TIMEOUT',
  );
});

test('others read what is shared with them and write nothing; users need permission', async () => {
  const id = await written({ 0: 7 });
  const other = cloud.client(Ebs.EBSClient, { credentials: rootOf(abroad) });
  const list = () => other.send(new Ebs.ListSnapshotBlocksCommand({ SnapshotId: id }));
  await refused(list(), { code: 'ResourceNotFoundException', status: 404 });
  await ec2.send(new Ec2.ModifySnapshotAttributeCommand({ SnapshotId: id, CreateVolumePermission: { Add: [{ Group: 'all' }] } }));
  await refused(list(), 'ResourceNotFoundException');
  await ec2.send(new Ec2.ModifySnapshotAttributeCommand({ SnapshotId: id, CreateVolumePermission: { Add: [{ UserId: abroad }] } }));
  assert.equal((await list()).Blocks!.length, 1);
  await refused(other.send(new Ebs.CompleteSnapshotCommand({ SnapshotId: id, ChangedBlocksCount: 0 })), 'AccessDeniedException');

  const iam = cloud.client(IAMClient, { credentials: rootOf(home) });
  await iam.send(new CreateUserCommand({ UserName: 'reader' }));
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'ebs:List*', Resource: `arn:aws:ec2:us-east-1::snapshot/${id}` },
      { Effect: 'Allow', Action: 'ebs:StartSnapshot', Resource: '*', Condition: { NumericLessThan: { 'ebs:VolumeSize': '10' } } },
    ],
  });
  await iam.send(new PutUserPolicyCommand({ UserName: 'reader', PolicyName: 'p', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'reader' }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const reader = cloud.client(Ebs.EBSClient, { credentials });
  const listed = await reader.send(new Ebs.ListSnapshotBlocksCommand({ SnapshotId: id }));
  const BlockToken = listed.Blocks![0]!.BlockToken!;
  await refused(reader.send(new Ebs.GetSnapshotBlockCommand({ SnapshotId: id, BlockIndex: 0, BlockToken })), {
    code: 'AccessDeniedException',
    status: 403,
  });
  await reader.send(new Ebs.StartSnapshotCommand({ VolumeSize: 9 }));
  await refused(reader.send(new Ebs.StartSnapshotCommand({ VolumeSize: 10 })), 'AccessDeniedException');
  await refused(reader.send(new Ebs.StartSnapshotCommand({ VolumeSize: 9, Tags: [{ Key: 'a', Value: 'b' }] })), 'AccessDeniedException');
});
