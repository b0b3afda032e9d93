/** Versions: what is written, hidden, found and deleted in buckets with versioning. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
  type BucketVersioningStatus,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'versions-bucket';
await s3.send(new CreateBucketCommand({ Bucket }));

const setVersioning = (Status: BucketVersioningStatus, bucket = Bucket) =>
  s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }));
const put = async (Key: string, Body: string, more: Partial<PutObjectCommandInput> = {}) =>
  (await s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }))).VersionId;
const read = async (Key: string, VersionId?: string) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body!.transformToString();
const remove = (Key: string, VersionId?: string) => s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
const history = async (Prefix: string) => {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix }));
  return [
    ...Versions.map((version) => [version.VersionId, version.IsLatest]),
    ...DeleteMarkers.map((marker) => ['marker', marker.VersionId, marker.IsLatest]),
  ];
};

test('versioning is unset, then enabled, then suspended, and never unset again', async () => {
  const status = async () => (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status;
  assert.equal(await status(), undefined);
  assert.equal(await put('before', 'from before'), undefined);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'before' }))).VersionId, undefined);
  await setVersioning('Suspended');
  assert.equal(await status(), 'Suspended');
  await setVersioning('Enabled');
  assert.equal(await status(), 'Enabled');
  await refused(
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: {} })),
    'IllegalVersioningConfigurationException',
  );
  await refused(setVersioning('Off' as 'Enabled'), 'MalformedXML');
  await refused(s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled', MFADelete: 'Enabled' } })), {
    code: 'AccessDenied',
    status: 403,
    message: 'Mfa Authentication must be used for this request',
  });
});

test('each put is a version of its own, and the newest one is current', async () => {
  const first = await put('doc', 'one');
  const second = await put('doc', 'two');
  assert.match(first!, /^[A-Za-z0-9._]{32}$/);
  assert.notEqual(first, second);
  assert.deepEqual([await read('doc'), await read('doc', first), await read('doc', second)], ['two', 'one', 'two']);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'doc' }))).VersionId, second);
  assert.deepEqual(await history('doc'), [
    [second, true],
    [first, false],
  ]);
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'doc' }));
  assert.deepEqual(
    Contents?.map(({ Key, Size }) => [Key, Size]),
    [['doc', 3]],
  );
});

test('what was there before versioning is the null version', async () => {
  const next = await put('before', 'after');
  assert.equal(await read('before', 'null'), 'from before');
  assert.deepEqual(await history('before'), [
    [next, true],
    ['null', false],
  ]);
  await remove('before', 'null');
  await refused(read('before', 'null'), { code: 'NoSuchVersion', status: 404, message: 'The specified version does not exist.' });
});

test('a delete marker hides, and its deletion brings back', async () => {
  const version = await put('hidden', 'x');
  const deleted = await remove('hidden');
  assert.equal(deleted.DeleteMarker, true);
  const error = await refused(read('hidden'), { code: 'NoSuchKey', status: 404 });
  assert.deepEqual(
    [error['$response'].headers['x-amz-delete-marker'], error['$response'].headers['x-amz-version-id']],
    ['true', deleted.VersionId],
  );
  const marker = await refused(read('hidden', deleted.VersionId), { code: 'MethodNotAllowed', status: 405 });
  assert.deepEqual([marker['$response'].headers['x-amz-delete-marker'], marker['$response'].headers['allow']], ['true', 'DELETE']);
  await refused(s3.send(new HeadObjectCommand({ Bucket, Key: 'hidden', VersionId: deleted.VersionId })), { status: 405 });
  await refused(s3.send(new HeadObjectCommand({ Bucket, Key: 'hidden' })), { status: 404 });
  await refused(s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'hidden', VersionId: deleted.VersionId })), 'MethodNotAllowed');
  assert.deepEqual(await history('hidden'), [
    [version, false],
    ['marker', deleted.VersionId, true],
  ]);
  assert.equal(await read('hidden', version), 'x');
  const gone = await remove('hidden', deleted.VersionId);
  assert.deepEqual([gone.DeleteMarker, gone.VersionId], [true, deleted.VersionId]);
  assert.equal(await read('hidden'), 'x');
});

test('delete markers pile up, also over what was never there', async () => {
  const markers = [(await remove('never')).VersionId, (await remove('never')).VersionId];
  assert.deepEqual(await history('never'), [
    ['marker', markers[1], true],
    ['marker', markers[0], false],
  ]);
});

test('deleting the current version makes the one below current', async () => {
  const versions = [await put('stack', '1'), await put('stack', '2'), await put('stack', '3')];
  const deleted = await remove('stack', versions[2]);
  assert.deepEqual([deleted.DeleteMarker, deleted.VersionId], [undefined, versions[2]]);
  assert.equal(await read('stack'), '2');
  await remove('stack', versions[0]);
  assert.deepEqual(await history('stack'), [[versions[1], true]]);
  assert.equal((await remove('stack', versions[0])).$metadata.httpStatusCode, 204);
  await remove('stack', versions[1]);
  await refused(read('stack'), 'NoSuchKey');
  const bad = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'stack', VersionId: 'short' }] } }));
  assert.equal(bad.Errors?.[0]?.Code, 'NoSuchVersion');
  await refused(read('stack', 'short'), { code: 'InvalidArgument', message: 'Invalid version id specified' });
});

test('suspended versioning writes the null version over and over', async () => {
  const kept = await put('suspended', 'kept');
  await setVersioning('Suspended');
  assert.equal(await put('suspended', 'null 1'), undefined);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'suspended' }))).VersionId, 'null');
  await put('suspended', 'null 2');
  assert.deepEqual(await history('suspended'), [
    ['null', true],
    [kept, false],
  ]);
  assert.deepEqual([await read('suspended'), await read('suspended', kept)], ['null 2', 'kept']);
  const marker = await remove('suspended');
  assert.deepEqual([marker.DeleteMarker, marker.VersionId], [true, 'null']);
  assert.deepEqual(await history('suspended'), [
    [kept, false],
    ['marker', 'null', true],
  ]);
  await put('suspended', 'null 3');
  await setVersioning('Enabled');
  const last = await put('suspended', 'last');
  assert.deepEqual(await history('suspended'), [
    [last, true],
    ['null', false],
    [kept, false],
  ]);
  assert.equal(await read('suspended', 'null'), 'null 3');
});

test('copies read any version, and bring an old one back', async () => {
  const first = await put('source', 'first', { Metadata: { n: '1' } });
  await put('source', 'second');
  const CopySource = `${Bucket}/source?versionId=${first}`;
  const back = await s3.send(new CopyObjectCommand({ Bucket, Key: 'source', CopySource }));
  assert.equal(back.CopySourceVersionId, first);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'source' }));
  assert.deepEqual([await got.Body!.transformToString(), got.Metadata, got.VersionId], ['first', { n: '1' }, back.VersionId]);
  const marker = await remove('source');
  await refused(s3.send(new CopyObjectCommand({ Bucket, Key: 'x', CopySource: `${Bucket}/source?versionId=${marker.VersionId}` })), {
    code: 'InvalidRequest',
    message: 'The source of a copy request may not specifically refer to a delete marker by version id.',
  });
  await refused(s3.send(new CopyObjectCommand({ Bucket, Key: 'x', CopySource: `${Bucket}/source` })), 'NoSuchKey');
});

test('uploads become versions, and copy their parts from versions', async () => {
  const first = await put('parts', 'first');
  const source = await put('part-source', 'old part');
  await put('part-source', 'new part');
  const upload = async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
    const place = { Bucket, Key: 'parts', UploadId, PartNumber: 1 };
    const copied = await s3.send(new UploadPartCopyCommand({ ...place, CopySource: `${Bucket}/part-source?versionId=${source}` }));
    assert.equal(copied.CopySourceVersionId, source);
    const parts = { Parts: [{ PartNumber: 1, ETag: copied.CopyPartResult!.ETag }] };
    return s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: 'parts', UploadId, MultipartUpload: parts }));
  };
  const one = await upload();
  const two = await upload();
  assert.deepEqual(await history('parts'), [
    [two.VersionId, true],
    [one.VersionId, false],
    [first, false],
  ]);
  assert.deepEqual([await read('parts', one.VersionId), await read('parts')], ['old part', 'old part']);
  await remove('parts', two.VersionId);
  assert.equal(await read('parts'), 'old part');
  await remove('parts', one.VersionId);
  assert.equal(await read('parts'), 'first');
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'parts' }));
  const part = await s3.send(new UploadPartCommand({ Bucket, Key: 'parts', UploadId, PartNumber: 1, Body: 'x' }));
  const complete = { Bucket, Key: 'parts', UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.ETag }] } };
  await refused(s3.send(new CompleteMultipartUploadCommand({ ...complete, IfNoneMatch: '*' })), 'PreconditionFailed');
  await remove('parts');
  await s3.send(new CompleteMultipartUploadCommand({ ...complete, IfNoneMatch: '*' }));
});

test('tags and attributes belong to a version', async () => {
  const first = await put('tagged', '1', { Tagging: 'n=1' });
  const second = await put('tagged', '22');
  const tags = async (VersionId?: string) => (await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged', VersionId }))).TagSet;
  assert.deepEqual([await tags(first), await tags()], [[{ Key: 'n', Value: '1' }], []]);
  const Tagging = { TagSet: [{ Key: 'late', Value: 'yes' }] };
  const tagged = await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'tagged', VersionId: first, Tagging }));
  assert.equal(tagged.VersionId, first);
  assert.deepEqual([await tags(first), await tags()], [Tagging.TagSet, []]);
  assert.equal((await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'tagged', VersionId: first }))).VersionId, first);
  assert.deepEqual(await tags(first), []);
  const attributes = (VersionId?: string) =>
    s3.send(new GetObjectAttributesCommand({ Bucket, Key: 'tagged', VersionId, ObjectAttributes: ['ObjectSize'] }));
  assert.deepEqual([(await attributes(first)).ObjectSize, (await attributes()).VersionId], [1, second]);
});

test('many are deleted at once, some with their version ids', async () => {
  const first = await put('many/a', '1');
  await put('many/a', '2');
  await put('many/b', '1');
  const { Deleted } = await s3.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'many/a', VersionId: first }, { Key: 'many/b' }] } }),
  );
  assert.deepEqual(Deleted?.[0], { Key: 'many/a', VersionId: first });
  const marker = Deleted![1]!.DeleteMarkerVersionId;
  assert.deepEqual(Deleted?.[1], { Key: 'many/b', DeleteMarker: true, DeleteMarkerVersionId: marker });
  const again = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'many/b', VersionId: marker }] } }));
  assert.deepEqual(again.Deleted, [{ Key: 'many/b', VersionId: marker, DeleteMarker: true, DeleteMarkerVersionId: marker }]);
  assert.equal(await read('many/b'), '1');
});

test('conditions look at the current version, or at the one that is deleted', async () => {
  const first = await put('if', 'one');
  const { ETag } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'if' }));
  await put('if', 'two');
  await refused(put('if', 'three', { IfNoneMatch: '*' }), { code: 'PreconditionFailed', status: 412 });
  await refused(put('if', 'three', { IfMatch: ETag }), { code: 'PreconditionFailed', status: 412 });
  await refused(s3.send(new DeleteObjectCommand({ Bucket, Key: 'if', IfMatch: ETag })), 'PreconditionFailed');
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'if', VersionId: first, IfMatch: ETag }));
  await remove('if');
  await refused(put('if', 'three', { IfMatch: ETag }), 'NoSuchKey');
  await put('if', 'three', { IfNoneMatch: '*' });
});

test('a bucket with versions is not empty', async () => {
  const bucket = 'versions-emptied';
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await setVersioning('Enabled', bucket);
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: 'x' }));
  const marker = await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k' }));
  const gone = () => s3.send(new DeleteBucketCommand({ Bucket: bucket }));
  await refused(gone(), { code: 'BucketNotEmpty', message: /You must delete all versions in the bucket\.$/ });
  for (const id of [VersionId, marker.VersionId]) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k', VersionId: id }));
  await gone();
});
