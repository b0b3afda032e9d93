/** What was acknowledged outlives a stop of the cloud, and is delivered once it runs again. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { startCloud } from '../../../../tests/live-cloud.ts';
import { startCast } from './cast.ts';

test('records that waited when the cloud stopped are delivered by the next', async (t) => {
  const cast = await startCast();
  await cast.stream('lasting', { Prefix: 'lasting/' });
  await cast.put('lasting', 'one ', 'two ');
  await cast.put('lasting', 'three');
  await cast.cloud.close({ keep: true });
  const again = await startCloud({ dataDirectory: cast.cloud.dataDirectory });
  t.after(() => again.close());
  await again.advance(300_000);
  const s3 = again.client(S3Client);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'delivered' }));
  assert.equal(Contents.length, 1);
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'delivered', Key: Contents[0]!.Key }));
  assert.equal(await Body!.transformToString(), 'one two three');
});
