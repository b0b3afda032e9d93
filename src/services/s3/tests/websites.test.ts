/** Website hosting: documents, folders, redirections, errors as pages. */

import assert from 'node:assert/strict';
import { request, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketWebsiteCommand,
  DeletePublicAccessBlockCommand,
  GetBucketWebsiteCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutBucketWebsiteCommand,
  PutObjectCommand,
  S3Client,
  type RoutingRule,
  type WebsiteConfiguration,
} from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';

const cloud = await startCloud();
after(() => cloud.close());
const s3 = cloud.client(S3Client);
const Bucket = 'site.example';
const host = `${Bucket}.s3-website-us-east-1.localhost`;
await s3.send(new CreateBucketCommand({ Bucket }));
await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
const mayGet = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` };
const mayList = { Effect: 'Allow', Principal: '*', Action: 's3:ListBucket', Resource: `arn:aws:s3:::${Bucket}` };
const policy = (...Statement: object[]) =>
  s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));
await policy(mayGet, mayList);
for (const Key of ['index.html', 'docs/index.html', 'plain', 'oops.html'])
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key, ContentType: 'text/html', Metadata: { a: 'b' } }));
const put = (WebsiteConfiguration: WebsiteConfiguration) => s3.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration }));
const IndexDocument = { Suffix: 'index.html' };

type Answer = { status: number; headers: IncomingHttpHeaders; body: string };
function visit(path: string, options: { method?: string; host?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { host: options.host ?? host, ...options.headers };
    request({ host: '127.0.0.1', port: cloud.port, path, method: options.method ?? 'GET', headers }, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode!, headers: answer.headers, body }), reject);
    })
      .on('error', reject)
      .end();
  });
}
const location = async (path: string) => {
  const { status, headers } = await visit(path);
  return [status, headers.location];
};

test('a configuration is put, read back, and deleted', async () => {
  await refused(s3.send(new GetBucketWebsiteCommand({ Bucket })), { code: 'NoSuchWebsiteConfiguration', status: 404 });
  const none = await visit('/');
  assert.equal(none.status, 404);
  assert.match(none.body, /<li>Code: NoSuchWebsiteConfiguration<\/li>/);
  await put({ IndexDocument, ErrorDocument: { Key: 'oops.html' } });
  const { ErrorDocument, IndexDocument: index } = await s3.send(new GetBucketWebsiteCommand({ Bucket }));
  assert.deepEqual([ErrorDocument, index], [{ Key: 'oops.html' }, IndexDocument]);
  await s3.send(new DeleteBucketWebsiteCommand({ Bucket }));
  await refused(s3.send(new GetBucketWebsiteCommand({ Bucket })), 'NoSuchWebsiteConfiguration');
});

test('the index document stands for its folder, under both names of the host', async () => {
  await put({ IndexDocument });
  const home = await visit('/');
  assert.deepEqual([home.status, home.body, home.headers['content-type']], [200, 'index.html', 'text/html']);
  assert.equal(home.headers['x-amz-meta-a'], 'b');
  assert.equal((await visit('/docs/')).body, 'docs/index.html');
  assert.deepEqual(await location('/docs'), [302, '/docs/']);
  assert.equal((await visit('/plain', { host: `${Bucket}.s3-website.us-east-1.localhost:${cloud.port}` })).body, 'plain');
  assert.deepEqual((await visit('/plain', { headers: { range: 'bytes=1-2' } })).body, 'la');
  assert.equal((await visit('/plain', { headers: { 'if-none-match': home.headers.etag! } })).status, 200);
  assert.equal((await visit('/', { headers: { 'if-none-match': home.headers.etag! } })).status, 304);
  const head = await visit('/plain', { method: 'HEAD' });
  assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', '5']);
  assert.equal((await visit('/plain', { method: 'POST' })).status, 405);
  assert.match((await visit('/', { host: 'nowhere.s3-website-us-east-1.localhost' })).body, /Code: NoSuchBucket/);
});

test('errors are pages, or the error document with their status', async () => {
  await put({ IndexDocument });
  const plain = await visit('/missing<b>');
  assert.equal(plain.status, 404);
  assert.match(
    plain.body,
    /<title>404 Not Found<\/title>[\s\S]*<li>Code: NoSuchKey<\/li>\n<li>Message: The specified key does not exist.<\/li>\n<li>Key: missing&lt;b&gt;<\/li>/,
  );
  assert.equal(plain.headers['x-amz-error-code'], 'NoSuchKey');
  await put({ IndexDocument, ErrorDocument: { Key: 'oops.html' } });
  const own = await visit('/missing');
  assert.deepEqual([own.status, own.body], [404, 'oops.html']);
  await put({ IndexDocument, ErrorDocument: { Key: 'none.html' } });
  assert.match(
    (await visit('/missing')).body,
    /An Error Occurred While Attempting to Retrieve a Custom Error Document[\s\S]*Key: none.html/,
  );
  await policy(mayGet);
  assert.equal((await visit('/missing')).status, 403);
  await policy(mayList);
  assert.equal((await visit('/plain')).status, 403);
  await policy(mayGet, mayList);
});

test('routing rules redirect by prefix and by error', async () => {
  const rules: RoutingRule[] = [
    { Condition: { KeyPrefixEquals: 'old/' }, Redirect: { ReplaceKeyPrefixWith: 'docs/', HttpRedirectCode: '302' } },
    { Condition: { KeyPrefixEquals: 'away' }, Redirect: { HostName: 'example.com', Protocol: 'https', ReplaceKeyWith: 'here' } },
    { Condition: { HttpErrorCodeReturnedEquals: '404', KeyPrefixEquals: 'lost/' }, Redirect: { ReplaceKeyWith: 'index.html' } },
  ];
  await put({ IndexDocument, RoutingRules: rules });
  assert.deepEqual(await location('/old/a%20b'), [302, `http://${host}/docs/a%20b`]);
  assert.deepEqual(await location('/away/x'), [301, 'https://example.com/here']);
  assert.deepEqual(await location('/lost/x'), [301, `http://${host}/index.html`]);
  assert.equal((await visit('/missing')).status, 404);
  await put({ RedirectAllRequestsTo: { HostName: 'example.org' } });
  assert.deepEqual(await location('/a/b?c=d'), [301, 'http://example.org/a/b?c=d']);
});

