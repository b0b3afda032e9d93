/** The AWS CLI, versions 1 and 2, on S3: the high-level commands as people type them, and s3api where it shows more. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { request, type RequestOptions } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { awsOn, findAwsClis, type Aws } from './aws-cli.ts';
import { absent, openWorkbench, type Workbench } from './workbench.ts';

const mebibyte = 1024 * 1024;

for (const cli of await findAwsClis()) {
  describe(`AWS CLI v${cli.major} on S3`, { skip: absent(`AWS CLI v${cli.major}`, cli.program !== undefined) }, () => {
    let bench: Workbench;
    let aws: Aws;
    before(async () => {
      bench = await openWorkbench();
      aws = awsOn(bench, cli);
    });
    after(() => bench?.close());

    it('makes, lists and removes buckets', () => buckets(aws));
    it('copies a file in and out, through pipes too', () => copies(aws));
    it('carries names with spaces and any script', () => strangeNames(aws));
    it('uploads, copies and downloads in parts', () => parts(aws));
    it('synchronises folders', () => synchronises(aws));
    it('moves and removes', () => movesAndRemoves(aws));
    it('presigns', () => presigns(aws));
    it('reads ranges and conditions', () => rangesAndConditions(aws));
    it('computes and checks checksums', () => checksums(aws));
    it('pages through lists', () => lists(aws));
    it('keeps headers, metadata and tags', () => metadata(aws));
    it('drives a multipart upload by hand', () => multipartByHand(aws));
    it('guards a bucket with a policy and a public access block', () => guards(aws));
    it('uses virtual-hosted addresses', () => virtualHosts(aws));
  });
}

async function buckets(aws: Aws): Promise<void> {
  assert.match(await aws('s3', 'mb', 's3://first-bucket'), /make_bucket: first-bucket/);
  await aws('s3', 'mb', 's3://in-seoul', '--region', 'ap-northeast-2');
  assert.match(await aws('s3', 'ls'), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d first-bucket$/m);
  assert.equal((await aws.json('s3api', 'get-bucket-location', '--bucket', 'in-seoul')).LocationConstraint, 'ap-northeast-2');
  assert.equal((await aws.json('s3api', 'get-bucket-location', '--bucket', 'first-bucket')).LocationConstraint, null);
  assert.match(
    await aws.fails('s3', 'ls', 's3://no-such-bucket-here'),
    /\(NoSuchBucket\) when calling the ListObjectsV2 operation: The specified bucket does not exist/,
  );
  const elsewhere = aws.as({ credentials: { accessKeyId: '111122223333', secretAccessKey: 'test' } });
  assert.match(
    await elsewhere.fails('s3', 'mb', 's3://first-bucket'),
    /\(BucketAlreadyExists\) when calling the CreateBucket operation: The requested bucket name is not available/,
  );
  assert.match(
    await aws.fails(
      's3api',
      'create-bucket',
      '--bucket',
      'in-seoul',
      '--create-bucket-configuration',
      'LocationConstraint=ap-northeast-2',
      '--region',
      'ap-northeast-2',
    ),
    /\(BucketAlreadyOwnedByYou\) when calling the CreateBucket operation/,
  );
  await aws('s3api', 'wait', 'bucket-exists', '--bucket', 'in-seoul', '--region', 'ap-northeast-2');
  await aws('s3', 'rb', 's3://in-seoul', '--region', 'ap-northeast-2');
  assert.match(await aws.fails('s3api', 'head-bucket', '--bucket', 'in-seoul'), /\(404\) when calling the HeadBucket operation: Not Found/);
}

async function copies(aws: Aws): Promise<void> {
  const file = await aws.bench.place('hello.txt');
  await writeFile(file, 'hello, sky\n');
  assert.match(await aws('s3', 'cp', file, 's3://first-bucket/hello.txt'), /upload: \S*hello\.txt to s3:\/\/first-bucket\/hello\.txt/);
  assert.equal(await aws('s3', 'cp', 's3://first-bucket/hello.txt', '-'), 'hello, sky\n');
  await aws('s3', 'cp', 's3://first-bucket/hello.txt', 's3://first-bucket/copy.txt');
  const back = await aws.bench.place('back/copy.txt');
  await aws('s3', 'cp', 's3://first-bucket/copy.txt', back);
  assert.equal(await readFile(back, 'utf8'), 'hello, sky\n');
  assert.match(await aws('s3', 'ls', 's3://first-bucket'), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +11 hello\.txt$/m);
  assert.match(
    await aws.fails('s3', 'cp', 's3://first-bucket/absent', back),
    /\(404\) when calling the HeadObject operation: (Key "absent" does not exist|Not Found)/,
  );
  const empty = await aws.bench.place('empty');
  await writeFile(empty, '');
  await aws('s3', 'cp', empty, 's3://first-bucket/empty');
  assert.equal((await aws.json('s3api', 'head-object', '--bucket', 'first-bucket', '--key', 'empty')).ContentLength, 0);
  // The time that `ls` shows is the machine's, given in UTC by the cloud and shown in the user's zone.
  const line = /^(\S+ \S+) +11 hello\.txt$/m.exec(await aws.as({ env: { TZ: 'UTC' } })('s3', 'ls', 's3://first-bucket'))![1]!;
  assert.ok(Math.abs(Date.parse(`${line.replace(' ', 'T')}Z`) - Date.now()) < 600_000, line);
}

async function strangeNames(aws: Aws): Promise<void> {
  const names = [
    'with space.txt',
    '하늘/구름 1.txt',
    'plus+and&amp;.txt',
    'quote\'and"double.txt',
    'a=b?c#d%20e.txt',
    'ünïcødé/🌤.txt',
    'in..name',
    'tilde~(1)*!$.txt',
  ];
  await aws('s3', 'mb', 's3://strange-names');
  for (const name of names) await writeFile(await aws.bench.place(`strange/${name}`), name);
  const folder = join(aws.bench.home, 'strange');
  await aws('s3', 'sync', folder, 's3://strange-names', '--no-progress');
  await aws('s3api', 'put-object', '--bucket', 'strange-names', '--key', 'dots/../up');
  await aws('s3api', 'put-object', '--bucket', 'strange-names', '--key', 'folder//');
  const listed = await aws.json('s3api', 'list-objects-v2', '--bucket', 'strange-names');
  assert.deepEqual(listed.Contents.map((object: any) => object.Key).sort(), [...names, 'dots/../up', 'folder//'].sort());
  assert.match(await aws('s3', 'ls', 's3://strange-names/하늘/'), / 구름 1\.txt$/m);
  const back = join(aws.bench.home, 'strange-back');
  await aws('s3', 'sync', 's3://strange-names', back, '--no-progress', '--exclude', 'dots/*', '--exclude', 'folder/*');
  for (const name of names) assert.equal(await readFile(join(back, name), 'utf8'), name);
  await aws('s3', 'rb', '--force', 's3://strange-names');
}

async function parts(aws: Aws): Promise<void> {
  const file = await aws.bench.randomFile('big.bin', 20 * mebibyte);
  await aws('s3', 'cp', file, 's3://first-bucket/big.bin', '--no-progress');
  const head = await aws.json('s3api', 'head-object', '--bucket', 'first-bucket', '--key', 'big.bin');
  assert.equal(head.ContentLength, 20 * mebibyte);
  assert.equal(head.ETag, multipartETag(await readFile(file), 8 * mebibyte));
  await aws('s3', 'cp', 's3://first-bucket/big.bin', 's3://first-bucket/big-copy.bin', '--no-progress');
  const back = await aws.bench.place('big-back.bin');
  await aws('s3', 'cp', 's3://first-bucket/big-copy.bin', back, '--no-progress');
  assert.ok((await readFile(file)).equals(await readFile(back)), 'the copy of the copy is what was sent');
  const part = await aws.json('s3api', 'head-object', '--bucket', 'first-bucket', '--key', 'big.bin', '--part-number', '3');
  assert.deepEqual([part.PartsCount, part.ContentLength], [3, 4 * mebibyte]);
}

async function synchronises(aws: Aws): Promise<void> {
  const { bench } = aws;
  const source = join(bench.home, 'site');
  await mkdir(join(source, 'css'), { recursive: true });
  for (let i = 0; i < 25; i++) await writeFile(join(source, `page-${i}.html`), `<p>${i}</p>`);
  await writeFile(join(source, 'css', 'a b.css'), 'p {}');
  // Older than the upload: `sync` compares times.
  for (const name of await readdir(source)) await utimes(join(source, name), 1_700_000_000, 1_700_000_000);
  await aws('s3', 'mb', 's3://the-site');
  const first = await aws('s3', 'sync', source, 's3://the-site', '--no-progress');
  assert.equal(first.trim().split('\n').length, 26);
  assert.equal(await aws('s3', 'sync', source, 's3://the-site', '--no-progress'), '');
  await rm(join(source, 'page-3.html'));
  await writeFile(join(source, 'page-4.html'), 'changed and longer');
  const second = await aws('s3', 'sync', source, 's3://the-site', '--delete', '--no-progress');
  assert.match(second, /delete: s3:\/\/the-site\/page-3\.html/);
  assert.match(second, /upload: \S*page-4\.html to s3:\/\/the-site\/page-4\.html/);
  assert.equal(second.trim().split('\n').length, 2);
  const target = join(bench.home, 'mirror');
  await aws('s3', 'sync', 's3://the-site', target, '--no-progress');
  assert.equal(await readFile(join(target, 'page-4.html'), 'utf8'), 'changed and longer');
  assert.equal(await readFile(join(target, 'css', 'a b.css'), 'utf8'), 'p {}');
  await aws('s3', 'mb', 's3://the-other-site');
  assert.equal((await aws('s3', 'sync', 's3://the-site', 's3://the-other-site', '--no-progress')).trim().split('\n').length, 25);
}

async function movesAndRemoves(aws: Aws): Promise<void> {
  assert.match(await aws('s3', 'mv', 's3://the-site/page-5.html', 's3://the-site/moved/page-5.html'), /move: /);
  assert.match(await aws('s3', 'ls', 's3://the-site/'), /PRE moved\//);
  assert.match(
    await aws.fails('s3', 'rb', 's3://the-site'),
    /\(BucketNotEmpty\) when calling the DeleteBucket operation: The bucket you tried to delete is not empty/,
  );
  await aws('s3', 'rm', '--recursive', 's3://the-site/css/');
  const left = await aws.json('s3api', 'list-objects-v2', '--bucket', 'the-site', '--prefix', 'css/');
  assert.ok(!left || !('Contents' in left));
  assert.match(await aws('s3', 'rb', '--force', 's3://the-site'), /remove_bucket: the-site/);
  const deleted = await aws.json(
    's3api',
    'delete-objects',
    '--bucket',
    'the-other-site',
    '--delete',
    JSON.stringify({ Objects: [{ Key: 'page-6.html' }, { Key: 'never-was' }] }),
  );
  assert.deepEqual(deleted.Deleted.map((object: any) => object.Key).sort(), ['never-was', 'page-6.html']);
}

async function presigns(aws: Aws): Promise<void> {
  const url = (await aws('s3', 'presign', 's3://first-bucket/hello.txt', '--expires-in', '60')).trim();
  const got = await fetch(url);
  assert.deepEqual([got.status, await got.text()], [200, 'hello, sky\n'], url);
  const tampered = await fetch(url.replace('hello.txt', 'big.bin'));
  assert.equal(tampered.status, 403);
  assert.match(await tampered.text(), /<Code>SignatureDoesNotMatch<\/Code>/);
  assert.equal((await fetch(url, { method: 'PUT', body: 'a URL for reading' })).status, 403);
  assert.equal((await fetch(`${aws.bench.cloud.endpoint}/first-bucket/hello.txt`)).status, 403);
}

async function rangesAndConditions(aws: Aws): Promise<void> {
  const target = await aws.bench.place('range.out');
  const where = ['--bucket', 'first-bucket', '--key', 'hello.txt'];
  const ranged = await aws.json('s3api', 'get-object', ...where, '--range', 'bytes=7-9', target);
  assert.deepEqual([ranged.ContentRange, await readFile(target, 'utf8')], ['bytes 7-9/11', 'sky']);
  await aws('s3api', 'get-object', ...where, '--range', 'bytes=-4', target);
  assert.equal(await readFile(target, 'utf8'), 'sky\n');
  assert.match(
    await aws.fails('s3api', 'get-object', ...where, '--range', 'bytes=99-', target),
    /\(InvalidRange\) when calling the GetObject operation: The requested range is not satisfiable/,
  );
  const { ETag, LastModified } = await aws.json('s3api', 'head-object', ...where);
  assert.match(
    await aws.fails('s3api', 'get-object', ...where, '--if-none-match', ETag, target),
    /\(304\) when calling the GetObject operation: Not Modified/,
  );
  assert.match(
    await aws.fails('s3api', 'get-object', ...where, '--if-match', '"other"', target),
    /\(PreconditionFailed\) when calling the GetObject operation: At least one of the pre-conditions you specified did not hold/,
  );
  assert.match(await aws.fails('s3api', 'head-object', ...where, '--if-modified-since', LastModified), /\(304\)/);
  assert.match(
    await aws.fails(
      's3api',
      'copy-object',
      '--bucket',
      'first-bucket',
      '--key',
      'conditional',
      '--copy-source',
      'first-bucket/hello.txt',
      '--copy-source-if-match',
      '"other"',
    ),
    /\(PreconditionFailed\)/,
  );
  if (aws.major === 2) return; // Debian's v2 is older than conditional writes.
  await aws('s3api', 'put-object', '--bucket', 'first-bucket', '--key', 'once', '--if-none-match', '*');
  assert.match(
    await aws.fails('s3api', 'put-object', '--bucket', 'first-bucket', '--key', 'once', '--if-none-match', '*'),
    /\(PreconditionFailed\) when calling the PutObject operation/,
  );
}

async function checksums(aws: Aws): Promise<void> {
  const body = await aws.bench.place('hello.txt');
  for (const [algorithm, member, sum] of [
    ['SHA256', 'ChecksumSHA256', createHash('sha256').update('hello, sky\n').digest('base64')],
    ['SHA1', 'ChecksumSHA1', createHash('sha1').update('hello, sky\n').digest('base64')],
  ] as const) {
    const key = `sum-${algorithm}`;
    const put = await aws.json(
      's3api',
      'put-object',
      '--bucket',
      'first-bucket',
      '--key',
      key,
      '--body',
      body,
      '--checksum-algorithm',
      algorithm,
    );
    assert.equal(put[member], sum);
    const head = await aws.json('s3api', 'head-object', '--bucket', 'first-bucket', '--key', key, '--checksum-mode', 'ENABLED');
    assert.equal(head[member], sum);
    const { Checksum, ObjectSize } = await aws.json(
      's3api',
      'get-object-attributes',
      '--bucket',
      'first-bucket',
      '--key',
      key,
      '--object-attributes',
      'Checksum',
      'ObjectSize',
    );
    assert.deepEqual([Checksum[member], ObjectSize], [sum, 11]);
  }
  // Version 1 tries a bad digest five times, with waits between, unless told not to.
  const once = aws.as({ env: { AWS_MAX_ATTEMPTS: '1' } });
  const put = ['s3api', 'put-object', '--bucket', 'first-bucket', '--key', 'wrong', '--body', body];
  const wrong = (name: string): string => createHash(name).update('another').digest('base64');
  const refusal = /\(BadDigest\) when calling the PutObject operation.*: The (SHA256|Content-MD5) you specified did not match/;
  assert.match(await once.fails(...put, '--checksum-sha256', wrong('sha256')), refusal);
  assert.match(await once.fails(...put, '--content-md5', wrong('md5')), refusal);
}

async function lists(aws: Aws): Promise<void> {
  await aws('s3', 'mb', 's3://the-lists');
  const keys = ['a/1', 'a/2', 'b/1', 'c', 'd'];
  for (const key of keys) await writeFile(await aws.bench.place(`lists/${key}`), '');
  await aws('s3', 'sync', join(aws.bench.home, 'lists'), 's3://the-lists', '--no-progress');
  const paged = await aws.json('s3api', 'list-objects-v2', '--bucket', 'the-lists', '--page-size', '2', '--fetch-owner');
  assert.deepEqual(
    paged.Contents.map((object: any) => object.Key),
    keys,
  );
  assert.match(paged.Contents[0].Owner.ID, /^[0-9a-f]{64}$/);
  const folders = await aws.json('s3api', 'list-objects', '--bucket', 'the-lists', '--delimiter', '/');
  assert.deepEqual(
    [folders.CommonPrefixes.map((prefix: any) => prefix.Prefix), folders.Contents.map((object: any) => object.Key)],
    [
      ['a/', 'b/'],
      ['c', 'd'],
    ],
  );
  const first = await aws.json('s3api', 'list-objects-v2', '--bucket', 'the-lists', '--max-items', '3');
  const rest = await aws.json('s3api', 'list-objects-v2', '--bucket', 'the-lists', '--starting-token', first.NextToken);
  assert.deepEqual(
    [...first.Contents, ...rest.Contents].map((object: any) => object.Key),
    keys,
  );
  const after = await aws.json('s3api', 'list-objects-v2', '--bucket', 'the-lists', '--start-after', 'b');
  assert.deepEqual(
    after.Contents.map((object: any) => object.Key),
    ['b/1', 'c', 'd'],
  );
}

async function metadata(aws: Aws): Promise<void> {
  const body = await aws.bench.place('hello.txt');
  const where = ['--bucket', 'first-bucket', '--key', 'dressed'];
  await aws(
    's3',
    'cp',
    body,
    's3://first-bucket/dressed',
    '--metadata',
    'color=sky blue,Shape=round',
    '--content-type',
    'text/x-sky',
    '--cache-control',
    'max-age=60',
    '--content-disposition',
    'attachment',
    '--expires',
    '2030-01-02T03:04:05Z',
  );
  const head = await aws.json('s3api', 'head-object', ...where);
  assert.deepEqual(head.Metadata, { color: 'sky blue', shape: 'round' });
  assert.deepEqual([head.ContentType, head.CacheControl, head.ContentDisposition], ['text/x-sky', 'max-age=60', 'attachment']);
  await aws('s3api', 'put-object-tagging', ...where, '--tagging', 'TagSet=[{Key=stage,Value=프로드}]');
  assert.deepEqual((await aws.json('s3api', 'get-object-tagging', ...where)).TagSet, [{ Key: 'stage', Value: '프로드' }]);
  await aws(
    's3api',
    'copy-object',
    '--bucket',
    'first-bucket',
    '--key',
    'undressed',
    '--copy-source',
    'first-bucket/dressed',
    '--metadata-directive',
    'REPLACE',
    '--metadata',
    'only=this',
  );
  assert.deepEqual((await aws.json('s3api', 'head-object', '--bucket', 'first-bucket', '--key', 'undressed')).Metadata, { only: 'this' });
  await aws('s3api', 'delete-object-tagging', ...where);
  assert.deepEqual((await aws.json('s3api', 'get-object-tagging', ...where)).TagSet, []);
  await aws('s3api', 'put-bucket-tagging', '--bucket', 'first-bucket', '--tagging', 'TagSet=[{Key=owner,Value=ada}]');
  assert.deepEqual((await aws.json('s3api', 'get-bucket-tagging', '--bucket', 'first-bucket')).TagSet, [{ Key: 'owner', Value: 'ada' }]);
  await aws('s3api', 'delete-bucket-tagging', '--bucket', 'first-bucket');
  assert.match(
    await aws.fails('s3api', 'get-bucket-tagging', '--bucket', 'first-bucket'),
    /\(NoSuchTagSet\) when calling the GetBucketTagging operation: The TagSet does not exist/,
  );
}

async function multipartByHand(aws: Aws): Promise<void> {
  const where = ['--bucket', 'first-bucket', '--key', 'by-hand'];
  const part = await aws.bench.randomFile('part', 5 * mebibyte);
  const { UploadId } = await aws.json('s3api', 'create-multipart-upload', ...where);
  const one = await aws.json('s3api', 'upload-part', ...where, '--upload-id', UploadId, '--part-number', '1', '--body', part);
  const two = await aws.json(
    's3api',
    'upload-part-copy',
    ...where,
    '--upload-id',
    UploadId,
    '--part-number',
    '2',
    '--copy-source',
    'first-bucket/hello.txt',
  );
  const { Parts } = await aws.json('s3api', 'list-parts', ...where, '--upload-id', UploadId);
  assert.deepEqual(
    Parts.map((listed: any) => [listed.PartNumber, listed.Size]),
    [
      [1, 5 * mebibyte],
      [2, 11],
    ],
  );
  assert.deepEqual(
    (await aws.json('s3api', 'list-multipart-uploads', '--bucket', 'first-bucket')).Uploads.map((upload: any) => upload.Key),
    ['by-hand'],
  );
  const complete = (list: object[]): string[] => [
    's3api',
    'complete-multipart-upload',
    ...where,
    '--upload-id',
    UploadId,
    '--multipart-upload',
    JSON.stringify({ Parts: list }),
  ];
  assert.match(
    await aws.fails(
      ...complete([
        { PartNumber: 2, ETag: two.CopyPartResult.ETag },
        { PartNumber: 1, ETag: one.ETag },
      ]),
    ),
    /\(InvalidPartOrder\)/,
  );
  assert.match(
    await aws.fails(...complete([{ PartNumber: 1, ETag: '"0"' }])),
    /\(InvalidPart\) when calling the CompleteMultipartUpload operation: One or more of the specified parts could not be found/,
  );
  const done = await aws.json(
    ...complete([
      { PartNumber: 1, ETag: one.ETag },
      { PartNumber: 2, ETag: two.CopyPartResult.ETag },
    ]),
  );
  assert.match(done.ETag, /^"[0-9a-f]{32}-2"$/);
  const again = await aws.json('s3api', 'create-multipart-upload', ...where);
  await aws('s3api', 'abort-multipart-upload', ...where, '--upload-id', again.UploadId);
  assert.match(
    await aws.fails('s3api', 'list-parts', ...where, '--upload-id', again.UploadId),
    /\(NoSuchUpload\) when calling the ListParts operation: The specified upload does not exist/,
  );
}

async function guards(aws: Aws): Promise<void> {
  await aws('s3', 'mb', 's3://the-guarded');
  await aws('s3api', 'put-object', '--bucket', 'the-guarded', '--key', 'page', '--body', await aws.bench.place('hello.txt'));
  const document = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::the-guarded/*' }],
  });
  const blocked = await aws.fails('s3api', 'put-bucket-policy', '--bucket', 'the-guarded', '--policy', document);
  assert.match(
    blocked,
    /\(AccessDenied\) when calling the PutBucketPolicy operation: .*because public policies are (blocked|prevented) by the BlockPublicPolicy setting in S3 Block Public Access/,
  );
  await aws('s3api', 'delete-public-access-block', '--bucket', 'the-guarded');
  await aws('s3api', 'put-bucket-policy', '--bucket', 'the-guarded', '--policy', document);
  assert.deepEqual(JSON.parse((await aws.json('s3api', 'get-bucket-policy', '--bucket', 'the-guarded')).Policy), JSON.parse(document));
  assert.equal((await aws.json('s3api', 'get-bucket-policy-status', '--bucket', 'the-guarded')).PolicyStatus.IsPublic, true);
  const page = `${aws.bench.cloud.endpoint}/the-guarded/page`;
  assert.equal(await (await fetch(page)).text(), 'hello, sky\n');
  assert.equal(await aws('s3', 'cp', 's3://the-guarded/page', '-', '--no-sign-request'), 'hello, sky\n');
  await aws(
    's3api',
    'put-public-access-block',
    '--bucket',
    'the-guarded',
    '--public-access-block-configuration',
    'RestrictPublicBuckets=true',
  );
  assert.equal((await fetch(page)).status, 403);
  await aws('s3api', 'delete-bucket-policy', '--bucket', 'the-guarded');
  assert.match(
    await aws.fails('s3api', 'get-bucket-policy', '--bucket', 'the-guarded'),
    /\(NoSuchBucketPolicy\) when calling the GetBucketPolicy operation: The bucket policy does not exist/,
  );
}

async function virtualHosts(aws: Aws): Promise<void> {
  await aws('configure', 'set', 'default.s3.addressing_style', 'virtual');
  const { cloud } = aws.bench;
  const local = cloud.endpoint.replace('127.0.0.1', 's3.localhost');
  const url = (await aws('s3', 'presign', 's3://first-bucket/hello.txt', '--endpoint-url', local)).trim();
  assert.match(url, /^http:\/\/first-bucket\.s3\.localhost:\d+\/hello\.txt\?/);
  // Not every resolver knows the names below localhost, so the address is given here and the name goes in the Host header.
  const { host, pathname, search } = new URL(url);
  const answer = await get({ host: '127.0.0.1', port: cloud.port, path: pathname + search, headers: { host } });
  assert.deepEqual(answer, { status: 200, body: 'hello, sky\n' });
}

function get(options: RequestOptions): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    });
    sent.on('error', reject).end();
  });
}

function multipartETag(bytes: Buffer, partBytes: number): string {
  const sums: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += partBytes)
    sums.push(
      createHash('md5')
        .update(bytes.subarray(at, at + partBytes))
        .digest(),
    );
  return `"${createHash('md5').update(Buffer.concat(sums)).digest('hex')}-${sums.length}"`;
}
