/** Who is let in: keys, secrets, times, scopes and payload hashes, in the words of each family of services. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DescribeLocationsCommand, DirectConnectClient } from '@aws-sdk/client-direct-connect';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { rootOf, startCloud, type Credentials, type LiveCloud } from '../../../tests/live-cloud.ts';
import { basic, send, sha256, signed, type RawReply, type RawRequest } from './raw-client.ts';

let cloud: LiveCloud;
let host: string;
before(async () => {
  cloud = await startCloud();
  host = `127.0.0.1:${cloud.port}`;
  await cloud.client(S3Client).send(new CreateBucketCommand({ Bucket: 'gate' }));
});
after(() => cloud.close());

const now = (): number => cloud.cloud.clock.now();
const wrongSecret: Credentials = { accessKeyId: 'test', secretAccessKey: 'wrong' };
const noSuchKey: Credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wrong' };
const codeOf = (reply: RawReply): string | undefined => /<Code>([^<]+)/.exec(reply.text)?.[1];
const named = (name: string, status: number) => (error: unknown) => {
  const { name: actual, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
  assert.deepEqual([actual, $metadata?.httpStatusCode], [name, status]);
  return true;
};

describe('keys', () => {
  test('test/test is the root user of account 000000000000', async () => {
    const { Account, Arn, UserId } = await cloud.client(STSClient).send(new GetCallerIdentityCommand({}));
    assert.deepEqual({ Account, Arn, UserId }, { Account: '000000000000', Arn: 'arn:aws:iam::000000000000:root', UserId: '000000000000' });
  });

  test('a 12-digit key id is the root user of that account', async () => {
    const { Arn } = await cloud.client(STSClient, { credentials: rootOf('210987654321') }).send(new GetCallerIdentityCommand({}));
    assert.equal(Arn, 'arn:aws:iam::210987654321:root');
  });

  test('neither works where the cloud was told so', async () => {
    const strict = await startCloud({ testKey: false });
    try {
      await assert.rejects(strict.client(STSClient).send(new GetCallerIdentityCommand({})), named('InvalidClientTokenId', 403));
      await assert.rejects(
        strict.client(STSClient, { credentials: rootOf('210987654321') }).send(new GetCallerIdentityCommand({})),
        named('InvalidClientTokenId', 403),
      );
    } finally {
      await strict.close();
    }
  });
});

describe('pages of the web', () => {
  /** A client whose calls bear headers that only browsers send. */
  const from = <C extends STSClient | DynamoDBClient | EC2Client | S3Client>(client: C, headers: Record<string, string>): C => {
    (client as STSClient).middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { headers: Record<string, string> }).headers, headers);
        return next(args);
      },
      { step: 'build', priority: 'low' },
    );
    return client;
  };
  const strangers: Record<string, string>[] = [
    { origin: 'https://example.com' },
    { origin: 'null' },
    { origin: 'https://localhost.example.com' },
    { 'sec-fetch-site': 'cross-site' },
  ];

  test('they do not sign with the test key, in any protocol', async () => {
    for (const headers of strangers) {
      await assert.rejects(from(cloud.client(STSClient), headers).send(new GetCallerIdentityCommand({})), named('AccessDenied', 403));
      await assert.rejects(
        from(cloud.client(DynamoDBClient), headers).send(new ListTablesCommand({})),
        named('AccessDeniedException', 400),
      );
      await assert.rejects(from(cloud.client(EC2Client), headers).send(new DescribeInstancesCommand({})), named('AccessDenied', 403));
    }
  });

  test('pages of this machine do, and what a bucket gives to pages its CORS rules say', async () => {
    for (const origin of ['http://localhost:3000', 'http://127.0.0.1:5173', 'http://[::1]:8080', 'http://app.localhost'])
      await from(cloud.client(STSClient), { origin, 'sec-fetch-site': 'same-site' }).send(new GetCallerIdentityCommand({}));
    for (const headers of strangers) await from(cloud.client(S3Client), headers).send(new ListBucketsCommand({}));
  });

  test('any page may ask whether it may call, and read what it is answered, but for S3, whose buckets have rules', async () => {
    const preflight = (path: string, asked: string, name = host) =>
      send(cloud.port, {
        method: 'OPTIONS',
        path,
        headers: {
          host: name,
          origin: 'https://example.com',
          'access-control-request-method': 'POST',
          'access-control-request-headers': asked,
        },
      });
    const target = 'authorization,content-type,x-amz-date,x-amz-target';
    for (const [path, asked, name] of [
      ['/', target],
      ['/000000000000/jobs', target],
      ['/', 'authorization,content-type'],
      ['/2015-03-31/functions', 'authorization', `lambda.us-east-1.localhost:${cloud.port}`],
    ] as const) {
      const { status, headers } = await preflight(path, asked, name);
      assert.equal(status, 200, path);
      assert.deepEqual(
        ['origin', 'headers', 'credentials'].map((part) => headers[`access-control-allow-${part}`]),
        ['*', asked, undefined],
      );
      assert.match(String(headers['access-control-allow-methods']), /POST/);
    }
    for (const [path, name] of [['/gate/key'], ['/', `gate.s3.localhost:${cloud.port}`], ['/', `gate.localhost:${cloud.port}`]] as const)
      assert.equal((await preflight(path, 'authorization', name)).headers['access-control-allow-origin'], undefined, name ?? path);

    const ask = (raw: RawRequest & { headers: Record<string, string> }, service: string) =>
      send(cloud.port, signed(raw, { service, at: now() }));
    const origin = 'http://localhost:3000';
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const form = { host, origin, 'content-type': 'application/x-www-form-urlencoded' };
    const answers = [
      await ask({ method: 'POST', headers: form, body }, 'sts'),
      await ask({ method: 'POST', headers: form, body: 'Action=Nothing&Version=2011-06-15' }, 'sts'),
      await ask({ headers: { host, origin } }, 's3'),
      await ask({ method: 'POST', headers: { host, 'content-type': form['content-type'] }, body }, 'sts'),
    ];
    assert.deepEqual(
      answers.map(({ status, headers }) => [status, headers['access-control-allow-origin']]),
      [
        [200, '*'],
        [400, '*'],
        [200, undefined],
        [200, undefined],
      ],
    );
    assert.match(String(answers[0]!.headers['access-control-expose-headers']), /x-amzn-RequestId/);
  });

  test('keys of IAM are taken from everywhere, as on AWS', async () => {
    const { AccessKey } = await cloud.client(IAMClient).send(new CreateAccessKeyCommand({}));
    const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    for (const headers of strangers) await from(cloud.client(STSClient, { credentials }), headers).send(new GetCallerIdentityCommand({}));
  });
});

