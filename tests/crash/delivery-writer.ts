/** Puts records into a delivery stream and knows which must lie in S3, each once and whole. */

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateDeliveryStreamCommand, FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { bucket, clientOptions, isConnectionLost, type Writer } from './writers.ts';

const arrivalMillisecondsMax = 30_000;
const recordsPerCall = 5;

export function deliveryWriter(name: string): Writer {
  const acknowledged: number[] = [];
  const doubtful: number[] = [];
  let next = 0;
  let count = 0;

  const put = async (firehose: FirehoseClient): Promise<void> => {
    const numbers = Array.from({ length: recordsPerCall }, () => next++);
    doubtful.push(...numbers);
    const Records = numbers.map((number) => ({ Data: Buffer.from(lineOf(number)) }));
    await firehose.send(new PutRecordBatchCommand({ DeliveryStreamName: name, Records }));
    acknowledged.push(...doubtful.splice(-recordsPerCall));
    count++;
  };

  return {
    acknowledged: () => count,
    async prepare(endpoint) {
      const firehose = new FirehoseClient(clientOptions(endpoint));
      const ExtendedS3DestinationConfiguration = {
        ...{ RoleARN: await makeRole(endpoint), BucketARN: `arn:aws:s3:::${bucket}`, Prefix: `${name}/` },
        BufferingHints: { IntervalInSeconds: 1, SizeInMBs: 1 },
      };
      await firehose.send(new CreateDeliveryStreamCommand({ DeliveryStreamName: name, ExtendedS3DestinationConfiguration }));
      firehose.destroy();
    },
    async run(endpoint) {
      const firehose = new FirehoseClient(clientOptions(endpoint));
      try {
        // The stream may not be ready at first.
        for (;;) await unlessInUse(put(firehose));
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
      } finally {
        firehose.destroy();
      }
    },
    async check(endpoint) {
      const deadline = performance.now() + arrivalMillisecondsMax;
      for (;;) {
        const found = await linesBelow(endpoint, `${name}/`);
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

async function unlessInUse(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if ((error as Error).name !== 'ResourceInUseException') throw error;
  }
}

const lineOf = (number: number): string => `${number} ${'x'.repeat(number % 100)} ${number}\n`;

async function makeRole(endpoint: string): Promise<string> {
  const iam = new IAMClient(clientOptions(endpoint));
  const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  const AssumeRolePolicyDocument = document({ Principal: { Service: 'firehose.amazonaws.com' }, Action: 'sts:AssumeRole' });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'deliverer', AssumeRolePolicyDocument }));
  const PolicyDocument = document({ Action: 's3:PutObject', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'deliverer', PolicyName: 'deliver', PolicyDocument }));
  iam.destroy();
  return Role!.Arn!;
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
