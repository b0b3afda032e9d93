/** How a call came, as bucket policies see it: TLS and its version, and the address. */

import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { connect } from 'node:http2';
import { after, before, test } from 'node:test';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketLoggingCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { signed } from '../../../gateway/tests/raw-client.ts';
import { keptCertificate } from '../../../host/certificates.ts';

let cloud: LiveCloud;
let port: number;
let s3: S3Client;
const Bucket = 'transported';
before(async () => {
  cloud = await startCloud();
  const { key, cert } = await keptCertificate(cloud.dataDirectory, '127.0.0.1');
  ({ port } = await cloud.cloud.listen({ host: '127.0.0.1', port: 0, tls: { key, cert } }));
  s3 = cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
});
after(() => cloud.close());

const overTls = (maxVersion: 'TLSv1.2' | 'TLSv1.3') => {
  const httpsAgent = new Agent({ rejectUnauthorized: false, maxVersion });
  return cloud.client(S3Client, { endpoint: `https://127.0.0.1:${port}`, requestHandler: new NodeHttpHandler({ httpsAgent }) });
};
const deny = (Condition: object) => {
  const Statement = { Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*`, Condition };
  return s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));
};
const read = (client: S3Client) => client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
const denied = { code: 'AccessDenied', status: 403 };

test('aws:SecureTransport keeps out who comes in the clear', async () => {
  await deny({ Bool: { 'aws:SecureTransport': 'false' } });
  await refused(read(s3), denied);
  await read(overTls('TLSv1.3'));
});

test('s3:TlsVersion keeps out who comes with an older TLS, over HTTP/1.1 and HTTP/2', async () => {
  await deny({ NumericLessThan: { 's3:TlsVersion': '1.3' } });
  await refused(read(overTls('TLSv1.2')), denied);
  await read(overTls('TLSv1.3'));
  // In the clear there is no version to compare.
  await read(s3);
  assert.deepEqual([await statusOverHttp2('TLSv1.2'), await statusOverHttp2('TLSv1.3')], [403, 200]);
});

test('aws:SourceIp lets in an address, or keeps it out', async () => {
  await deny({ NotIpAddress: { 'aws:SourceIp': '127.0.0.0/8' } });
  await read(s3);
  await deny({ IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '127.0.0.1/32'] } });
  await refused(read(s3), denied);
});

test('the access log tells the version and the cipher', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'log-of-transports' }));
  const Statement = {
    Effect: 'Allow',
    Principal: { Service: 'logging.s3.amazonaws.com' },
    Action: 's3:PutObject',
    Resource: 'arn:aws:s3:::log-of-transports/*',
  };
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'log-of-transports', Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }));
  const LoggingEnabled = { TargetBucket: 'log-of-transports', TargetPrefix: '' };
  await s3.send(new PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: { LoggingEnabled } }));
  await deny({ Bool: { 'aws:SecureTransport': 'false' } });
  await read(overTls('TLSv1.3'));
  await cloud.advance(3_600_000);
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket: 'log-of-transports' }));
  const logs = await Promise.all(
    Contents!.map(async ({ Key }) => (await s3.send(new GetObjectCommand({ Bucket: 'log-of-transports', Key }))).Body!.transformToString()),
  );
  const line = logs
    .join('')
    .split('\n')
    .find((text) => text.includes('REST.GET.OBJECT k'))!;
  assert.match(line, / SigV4 TLS_\w+ AuthHeader 127\.0\.0\.1:\d+ TLSv1\.3 - -$/);
});

async function statusOverHttp2(maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<number> {
  const host = `127.0.0.1:${port}`;
  const session = connect(`https://${host}`, { rejectUnauthorized: false, maxVersion });
  try {
    const { headers } = signed({ path: `/${Bucket}/k`, headers: { host } }, { service: 's3', at: cloud.cloud.clock.now() });
    const stream = session.request({ ':path': `/${Bucket}/k`, ...headers });
    return await new Promise<number>((resolve, reject) => {
      stream.once('response', (answer) => resolve(answer[':status']!)).once('error', reject);
      stream.resume().end();
    });
  } finally {
    session.destroy();
  }
}