describe('refusals', () => {
  const families = [
    {
      family: 'S3',
      call: (c: Credentials) => cloud.client(S3Client, { credentials: c }).send(new ListBucketsCommand({})),
      unknown: ['InvalidAccessKeyId', 403],
      wrong: ['SignatureDoesNotMatch', 403],
    },
    {
      family: 'STS',
      call: (c: Credentials) => cloud.client(STSClient, { credentials: c }).send(new GetCallerIdentityCommand({})),
      unknown: ['InvalidClientTokenId', 403],
      wrong: ['SignatureDoesNotMatch', 403],
    },
    {
      family: 'EC2',
      call: (c: Credentials) => cloud.client(EC2Client, { credentials: c }).send(new DescribeInstancesCommand({})),
      unknown: ['AuthFailure', 401],
      wrong: ['AuthFailure', 401],
    },
    {
      family: 'DynamoDB',
      call: (c: Credentials) => cloud.client(DynamoDBClient, { credentials: c }).send(new ListTablesCommand({})),
      unknown: ['UnrecognizedClientException', 400],
      wrong: ['InvalidSignatureException', 400],
    },
    {
      family: 'Lambda',
      call: (c: Credentials) => cloud.client(LambdaClient, { credentials: c }).send(new ListFunctionsCommand({})),
      unknown: ['UnrecognizedClientException', 403],
      wrong: ['InvalidSignatureException', 403],
    },
  ] as const;
  for (const { family, call, unknown, wrong } of families) {
    test(`${family}: an unknown key`, () => assert.rejects(call(noSuchKey), named(unknown[0], unknown[1])));
    test(`${family}: a wrong secret`, () => assert.rejects(call(wrongSecret), named(wrong[0], wrong[1])));
  }

  test('S3 shows what it would have signed', async () => {
    const raw = signed({ path: '/gate/x%20y?list-type=2', headers: { host } }, { service: 's3', at: now(), secret: 'wrong' });
    const reply = await send(cloud.port, raw);
    assert.equal(codeOf(reply), 'SignatureDoesNotMatch');
    assert.match(reply.text, /<CanonicalRequest>GET\n\/gate\/x%20y\nlist-type=2\n/);
    assert.match(reply.text, /<StringToSign>AWS4-HMAC-SHA256\n/);
    assert.match(reply.text, /<AWSAccessKeyId>test</);
    assert.ok(!reply.text.includes('wrong'), 'no secret is repeated');
  });

  test('a header that was not signed, where S3 wants all of them signed', async () => {
    const raw = signed({ path: '/', headers: { host } }, { service: 's3', at: now() });
    const reply = await send(cloud.port, { ...raw, headers: { ...raw.headers, 'x-amz-acl': 'public-read' } });
    assert.deepEqual([reply.status, codeOf(reply)], [403, 'AccessDenied']);
    assert.match(reply.text, /HeadersNotSigned>x-amz-acl</);
  });

  test('a scope for another day, service or terminator', async () => {
    const raw = signed(
      {
        method: 'POST',
        headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'Action=GetCallerIdentity&Version=2011-06-15',
      },
      { service: 'sts', at: now() },
    );
    const scoped = (from: RegExp, to: string) =>
      send(cloud.port, { ...raw, headers: { ...raw.headers, authorization: raw.headers['authorization']!.replace(from, to) } });
    const day = await scoped(/\/\d{8}\//, '/20010101/');
    assert.equal(codeOf(day), 'SignatureDoesNotMatch');
    assert.match(day.text, /Date in Credential scope does not match YYYYMMDD/);
    assert.match((await scoped(/aws4_request/, 'aws5_request')).text, /Credential should be scoped with a valid terminator/);
    assert.match((await scoped(/us-east-1/, 'US EAST')).text, /valid region/);
  });

  test('S3 tells the right region in an element of its own', async () => {
    const wrong = async (region: string, path: string, to = host) =>
      (await send(cloud.port, signed({ path, headers: { host: to } }, { service: 's3', at: now(), region }))).text;
    for (const [region, path] of [
      ['eu-west-1', '/gate'],
      ['US', '/gate'],
      ['US', '/'],
    ] as const) {
      const text = await wrong(region, path);
      const words = `The authorization header is malformed; the region '${region}' is wrong; expecting 'us-east-1'`;
      assert.ok(text.replaceAll('&apos;', "'").includes(`<Code>AuthorizationHeaderMalformed</Code><Message>${words}</Message>`), text);
      assert.match(text, /<Region>us-east-1<\/Region>/);
    }
    assert.match(await wrong('US', '/', 's3.eu-west-1.amazonaws.com'), /<Region>eu-west-1<\/Region>/);
  });

  test('an Authorization header that lacks its parts', async () => {
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const reply = await send(cloud.port, {
      method: 'POST',
      headers: { host, 'content-type': 'application/x-www-form-urlencoded', authorization: 'AWS4-HMAC-SHA256 Credential=x' },
      body,
    });
    assert.deepEqual([reply.status, codeOf(reply)], [400, 'IncompleteSignature']);
    assert.match(
      reply.text,
      /Authorization header requires &apos;Signature&apos; parameter\.|Authorization header requires 'Signature' parameter\./,
    );
  });

  test('no signature at all', async () => {
    const form = { method: 'POST', headers: { host, 'content-type': 'application/x-www-form-urlencoded' } };
    const sts = await send(cloud.port, { ...form, body: 'Action=GetCallerIdentity&Version=2011-06-15' });
    assert.deepEqual([sts.status, codeOf(sts)], [403, 'MissingAuthenticationToken']);
    const s3 = await send(cloud.port, { path: '/gate/key', headers: { host } });
    assert.deepEqual([s3.status, codeOf(s3)], [403, 'AccessDenied']);
  });
});

describe('time', () => {
  test('S3: sixteen minutes are too many, fourteen are not', async () => {
    for (const minutes of [-16, 16]) {
      const reply = await send(cloud.port, signed({ headers: { host } }, { service: 's3', at: now() + minutes * 60_000 }));
      assert.deepEqual([reply.status, codeOf(reply)], [403, 'RequestTimeTooSkewed']);
      assert.match(reply.text, /<MaxAllowedSkewMilliseconds>900000</);
    }
    for (const minutes of [-14, 14])
      assert.equal((await send(cloud.port, signed({ headers: { host } }, { service: 's3', at: now() + minutes * 60_000 }))).status, 200);
  });

  test('STS: expired, and not yet current', async () => {
    const call = (at: number) =>
      send(
        cloud.port,
        signed(
          {
            method: 'POST',
            headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
            body: 'Action=GetCallerIdentity&Version=2011-06-15',
          },
          { service: 'sts', at },
        ),
      );
    assert.match(
      (await call(now() - 16 * 60_000)).text,
      new RegExp(
        `Signature expired: ${basic(now() - 16 * 60_000)} is now earlier than ${basic(now() - 15 * 60_000)} \\(${basic(now())} - 15 min\\.\\)`,
      ),
    );
    assert.match((await call(now() + 16 * 60_000)).text, /Signature not yet current/);
    assert.equal((await call(now())).status, 200);
  });

  test('tools that sign by the machine keep working when the cloud is far ahead; the Date header tells the cloud', async () => {
    const ahead = await startCloud();
    try {
      await ahead.advance(30 * 86_400_000);
      const client = ahead.client(S3Client, { systemClockOffset: 0 });
      const { $metadata } = await client.send(new ListBucketsCommand({}));
      assert.equal($metadata.httpStatusCode, 200);
      const reply = await send(ahead.port, { path: '/', headers: { host: `127.0.0.1:${ahead.port}` } });
      assert.equal(Date.parse(String(reply.headers['date'])), Math.floor(ahead.cloud.clock.now() / 1_000) * 1_000);
    } finally {
      await ahead.close();
    }
  });
});

describe('payload', () => {
  test('a body that is not the signed one', async () => {
    const raw = signed({ method: 'PUT', path: '/gate/hash', headers: { host }, body: 'honest' }, { service: 's3', at: now() });
    for (const body of ['forged', 'x'.repeat(200_000)]) {
      const forged = await send(cloud.port, { ...raw, body });
      assert.deepEqual([forged.status, codeOf(forged)], [400, 'XAmzContentSHA256Mismatch']);
      assert.match(forged.text, new RegExp(`<ClientComputedContentSHA256>${sha256('honest')}<`));
    }
    await assert.rejects(cloud.client(S3Client).send(new GetObjectCommand({ Bucket: 'gate', Key: 'hash' })), { name: 'NoSuchKey' });
  });

  test('S3 wants x-amz-content-sha256, and a value that means something', async () => {
    const raw = signed({ headers: { host } }, { service: 's3', at: now() });
    const { 'x-amz-content-sha256': _gone, ...without } = raw.headers;
    assert.match(
      (await send(cloud.port, { ...raw, headers: without })).text,
      /Missing required header for this request: x-amz-content-sha256/,
    );
    assert.equal(
      codeOf(await send(cloud.port, signed({ headers: { host } }, { service: 's3', at: now(), payload: 'nonsense' }))),
      'InvalidArgument',
    );
  });

  test('STS: a body that is not the signed one', async () => {
    const raw = signed(
      {
        method: 'POST',
        headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'Action=GetCallerIdentity&Version=2011-06-15',
      },
      { service: 'sts', at: now() },
    );
    const reply = await send(cloud.port, { ...raw, body: 'Action=GetCallerIdentity&Version=2011-06-15&x=1' });
    assert.deepEqual([reply.status, codeOf(reply)], [403, 'SignatureDoesNotMatch']);
  });

  test('UNSIGNED-PAYLOAD says nothing of the body', async () => {
    const raw = signed(
      { method: 'PUT', path: '/gate/unsigned', headers: { host } },
      { service: 's3', at: now(), payload: 'UNSIGNED-PAYLOAD' },
    );
    assert.equal((await send(cloud.port, { ...raw, body: 'whatever' })).status, 200);
  });
});

describe('what is not built', () => {
  test('answers NotImplemented, naming itself, after the signature was verified', async () => {
    await assert.rejects(cloud.client(DirectConnectClient).send(new DescribeLocationsCommand({})), (error: Error) => {
      named('NotImplemented', 501)(error);
      assert.match(error.message, /direct-connect:DescribeLocations/);
      return true;
    });
  });

  test('a denied call says who, what and why, and is found by its request id', async () => {
    const error: unknown = await cloud
      .client(STSClient, { credentials: wrongSecret })
      .send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::000000000000:role/x', RoleSessionName: 'abc' }))
      .catch((caught: unknown) => caught);
    const { requestId } = (error as { $metadata: { requestId: string } }).$metadata;
    const event = await cloud.cloud.audit.find(requestId);
    assert.equal(event?.errorCode, 'SignatureDoesNotMatch');
    assert.equal(event?.eventName, 'AssumeRole');
    assert.ok(!JSON.stringify(event).includes('wrong'));
  });

  test("S3's request ids are found too", async () => {
    const put = await cloud.client(S3Client).send(new PutObjectCommand({ Bucket: 'gate', Key: 'traced', Body: 'x' }));
    assert.match(put.$metadata.requestId!, /^[0-9A-F]{16}$/);
    const event = await cloud.cloud.audit.find(put.$metadata.requestId!);
    assert.deepEqual([event?.eventName, event?.userIdentity['type']], ['PutObject', 'Root']);
  });
});
