/** CreateDeliveryStream: https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html */

import type { Authorizer, Check } from '../../../framework/authorization.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import { requestTagContext, tagsOf } from '../../../framework/tags.ts';
import { readDestination } from '../destinations/s3.ts';
import { fault, invalidArgument, limitExceeded, refuse, streamExists } from '../errors.ts';
import { streamsPerRegionMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { streams, type KinesisSource, type Stream } from '../tables.ts';
import { checkedTags } from '../tags/tags.ts';
import { checkedEncryption } from './encryption.ts';
import { checkName, nameOf } from './lookup.ts';
import { asRole, passRole } from './role.ts';
import { streamArn } from './stream.ts';

type CreateInput = Input<'CreateDeliveryStream'>;

export const onCreate: Authorizer<CreateInput> = (request, input) => {
  checkName(input.DeliveryStreamName);
  const tags = tagsOf(input.Tags as { Key: string; Value: string }[] | undefined);
  const create: Check = {
    action: 'firehose:CreateDeliveryStream',
    resource: streamArn(nameOf(request, input)),
    context: requestTagContext(tags),
  };
  const tagging = tags.length > 0 ? [{ ...create, action: 'firehose:TagDeliveryStream' }] : [];
  return [create, ...tagging, ...rolesOf(input).map(passRole)];
};

function rolesOf(input: CreateInput): string[] {
  const roles = [
    input.ExtendedS3DestinationConfiguration?.RoleARN,
    input.S3DestinationConfiguration?.RoleARN,
    input.KinesisStreamSourceConfiguration?.RoleARN,
    input.ExtendedS3DestinationConfiguration?.DataFormatConversionConfiguration?.SchemaConfiguration?.RoleARN,
  ];
  return [...new Set(roles.filter((role) => role !== undefined))];
}

const otherDestinations = [
  ...['RedshiftDestinationConfiguration', 'ElasticsearchDestinationConfiguration', 'AmazonopensearchserviceDestinationConfiguration'],
  ...['SplunkDestinationConfiguration', 'HttpEndpointDestinationConfiguration', 'AmazonOpenSearchServerlessDestinationConfiguration'],
  ...['SnowflakeDestinationConfiguration', 'IcebergDestinationConfiguration', 'MSKSourceConfiguration', 'DatabaseSourceConfiguration'],
] as const;

export const CreateDeliveryStream: Operation<'CreateDeliveryStream'> = async (request, input) => {
  for (const name of otherDestinations) if (name in input) throw notImplemented(`firehose:CreateDeliveryStream with ${name}`);
  const { account, region, name } = nameOf(request, input);
  const source = sourceOf(input, request.now);
  const hint = input.DirectPutSourceConfiguration?.ThroughputHintInMBs;
  const encryption = await checkedEncryption(request, input.DeliveryStreamEncryptionConfigurationInput);
  if (encryption && source) throw invalidArgument('Server-side encryption cannot be enabled when the source is a Kinesis data stream.');
  const stream: Stream = {
    ...{ account, region, name, id: request.random.uuid(), created: request.now, status: 'CREATING', version: 1 },
    ...(source && { source }),
    ...(hint !== undefined && { throughputHint: hint }),
    destination: destinationOf(input),
    ...(encryption && { encryption }),
    tags: checkedTags([], tagsOf(input.Tags as { Key: string; Value: string }[] | undefined)),
  };
  for (const role of rolesOf(input)) await asRole(request, stream, role);
  await request.store.write(async (tx) => {
    if (await streams.get(tx, account, region, name)) throw streamExists(stream);
    const present = await streams.scan(tx, [account, region], { limit: streamsPerRegionMax });
    if (present.length >= streamsPerRegionMax)
      throw limitExceeded(`You have already consumed your firehose quota of ${streamsPerRegionMax} hoses.`);
    await streams.put(tx, stream);
  });
  return { DeliveryStreamARN: streamArn(stream) };
};

function destinationOf(input: CreateInput): Stream['destination'] {
  const { ExtendedS3DestinationConfiguration: extended, S3DestinationConfiguration: plain } = input;
  if (extended && plain) throw invalidArgument('Exactly one destination configuration is supported for a Firehose');
  if (extended) return readDestination('CreateDeliveryStream', extended, { extended: true });
  if (plain) return readDestination('CreateDeliveryStream', plain, { extended: false });
  throw invalidArgument('Exactly one destination configuration is supported for a Firehose');
}

function sourceOf(input: CreateInput, now: number): KinesisSource | undefined {
  const type = input.DeliveryStreamType ?? 'DirectPut';
  const source = input.KinesisStreamSourceConfiguration;
  const types = ['DirectPut', 'KinesisStreamAsSource', 'MSKAsSource', 'DatabaseAsSource'];
  if (!types.includes(type)) refuse([fault('deliveryStreamType', type, `satisfy enum value set: [${types.join(', ')}]`)]);
  if (type === 'MSKAsSource' || type === 'DatabaseAsSource')
    throw notImplemented(`firehose:CreateDeliveryStream with DeliveryStreamType ${type}`);
  if (type === 'DirectPut') {
    if (source) throw invalidArgument('KinesisStreamSourceConfig is only applicable for KinesisStreamAsSource stream type');
    return undefined;
  }
  if (!source) throw invalidArgument('KinesisStreamSourceConfig is required for KinesisStreamAsSource stream type');
  if (!/^arn:.*:kinesis:[a-zA-Z0-9-]+:\d{12}:stream\/[a-zA-Z0-9_.-]+$/.test(source.KinesisStreamARN!))
    refuse([
      fault(
        'kinesisStreamSourceConfiguration.kinesisStreamARN',
        source.KinesisStreamARN,
        'satisfy regular expression pattern: arn:.*:kinesis:[a-zA-Z0-9\\-]+:\\d{12}:stream/[a-zA-Z0-9_.-]+',
      ),
    ]);
  return { streamArn: source.KinesisStreamARN!, roleArn: source.RoleARN!, startedAt: now };
}
