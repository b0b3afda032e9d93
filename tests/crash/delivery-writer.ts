/** Puts records into a delivery stream and knows which must lie in S3, each once and whole. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateDeliveryStreamCommand, FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { bucket, clientOptions, isConnectionLost, type Writer } from './writers.ts';

const arrivalMillisecondsMax = 30_000;
const recordsPerCall = 5;

/** Every round has a stream of its own, so that a check looks at that round's objects only. */
export function deliveryWriter(name: string): Writer {
  let round = 0;
  let acknowledged: number[] = [];
  let doubtful: number[] = [];
  let count = 0;
  const stream = (): string => `${name}-${round}`;

  const setUp = async (endpoint: string, firehose: FirehoseClient): Promise<void> => {
    const RoleARN = await roleFor(endpoint);
    await firehose.send(
      new CreateDeliveryStreamCommand({
        DeliveryStreamName: stream(),
        ExtendedS3DestinationConfiguration: {
          ...{ RoleARN, BucketARN: `arn:aws:s3:::${bucket}`, Prefix: `${stream()}/` },
          BufferingHints: { IntervalInSeconds: 0, SizeInMBs: 1 },
        },
      }),
    );
  };
  const put = async (firehose: FirehoseClient, first: number): Promise<void> => {
    doubtful = Array.from({ length: recordsPerCall }, (_, i) => first + i);
    const Records = doubtful.map((number) => ({ Data: Buffer.from(lineOf(number)) }));
    await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName: stream(), Records }));
    acknowledged.push(...doubtful);
    doubtful = [];
    count++;
  };

  return {
    acknowledged: () => count,
    async run(endpoint) {
      round++;
      [acknowledged, doubtful] = [[], []];
      const firehose = new FirehoseClient(clientOptions(endpoint));
      try {
        await setUp(endpoint, firehose);
        for (let first = 0; ;) {
          try {
            await put(firehose, first);
            first += recordsPerCall;
          } catch (error) {
            // The stream may not be ready yet.
            if ((error as Error).name !== 'ResourceInUseException') throw error;
            doubtful = [];
          }
        }
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
      } finally {
        firehose.destroy();
      }
    },
    async check(endpoint) {
      const deadline = performance.now() + arrivalMillisecondsMax;
      for (;;) {
        const found = await linesBelow(endpoint, `${stream()}/`);
        const missing = acknowledged.filter((number) => !found.includes(lineOf(number).trimEnd()));
        if (missing.length > 0) {
          assert.ok(performance.now() < deadline, `${name}: ${missing.length} acknowledged records did not arrive`);
          await sleep(50);
          continue;
        }
        const allowed = new Set([...acknowledged, ...doubtful].map((number) => lineOf(number).trimEnd()));
        assert.equal(new Set(found).size, found.length, `${name}: no record comes twice`);
        for (const line of found) assert.ok(allowed.has(line), `${name}: ${line} was put and is whole`);
        return;
      }
    },
  };
}

const lineOf = (number: number): string => `${number} ${'x'.repeat(number % 100)} ${number}\n`;

async function roleFor(endpoint: string): Promise<string> {
  const iam = new IAMClient(clientOptions(endpoint));
  const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  const AssumeRolePolicyDocument = document({ Principal: { Service: 'firehose.amazonaws.com' }, Action: 'sts:AssumeRole' });
  try {
    await iam.send(new CreateRoleCommand({ RoleName: 'deliverer', AssumeRolePolicyDocument }));
  } catch (error) {
    if ((error as Error).name !== 'EntityAlreadyExistsException') throw error;
  }
  const PolicyDocument = document({ Action: 's3:PutObject', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'deliverer', PolicyName: 'deliver', PolicyDocument }));
  iam.destroy();
  return 'arn:aws:iam::000000000000:role/deliverer';
}

async function linesBelow(endpoint: string, Prefix: string): Promise<string[]> {
  const s3 = new S3Client(clientOptions(endpoint));
  const lines: string[] = [];
  for (let ContinuationToken: string | undefined; ;) {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix, ContinuationToken }));
    for (const { Key } of page.Contents ?? []) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      lines.push(...(await Body!.transformToString()).trimEnd().split('\n'));
    }
    ContinuationToken = page.NextContinuationToken;
    if (ContinuationToken === undefined) break;
  }
  s3.destroy();
  return lines;
}
