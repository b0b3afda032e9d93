/** Where a request goes: by credential scope, target, protocol, Host and path, as the SDKs and old tools write them. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ApiGatewayV2Client, GetApisCommand } from '@aws-sdk/client-apigatewayv2';
import { APIGatewayClient, GetRestApisCommand } from '@aws-sdk/client-api-gateway';
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLoadBalancersCommand, ElasticLoadBalancingClient } from '@aws-sdk/client-elastic-load-balancing';
import { DescribeLoadBalancersCommand as DescribeV2, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { ListMultiRegionAccessPointsCommand, S3ControlClient } from '@aws-sdk/client-s3-control';
import { byHostName } from '../../../tests/by-host-name.ts';
import { startCloud, type LiveCloud } from '../../../tests/live-cloud.ts';
import { createHostReader } from '../hosts.ts';
import { send, signed, type RawReply } from './raw-client.ts';

describe('Host headers', () => {
  const services = new Set(['sqs', 's3', 'sts', 's3-control', 'execute-api', 'queue']);
  const read = createHostReader((label) => services.has(label));
  const cases: [host: string, hint: ReturnType<typeof read>][] = [
    ['localhost:4566', {}],
    ['127.0.0.1', {}],
    ['[::1]:4566', {}],
    ['haneul.lan', {}],
    ['s3.amazonaws.com', { service: 's3' }],
    ['s3.eu-west-1.amazonaws.com', { service: 's3', region: 'eu-west-1' }],
    ['s3-eu-west-1.amazonaws.com', { service: 's3', region: 'eu-west-1' }],
    ['s3.dualstack.eu-west-1.amazonaws.com', { service: 's3', region: 'eu-west-1' }],
    ['my.dotted.bucket.s3.eu-west-1.amazonaws.com', { service: 's3', region: 'eu-west-1', bucket: 'my.dotted.bucket' }],
    ['bucket.s3.amazonaws.com:80', { service: 's3', bucket: 'bucket' }],
    ['BUCKET.S3.Amazonaws.com', { service: 's3', bucket: 'bucket' }],
    ['s3.bucket.s3.amazonaws.com', { service: 's3', bucket: 's3.bucket' }],
    ['bucket.s3.localhost:4566', { service: 's3', bucket: 'bucket' }],
    ['bucket.s3.localhost.localstack.cloud:4566', { service: 's3', bucket: 'bucket' }],
    ['my.site.s3-website-eu-west-1.localhost:4566', { service: 's3', region: 'eu-west-1', bucket: 'my.site', website: true }],
    ['site.s3-website.us-east-1.amazonaws.com', { service: 's3', region: 'us-east-1', bucket: 'site', website: true }],
    [
      'my-point-000000000000.s3-accesspoint.eu-west-1.amazonaws.com',
      { service: 's3', region: 'eu-west-1', bucket: 'arn:aws:s3:eu-west-1:000000000000:accesspoint/my-point', accessPoint: true },
    ],
    [
      'a-000000000000.s3-accesspoint-fips.dualstack.localhost',
      { service: 's3', bucket: 'arn:aws:s3::000000000000:accesspoint/a', accessPoint: true },
    ],
    ['bucket.s3-accesspoint.eu-west-1.amazonaws.com', { service: 's3', region: 'eu-west-1', bucket: 'bucket' }],
    ['bucket.localhost:4566', { bucketIfS3: 'bucket' }],
    ['a.b.localhost', { bucketIfS3: 'a.b' }],
    ['sqs.us-east-1.localhost.localstack.cloud:4566', { service: 'sqs', region: 'us-east-1' }],
    ['us-gov-west-1.queue.amazonaws.com', { service: 'queue', region: 'us-gov-west-1' }],
    ['sts.amazonaws.com', { service: 'sts' }],
    ['000000000000.s3-control.us-east-1.amazonaws.com', { service: 's3-control', region: 'us-east-1' }],
    ['evil.amazonaws.com.example.org', {}],
  ];
  for (const [host, hint] of cases) test(host, () => assert.deepEqual(read(host), hint));
});

describe('routing', () => {
  let cloud: LiveCloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());
  const codeOf = (reply: RawReply): string | undefined => /<Code>([^<]+)/.exec(reply.text)?.[1];

  test('a bucket in the host name, dots included', async () => {
    const virtual = cloud.client(S3Client, { ...byHostName(cloud.port), forcePathStyle: false });
    for (const Bucket of ['virtual', 'dotted.bucket.name']) {
      await virtual.send(new CreateBucketCommand({ Bucket }));
      await virtual.send(new PutObjectCommand({ Bucket, Key: 'a//b/%zz.txt', Body: Bucket }));
      assert.equal(await (await virtual.send(new GetObjectCommand({ Bucket, Key: 'a//b/%zz.txt' }))).Body!.transformToString(), Bucket);
      const path = cloud.client(S3Client);
      assert.deepEqual(
        (await path.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(({ Key }) => Key),
        ['a//b/%zz.txt'],
      );
    }
  });

  test('a key under the paths of the control API stays a key where the host names a bucket', async () => {
    const host = `virtual.s3.us-east-1.amazonaws.com`;
    const reply = await send(
      cloud.port,
      signed({ path: '/_haneul/health', headers: { host } }, { service: 's3', at: cloud.cloud.clock.now() }),
    );
    assert.deepEqual([reply.status, codeOf(reply)], [404, 'NoSuchKey']);
  });

  test('unsigned calls by their Host, and S3 where it says nothing', async () => {
    const form = (host: string, body: string) =>
      send(cloud.port, { method: 'POST', headers: { host, 'content-type': 'application/x-www-form-urlencoded' }, body });
    assert.match((await form('iam.amazonaws.com', 'Action=ListUsers')).text, /MissingAuthenticationToken/);
    assert.match((await form('localhost', 'Action=ListUsers&Version=2010-05-08')).text, /MissingAuthenticationToken/);
    assert.match(
      (await form('localhost', 'Action=Nothing&Version=2010-05-08')).text,
      /Could not find operation Nothing for version 2010-05-08/,
    );
    assert.match((await form('localhost', 'Nothing=')).text, /MissingAction/);
    assert.equal(codeOf(await send(cloud.port, { path: '/', headers: { host: 'localhost' } })), 'AccessDenied');
  });

  const unbuilt: [string, () => Promise<unknown>][] = [
    [
      'elastic-load-balancing:DescribeLoadBalancers',
      () => cloud.client(ElasticLoadBalancingClient).send(new DescribeLoadBalancersCommand({})),
    ],
    ['elastic-load-balancing-v2:DescribeLoadBalancers', () => cloud.client(ElasticLoadBalancingV2Client).send(new DescribeV2({}))],
    ['api-gateway:GetRestApis', () => cloud.client(APIGatewayClient).send(new GetRestApisCommand({}))],
    ['apigatewayv2:GetApis', () => cloud.client(ApiGatewayV2Client).send(new GetApisCommand({}))],
    ['eventbridge:ListRules', () => cloud.client(EventBridgeClient).send(new ListRulesCommand({}))],
    ['cloudwatch:ListMetrics', () => cloud.client(CloudWatchClient).send(new ListMetricsCommand({}))],
    [
      's3-control:ListMultiRegionAccessPoints',
      () =>
        cloud.client(S3ControlClient, byHostName(cloud.port)).send(new ListMultiRegionAccessPointsCommand({ AccountId: '000000000000' })),
    ],
  ];
  for (const [name, call] of unbuilt) {
    test(`${name} is found among services of the same signing name, and named`, async () => {
      await assert.rejects(call(), (error: Error) => {
        assert.equal(error.name, 'NotImplemented');
        assert.match(error.message, new RegExp(`\\b${name}\\b`));
        return true;
      });
    });
  }

  test('a service that no model knows is named too', async () => {
    const reply = await send(cloud.port, signed({ headers: { host: 'localhost' } }, { service: 'sumerian', at: cloud.cloud.clock.now() }));
    assert.deepEqual([reply.status, codeOf(reply)], [501, 'NotImplemented']);
    assert.match(reply.text, /sumerian/);
  });
});