test('an object may send its visitors elsewhere, and its copies do not', async () => {
  await put({ IndexDocument });
  const object = { Bucket, Key: 'moved', Body: '' };
  await s3.send(new PutObjectCommand({ ...object, WebsiteRedirectLocation: '/plain' }));
  assert.deepEqual(await location('/moved'), [301, '/plain']);
  assert.equal((await s3.send(new HeadObjectCommand({ Bucket, Key: 'moved' }))).WebsiteRedirectLocation, '/plain');
  await s3.send(new CopyObjectCommand({ Bucket, Key: 'copied', CopySource: `${Bucket}/moved` }));
  assert.equal((await visit('/copied')).status, 200);
  await refused(s3.send(new PutObjectCommand({ ...object, WebsiteRedirectLocation: 'ftp://x' })), 'InvalidRedirectLocation');
});

test('bad configurations are refused in the words of AWS', async () => {
  await refused(put({}), { code: 'InvalidArgument', message: /IndexDocument Suffix must be provided/ });
  await refused(put({ IndexDocument: { Suffix: 'a/b' } }), { code: 'InvalidArgument', message: /not well formed/ });
  await refused(put({ IndexDocument, RedirectAllRequestsTo: { HostName: 'x' } }), 'InvalidArgument');
  const rule = (RoutingRules: RoutingRule) => put({ IndexDocument, RoutingRules: [RoutingRules] });
  await refused(rule({ Redirect: { ReplaceKeyWith: 'a', ReplaceKeyPrefixWith: 'b' } }), 'InvalidRequest');
  await refused(rule({ Redirect: { HttpRedirectCode: '300' } }), { code: 'InvalidRequest', message: /Valid codes are 3XX except 300/ });
  await refused(rule({ Condition: { HttpErrorCodeReturnedEquals: '200' }, Redirect: { HostName: 'x' } }), 'InvalidRequest');
  await refused(put({ RedirectAllRequestsTo: { HostName: 'x', Protocol: 'ftp' as 'http' } }), 'InvalidRequest');
});
