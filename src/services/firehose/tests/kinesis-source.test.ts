/** A Kinesis stream as the source of a delivery stream. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateStreamCommand, KinesisClient, PutRecordsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { DescribeDeliveryStreamCommand } from '@aws-sdk/client-firehose';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { refused } from '../../../../tests/refused.ts';
import { startCast, type Cast } from './cast.ts';

let cast: Cast;
let kinesis: KinesisClient;

before(async () => {
  cast = await startCast();
  kinesis = cast.cloud.client(KinesisClient, { requestHandler: new NodeHttpHandler() });
});
after(() => cast.cloud.close());

const StreamName = 'events';

async function putEvents(...texts: string[]): Promise<void> {
  const Records = texts.map((text) => ({ Data: Buffer.from(`${text} `), PartitionKey: text }));
  await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
}

async function delivered(): Promise<string[]> {
  return (await cast.objects('from-kinesis/')).flatMap(([, body]) => body.toString().trim().split(' ')).sort();
}

test('every record of the source arrives once, from when the stream was made, also after a split', async () => {
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
  await cast.cloud.cloud.settled();
  await putEvents('before');
  await cast.cloud.advance(1_000);
  const KinesisStreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${StreamName}`;
  await cast.stream(
    'reader',
    { Prefix: 'from-kinesis/', BufferingHints: { IntervalInSeconds: 10, SizeInMBs: 1 } },
    {
      DeliveryStreamType: 'KinesisStreamAsSource',
      KinesisStreamSourceConfiguration: { KinesisStreamARN, RoleARN: cast.roleArn },
    },
  );
  const { DeliveryStreamDescription } = await cast.firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName: 'reader' }));
  assert.equal(DeliveryStreamDescription!.Source!.KinesisStreamSourceDescription!.KinesisStreamARN, KinesisStreamARN);
  const first = Array.from({ length: 20 }, (_, i) => `a${i}`);
  await putEvents(...first);
  for (let second = 0; second < 12; second++) await cast.cloud.advance(1_000);
  assert.deepEqual(await delivered(), [...first].sort());
  const NewStartingHashKey = (1n << 126n).toString();
  await kinesis.send(new SplitShardCommand({ StreamName, ShardToSplit: 'shardId-000000000000', NewStartingHashKey }));
  await cast.cloud.cloud.settled();
  const second = Array.from({ length: 20 }, (_, i) => `b${i}`);
  await putEvents(...second);
  for (let moment = 0; moment < 24; moment++) await cast.cloud.advance(1_000);
  assert.deepEqual(await delivered(), [...first, ...second].sort());
  await refused(cast.put('reader', 'x'), {
    code: 'InvalidArgumentException',
    message: 'This operation is not permitted on KinesisStreamAsSource delivery stream type.',
  });
});
