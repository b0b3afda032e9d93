/** Archives: bytes in one piece or in parts, proved by their tree hash. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CompleteVaultLockCommand,
  DeleteArchiveCommand,
  DeleteVaultCommand,
  DescribeVaultCommand,
  InitiateMultipartUploadCommand,
  InitiateVaultLockCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadArchiveCommand,
  UploadMultipartPartCommand,
} from '@aws-sdk/client-glacier';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { treeHasher } from '../archives/tree-hash.ts';
import { day, glacierOf, home, makeVault, policy, refused } from './cast.ts';

let cloud: LiveCloud;
before(async () => {
  cloud = await startCloud();
});
after(() => cloud.close());

const MiB = 1024 * 1024;
const wrong = createHash('sha256').update('other').digest('hex');

function treeHash(bytes: Uint8Array): string {
  const hasher = treeHasher();
  hasher.update(bytes);
  return hasher.digest().toString('hex');
}

test('an archive is counted when the day is over, and keeps its vault from being deleted until then and after', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'counted');
  const body = Buffer.alloc(2 * MiB + 5, 'abc');
  const uploaded = await glacier.send(new UploadArchiveCommand({ ...vault, body, archiveDescription: 'my archive' }));
  assert.equal(uploaded.checksum, treeHash(body));
  assert.match(uploaded.archiveId!, /^[\w-]{138}$/);
  assert.equal(uploaded.location, `/${home}/vaults/counted/archives/${uploaded.archiveId}`);
  assert.equal((await glacier.send(new DescribeVaultCommand(vault))).NumberOfArchives, 0);
  await refused(glacier.send(new DeleteVaultCommand(vault)), 'InvalidParameterValueException', /^Vault not empty or recently written to/);
  await cloud.advance(day);
  const described = await glacier.send(new DescribeVaultCommand(vault));
  assert.deepEqual([described.NumberOfArchives, described.SizeInBytes], [1, body.length]);
  assert.match(described.LastInventoryDate!, /T00:00:00.000Z$/);
  await glacier.send(new DeleteArchiveCommand({ ...vault, archiveId: uploaded.archiveId }));
  await glacier.send(new DeleteArchiveCommand({ ...vault, archiveId: uploaded.archiveId }));
  await refused(glacier.send(new DeleteVaultCommand(vault)), 'InvalidParameterValueException');
  await cloud.advance(day);
  assert.equal((await glacier.send(new DescribeVaultCommand(vault))).SizeInBytes, 0);
  await glacier.send(new DeleteVaultCommand(vault));
});

test('a wrong hash, a description that does not print and a vault that is not there are refused', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'refusing');
  const upload = (input: object) => glacier.send(new UploadArchiveCommand({ ...vault, body: Buffer.from('abc'), ...input }));
  await refused(upload({ checksum: wrong }), 'InvalidParameterValueException', /hecksum/);
  await refused(upload({ archiveDescription: 'x'.repeat(1025) }), 'InvalidParameterValueException', /description/);
  await refused(upload({ vaultName: 'nowhere' }), 'ResourceNotFoundException');
});

test('what lies on disk is not what was sent', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'sealed');
  const secret = 'nobody reads this on the disk';
  await glacier.send(new UploadArchiveCommand({ ...vault, body: Buffer.from(secret.repeat(50_000)) }));
  const files = await readdir(cloud.dataDirectory, { recursive: true, withFileTypes: true });
  for (const file of files.filter((one) => one.isFile()))
    assert.ok(!(await readFile(join(file.parentPath, file.name))).includes(secret), file.name);
});

test('parts come in any order and become one archive; completing once more tells the same', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'in-parts');
  const whole = Buffer.alloc(2 * MiB + 100, 'part');
  const { uploadId } = await glacier.send(new InitiateMultipartUploadCommand({ ...vault, partSize: String(MiB), archiveDescription: 'd' }));
  for (const start of [2 * MiB, 0, MiB]) {
    const body = whole.subarray(start, start + MiB);
    const range = `bytes ${start}-${start + body.length - 1}/*`;
    const { checksum } = await glacier.send(new UploadMultipartPartCommand({ ...vault, uploadId, range, body }));
    assert.equal(checksum, treeHash(body));
  }
  const first = await glacier.send(new ListPartsCommand({ ...vault, uploadId, limit: 2 }));
  const rest = await glacier.send(new ListPartsCommand({ ...vault, uploadId, marker: first.Marker }));
  assert.deepEqual(
    [...first.Parts!, ...rest.Parts!].map(({ RangeInBytes }) => RangeInBytes),
    [`0-${MiB - 1}`, `${MiB}-${2 * MiB - 1}`, `${2 * MiB}-${2 * MiB + 99}`],
  );
  assert.deepEqual([first.PartSizeInBytes, first.ArchiveDescription, rest.Marker], [MiB, 'd', undefined]);
  const complete = (input: object) => glacier.send(new CompleteMultipartUploadCommand({ ...vault, uploadId, ...input }));
  const claim = { archiveSize: String(whole.length), checksum: treeHash(whole) };
  await refused(complete({ ...claim, archiveSize: '1' }), 'InvalidParameterValueException', /size/);
  await refused(complete({ ...claim, checksum: wrong }), 'InvalidParameterValueException', /hecksum/);
  const { archiveId, checksum } = await complete(claim);
  assert.equal(checksum, claim.checksum);
  assert.equal((await complete(claim)).archiveId, archiveId);
  await refused(glacier.send(new ListPartsCommand({ ...vault, uploadId })), 'ResourceNotFoundException');
  await cloud.advance(day);
  assert.equal((await glacier.send(new DescribeVaultCommand(vault))).SizeInBytes, whole.length);
});

test('part sizes are powers of two, ranges fit them, and a gap is found', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'gaps');
  for (const partSize of ['1000', String(3 * MiB), String(8 * 1024 ** 3)])
    await refused(
      glacier.send(new InitiateMultipartUploadCommand({ ...vault, partSize })),
      'InvalidParameterValueException',
      /Part size must/,
    );
  const { uploadId } = await glacier.send(new InitiateMultipartUploadCommand({ ...vault, partSize: String(MiB) }));
  const body = Buffer.alloc(MiB, 'x');
  const put = (range: string) => glacier.send(new UploadMultipartPartCommand({ ...vault, uploadId, range, body }));
  for (const range of [`bytes 5-${MiB + 4}/*`, `bytes 0-${2 * MiB - 1}/*`, 'bytes 0-5/*', `0-${MiB - 1}`])
    await refused(put(range), 'InvalidParameterValueException', /Content-Range/);
  await put(`bytes ${MiB}-${2 * MiB - 1}/*`);
  const complete = new CompleteMultipartUploadCommand({ ...vault, uploadId, archiveSize: String(MiB), checksum: treeHash(body) });
  await refused(glacier.send(complete), 'InvalidParameterValueException', /missing/);
});

test('uploads are listed while they go on: not when aborted, nor after a day without a part', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'going-on');
  const begin = async () => (await glacier.send(new InitiateMultipartUploadCommand({ ...vault, partSize: String(MiB) }))).uploadId!;
  const ids = (await Promise.all([begin(), begin(), begin()])).toSorted();
  const list = async (input: object = {}) => {
    const { UploadsList, Marker } = await glacier.send(new ListMultipartUploadsCommand({ ...vault, ...input }));
    return { ids: UploadsList!.map(({ MultipartUploadId }) => MultipartUploadId), Marker };
  };
  assert.deepEqual(await list({ limit: 2 }), { ids: ids.slice(0, 2), Marker: ids[2] });
  assert.deepEqual(await list({ marker: ids[2] }), { ids: ids.slice(2), Marker: undefined });
  await glacier.send(new AbortMultipartUploadCommand({ ...vault, uploadId: ids[0] }));
  await refused(glacier.send(new AbortMultipartUploadCommand({ ...vault, uploadId: ids[0] })), 'ResourceNotFoundException');
  assert.deepEqual((await list()).ids, ids.slice(1));
  await cloud.advance(day);
  assert.deepEqual((await list()).ids, []);
});

test('a vault lock keeps young archives from being deleted', async () => {
  const glacier = glacierOf(cloud);
  const vault = await makeVault(glacier, 'kept');
  const Policy = policy({
    Effect: 'Deny',
    Action: 'glacier:DeleteArchive',
    Principal: '*',
    Condition: { NumericLessThan: { 'glacier:ArchiveAgeInDays': '1' } },
  });
  const { archiveId } = await glacier.send(new UploadArchiveCommand({ ...vault, body: Buffer.from('abc') }));
  const { lockId } = await glacier.send(new InitiateVaultLockCommand({ ...vault, policy: { Policy } }));
  await glacier.send(new CompleteVaultLockCommand({ ...vault, lockId }));
  await refused(glacier.send(new DeleteArchiveCommand({ ...vault, archiveId })), 'AccessDeniedException');
  await cloud.advance(day - 60_000);
  await refused(glacier.send(new DeleteArchiveCommand({ ...vault, archiveId })), 'AccessDeniedException');
  await cloud.advance(60_000);
  await glacier.send(new DeleteArchiveCommand({ ...vault, archiveId }));
});
