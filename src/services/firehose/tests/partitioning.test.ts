/** Dynamic partitioning: records go where their keys say, and those without go below the error prefix. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DescribeDeliveryStreamCommand,
  UpdateDestinationCommand,
  type ExtendedS3DestinationConfiguration,
  type Processor,
} from '@aws-sdk/client-firehose';
import { refused } from '../../../../tests/refused.ts';
import { startCast, type Cast } from './cast.ts';

let cast: Cast;

before(async () => {
  cast = await startCast();
});
after(() => cast.cloud.close());

const extraction = (query: string): Processor => ({
  Type: 'MetadataExtraction',
  Parameters: [
    { ParameterName: 'MetadataExtractionQuery', ParameterValue: query },
    { ParameterName: 'JsonParsingEngine', ParameterValue: 'JQ-1.6' },
  ],
});

const partitioned = (prefix: string, query: string, ...more: Processor[]): Partial<ExtendedS3DestinationConfiguration> => ({
  Prefix: prefix,
  ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/',
  BufferingHints: { SizeInMBs: 64, IntervalInSeconds: 60 },
  DynamicPartitioningConfiguration: { Enabled: true, RetryOptions: { DurationInSeconds: 300 } },
  ProcessingConfiguration: { Enabled: true, Processors: [extraction(query), ...more] },
});

const delimiter: Processor = { Type: 'AppendDelimiterToRecord', Parameters: [{ ParameterName: 'Delimiter', ParameterValue: '\\n' }] };

test('records are told apart by the values that a query finds, and what has none is kept with the reason', async () => {
  const prefix = 'by/customer=!{partitionKeyFromQuery:customer}/year=!{partitionKeyFromQuery:year}/';
  await cast.stream('parted', partitioned(prefix, '{customer:.customer.id, "year": .at|strftime("%Y")}', delimiter));
  const record = (id: unknown, at: unknown): string => JSON.stringify({ customer: { id }, at });
  await cast.put(
    'parted',
    record('a', 1_565_382_027),
    record(7, 1_565_382_027),
    'no json',
    record('a', 1_565_382_028),
    record(null, 0),
    record('a', 'x'),
  );
  await cast.cloud.advance(60_000);
  const found = Object.fromEntries((await cast.objects('by/')).map(([key, body]) => [key.slice(0, key.lastIndexOf('/')), body.toString()]));
  assert.deepEqual(found, {
    'by/customer=7/year=2019': `${record(7, 1_565_382_027)}\n`,
    'by/customer=a/year=2019': `${record('a', 1_565_382_027)}\n${record('a', 1_565_382_028)}\n`,
  });
  const [[key, body], ...others] = (await cast.objects('errors/')) as [[string, Buffer]];
  assert.equal(others.length, 0);
  assert.match(key, /^errors\/metadata-extraction-failed\/\d{4}\/\d\d\/\d\d\/\d\d\/parted-1-/);
  const failures = body
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    failures.map(({ errorCode, errorMessage, rawData }) => [errorCode, errorMessage, Buffer.from(rawData, 'base64').toString()]),
    [
      ['DynamicPartitioning.MetadataExtractionFailed', 'The record is not JSON', 'no json'],
      ['DynamicPartitioning.MetadataExtractionFailed', 'Partition key customer is null or empty', record(null, 0)],
      ['DynamicPartitioning.MetadataExtractionFailed', 'strftime/1 requires a number', record('a', 'x')],
    ],
  );
});

test('records that lie in one are taken apart first', async () => {
  const json: Processor = { Type: 'RecordDeAggregation', Parameters: [{ ParameterName: 'SubRecordType', ParameterValue: 'JSON' }] };
  await cast.stream('joined', partitioned('joined/!{partitionKeyFromQuery:k}/', '{k:.k}', json));
  await cast.put('joined', '{"k":"x","t":"}{"}{"k":"y"}\n{"k":"x"}');
  const Delimiter = { ParameterName: 'Delimiter', ParameterValue: Buffer.from('##').toString('base64') } as const;
  const parts: Processor = {
    Type: 'RecordDeAggregation',
    Parameters: [{ ParameterName: 'SubRecordType', ParameterValue: 'DELIMITED' }, Delimiter],
  };
  await cast.stream('marked', partitioned('marked/!{partitionKeyFromQuery:k}/', '{k:.k[0]}', parts));
  await cast.put('marked', '{"k":["x"]}##{"k":["y"]}##');
  await cast.cloud.advance(60_000);
  const shown = async (prefix: string) => (await cast.objects(prefix)).map(([key, body]) => [key.split('/')[1], body.toString()]);
  assert.deepEqual(await shown('joined/'), [
    ['x', '{"k":"x","t":"}{"}\n{"k":"x"}'],
    ['y', '{"k":"y"}'],
  ]);
  assert.deepEqual(await shown('marked/'), [
    ['x', '{"k":["x"]}'],
    ['y', '{"k":["y"]}'],
  ]);
});

test('configurations that cannot partition are refused, and the others are told', async () => {
  const good = partitioned('p/!{partitionKeyFromQuery:k}/', '{k:.k}');
  const refusals: [Partial<ExtendedS3DestinationConfiguration>, string][] = [
    [{ ...good, BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 60 } }, 'InvalidArgumentException'],
    [{ ...good, Prefix: 'p/' }, 'InvalidArgumentException'],
    [{ ...good, Prefix: 'p/!{partitionKeyFromQuery:other}/' }, 'InvalidArgumentException'],
    [{ ...good, ProcessingConfiguration: { Enabled: false } }, 'InvalidArgumentException'],
    [{ ...good, DynamicPartitioningConfiguration: { Enabled: false } }, 'InvalidArgumentException'],
    [partitioned('p/!{partitionKeyFromQuery:k}/', '{k:.a + .b}'), 'NotImplemented'],
    [{ ...good, Prefix: 'p/!{partitionKeyFromLambda:k}/' }, 'NotImplemented'],
  ];
  for (const [destination, expected] of refusals) await refused(cast.stream('refused', destination), expected);
  const DeliveryStreamName = 'told';
  await cast.stream(DeliveryStreamName, good);
  const { DeliveryStreamDescription } = await cast.firehose.send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }));
  const described = DeliveryStreamDescription!.Destinations![0]!.ExtendedS3DestinationDescription!;
  assert.deepEqual(described.DynamicPartitioningConfiguration, good.DynamicPartitioningConfiguration);
  assert.deepEqual(described.ProcessingConfiguration, good.ProcessingConfiguration);
  const update = (ExtendedS3DestinationUpdate: object) =>
    cast.firehose.send(
      new UpdateDestinationCommand({
        ...{ DeliveryStreamName, CurrentDeliveryStreamVersionId: '1', DestinationId: 'destinationId-000000000001' },
        ExtendedS3DestinationUpdate,
      }),
    );
  await refused(update({ Prefix: 'p/', DynamicPartitioningConfiguration: { Enabled: false } }), 'InvalidArgumentException');
  await update({ Prefix: 'q/!{partitionKeyFromQuery:k}/' });
});
