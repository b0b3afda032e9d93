/** Which operation a REST request is for. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadModel } from '../../src/protocols/models.ts';
import { routeRest } from '../../src/protocols/rest-route.ts';

/** The operation and labels of `METHOD /path?query`; for S3, `bucket` is taken out of the path already. */
function route(
  service: string,
  line: string,
  headers: Record<string, string> = {},
  bucket?: string,
): [string | undefined, Record<string, string>] {
  const [method, target] = line.split(' ') as [string, string];
  const [path, rawQuery = ''] = target.split('?', 2) as [string, string | undefined];
  const query = new Map([...new URLSearchParams(rawQuery)].map(([name, value]) => [name, [value]]));
  const match = routeRest(loadModel(service), { method, path, rawQuery, query, headers, ...(bucket !== undefined && { bucket }) });
  return [match?.operation.name, match?.labels ?? {}];
}

describe('S3', () => {
  const inBucket = (line: string, headers?: Record<string, string>) => route('s3', line, headers, 'b');
  const cases: [line: string, operation: string | undefined][] = [
    ['GET /', 'ListObjects'],
    ['GET /?list-type=2', 'ListObjectsV2'],
    ['GET /?versions', 'ListObjectVersions'],
    ['GET /?uploads', 'ListMultipartUploads'],
    ['GET /?inventory', 'ListBucketInventoryConfigurations'],
    ['GET /?inventory&id=1', 'GetBucketInventoryConfiguration'],
    ['PUT /', 'CreateBucket'],
    ['DELETE /', 'DeleteBucket'],
    ['POST /?delete', 'DeleteObjects'],
    ['GET /k?tagging', 'GetObjectTagging'],
    ['GET /k?uploadId=1', 'ListParts'],
    ['PUT /k', 'PutObject'],
    ['PUT /k?x-id=PutObject', 'PutObject'],
    ['PUT /k?x-id=nonsense&mine=1', 'PutObject'],
    ['PUT /k?partNumber=1&uploadId=1', 'UploadPart'],
    ['POST /k?uploads', 'CreateMultipartUpload'],
    ['POST /k?uploadId=1', 'CompleteMultipartUpload'],
    ['DELETE /k?uploadId=1', 'AbortMultipartUpload'],
    ['DELETE /k?versionId=1', 'DeleteObject'],
    // A subresource that the method does not know is never taken for the bucket or object itself.
    ['DELETE /?versioning', undefined],
    ['PUT /k?uploadId=1', undefined],
    ['PUT /k?versions', undefined],
    ['PATCH /k', undefined],
  ];
  for (const [line, operation] of cases) test(`${line} is ${operation ?? 'nothing'}`, () => assert.equal(inBucket(line)[0], operation));

  test('headers tell copies from uploads', () => {
    const copy = { 'x-amz-copy-source': 'b/k' };
    assert.equal(inBucket('PUT /k', copy)[0], 'CopyObject');
    assert.equal(inBucket('PUT /k?partNumber=1&uploadId=1', copy)[0], 'UploadPartCopy');
  });

  test('without a bucket the buckets are listed', () => assert.equal(route('s3', 'GET /')[0], 'ListBuckets'));

  test('keys keep their slashes and are decoded once', () => {
    for (const [path, key] of [
      ['/a%20b/c', 'a b/c'],
      ['/k//', 'k//'],
      ['//', '/'],
      ['/%2525', '%25'],
      ['/a/../b', 'a/../b'],
      ['/%ED%95%98', '하'],
    ] as const) {
      assert.deepEqual(inBucket(`GET ${path}`), ['GetObject', { Key: key, Bucket: 'b' }]);
    }
  });

  test('a key that is no UTF-8 is no route', () => assert.equal(inBucket('GET /%ff')[0], undefined));
});

describe('other REST services', () => {
  test('an encoded slash stays in its label', () => {
    assert.deepEqual(route('lambda', 'GET /2015-03-31/functions/arn%3Aaws%2Fx/configuration'), [
      'GetFunctionConfiguration',
      { FunctionName: 'arn:aws/x' },
    ]);
  });
  test('a slash at the end is none', () => assert.equal(route('lambda', 'GET /2015-03-31/functions/')[0], 'ListFunctions'));
  test('literals are preferred to labels', () => {
    assert.equal(route('api-gateway', 'GET /restapis/x/resources')[0], 'GetResources');
    assert.equal(route('route-53', 'GET /2013-04-01/hostedzonecount')[0], 'GetHostedZoneCount');
  });
  test('a label may take several segments', () => {
    assert.deepEqual(route('s3-control', 'GET /v20180820/mrap/instances/a/b'), ['GetMultiRegionAccessPoint', { Name: 'a/b' }]);
    assert.deepEqual(route('s3-control', 'GET /v20180820/mrap/instances/a/b/policy'), ['GetMultiRegionAccessPointPolicy', { Name: 'a/b' }]);
  });
  test('an empty label is no route', () => assert.equal(route('lambda', 'GET /2015-03-31/functions//configuration')[0], undefined));
  test('a long path of many segments is refused quickly', () => assert.equal(route('lambda', `GET ${'/a'.repeat(4000)}`)[0], undefined));
});
