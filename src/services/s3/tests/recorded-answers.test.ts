/** Answers that no page of AWS's documentation tells, as public recordings of AWS have them. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetObjectAclCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketAclCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutBucketWebsiteCommand,
  PutObjectAclCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
  type CreateMultipartUploadCommandInput,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'recorded';
const Kept = 'recorded-versions';
await s3.send(new CreateBucketCommand({ Bucket }));
await s3.send(new CreateBucketCommand({ Bucket: Kept }));
await s3.send(new PutBucketVersioningCommand({ Bucket: Kept, VersioningConfiguration: { Status: 'Enabled' } }));

/** The answer as it was on the wire, of a call that the SDK made. */
async function raw(command: unknown): Promise<{ status: number; headers: Record<string, string>; body: string }> {
  const client = cloud.client(S3Client);
  const seen: { status: number; headers: Record<string, string>; body: string }[] = [];
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as { statusCode: number; headers: Record<string, string>; body: AsyncIterable<Uint8Array> };
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body) chunks.push(chunk);
      seen.push({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString() });
      response.body = (async function* () {
        yield* chunks;
      })();
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );
  await client.send(command as ListObjectsV2Command).catch((error: unknown) => {
    if (seen.length === 0) throw error;
  });
  return seen[0]!;
}

test('times are whole seconds and end in three noughts', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'time', Body: 'x' }));
  const { body, headers } = await raw(new ListObjectsV2Command({ Bucket }));
  assert.match(body, /<LastModified>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.000Z<\/LastModified>/);
  assert.equal(headers['x-amz-bucket-region'], 'us-east-1');
  assert.equal((await raw(new HeadBucketCommand({ Bucket }))).headers['content-type'], 'application/xml');
});

test('a version id that S3 never gave is refused, one that was deleted is not', async () => {
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: Kept, Key: 'k', Body: 'x' }));
  const made = VersionId!.slice(0, -4) + (VersionId!.endsWith('ABCD') ? 'DCBA' : 'ABCD');
  await refused(s3.send(new DeleteObjectCommand({ Bucket: Kept, Key: 'k', VersionId: made })), {
    code: 'InvalidArgument',
    message: 'Invalid version id specified',
  });
  const Objects = [
    { Key: 'k', VersionId: made },
    { Key: 'k', VersionId },
  ];
  const many = await s3.send(new DeleteObjectsCommand({ Bucket: Kept, Delete: { Objects } }));
  assert.deepEqual([many.Errors?.map((error) => error.Code), many.Deleted?.length], [['NoSuchVersion'], 1]);
  assert.equal((await s3.send(new DeleteObjectCommand({ Bucket: Kept, Key: 'k', VersionId }))).$metadata.httpStatusCode, 204);
});

test('tags, policies and locks that are not there have answers of their own', async () => {
  const nothing = {} as { TagSet: [] };
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } }));
  await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: nothing }));
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'time', Tagging: nothing }));
  assert.deepEqual((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'time' }))).TagSet ?? [], []);
  await refused(s3.send(new PutBucketPolicyCommand({ Bucket, Policy: '' })), {
    code: 'MalformedPolicy',
    message: "Policies must be valid JSON and the first byte must be '{'",
  });
  await refused(s3.send(new PutObjectLockConfigurationCommand({ Bucket: Kept })), 'MissingRequestBodyError');
  await refused(
    s3.send(new CreateBucketCommand({ Bucket: 'recorded-tags', CreateBucketConfiguration: { Tags: [{ Key: 'aws:x', Value: 'y' }] } })),
    { code: 'InvalidTag', message: /^User-defined tag keys can't start with "aws:"/ },
  );
});

async function upload(Key: string, more: Partial<CreateMultipartUploadCommandInput>) {
  const client = cloud.client(S3Client, { requestChecksumCalculation: 'WHEN_REQUIRED' });
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  const algorithm = more.ChecksumAlgorithm && { ChecksumAlgorithm: more.ChecksumAlgorithm };
  const part = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'part', ...algorithm }));
  const Parts = [{ PartNumber: 1, ETag: part.ETag, ChecksumSHA256: part.ChecksumSHA256, ChecksumCRC32: part.ChecksumCRC32 }];
  await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
  const ObjectAttributes = ['ObjectParts' as const, 'Checksum' as const];
  return { part, ...(await client.send(new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes }))) };
}

test('attributes tell of parts where these have checksums of their own, and of a composite checksum without its count', async () => {
  const composite = await upload('composite', { ChecksumAlgorithm: 'SHA256' });
  assert.equal(composite.ObjectParts?.Parts?.[0]?.ChecksumSHA256, composite.part.ChecksumSHA256);
  assert.match(composite.Checksum!.ChecksumSHA256!, /^[A-Za-z0-9+/]{43}=$/);
  for (const more of [{}, { ChecksumAlgorithm: 'CRC32' as const, ChecksumType: 'FULL_OBJECT' as const }])
    assert.deepEqual((await upload('whole', more)).ObjectParts, { TotalPartsCount: 1 });
});

test('a condition takes an ETag with one quote, and a checksum is asked for in any case', async () => {
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'quote', Body: 'x' }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'quote', Body: 'x', IfMatch: ETag!.slice(1) }));
  const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'quote', ChecksumMode: 'enabled' as 'ENABLED' }));
  assert.equal(read.ChecksumType, 'FULL_OBJECT');
});

test('an ACL is named, or a header is missing; a delete marker has none', async () => {
  await refused(s3.send(new PutObjectAclCommand({ Bucket, Key: 'time' })), 'MissingSecurityHeader');
  await refused(s3.send(new PutBucketAclCommand({ Bucket })), 'MissingSecurityHeader');
  assert.equal((await s3.send(new GetBucketAclCommand({ Bucket }))).Grants?.length, 1);
  const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket: Kept, Key: 'marked' }));
  await refused(s3.send(new GetObjectAclCommand({ Bucket: Kept, Key: 'marked', VersionId })), { code: 'NoSuchKey', status: 404 });
});

test('a copy names the version of its source, unless that is the null version', async () => {
  const Suspended = 'recorded-suspended';
  await s3.send(new CreateBucketCommand({ Bucket: Suspended }));
  await s3.send(new PutBucketVersioningCommand({ Bucket: Suspended, VersioningConfiguration: { Status: 'Suspended' } }));
  await s3.send(new PutObjectCommand({ Bucket: Suspended, Key: 'k', Body: 'x' }));
  const copy = await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Suspended}/k` }));
  assert.equal(copy.CopySourceVersionId, undefined);
  await refused(s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: 'nothing' })), {
    code: 'InvalidArgument',
    message: 'Invalid copy source object key',
  });
});

test('a website has no empty list of rules', async () => {
  const WebsiteConfiguration = { IndexDocument: { Suffix: 'index.html' }, RoutingRules: [] };
  const none = await raw(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration }));
  assert.match(none.body, /MalformedXML/);
});

test('a Content-Disposition beyond ASCII comes back byte by byte', async () => {
  const ContentDisposition = Buffer.from('attachment; filename="é—.pdf"').toString('latin1');
  await s3.send(new PutObjectCommand({ Bucket, Key: 'named', Body: 'x', ContentDisposition }));
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'named' }))).ContentDisposition, ContentDisposition);
  assert.equal((await s3.send(new GetObjectCommand({ Bucket, Key: 'named' }))).ContentDisposition, ContentDisposition);
});

test('metadata of control characters come back as an encoded word of base64', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'binary', Body: '', Metadata: { binary: '=?UTF-8?B?AAECAw==?=' } }));
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'binary' }))).Metadata?.['binary'], '=?UTF-8?B?AAECAw==?=');
});
