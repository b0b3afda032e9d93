/** Delivery streams: what is put into them arrives in a bucket. */

import {
  CreateDeliveryStreamCommand,
  DeleteDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  ListDeliveryStreamsCommand,
  PutRecordCommand,
  type DeliveryStreamDescription,
} from '@aws-sdk/client-firehose';
import type { Collection } from '../resource/collection.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { firehose } from './client.ts';
import { messages } from './messages.ts';
import { Name } from '../resource/name.tsx';

type Keys = keyof (typeof messages)['en'];

const find = async (DeliveryStreamName: string): Promise<DeliveryStreamDescription> =>
  (await firehose().send(new DescribeDeliveryStreamCommand({ DeliveryStreamName }))).DeliveryStreamDescription!;

const destinationOf = ({ Destinations = [] }: DeliveryStreamDescription) => Destinations[0]?.ExtendedS3DestinationDescription;

export const streams: Collection<DeliveryStreamDescription, Keys> = {
  ...{ service: 'firehose', path: 'streams', live: 'firehose', messages },
  ...{ title: 'streams', emptyTitle: 'streamsEmpty', emptyText: 'streamsEmptyText' },
  send: (command) => firehose().send(command),
  load: async (after) => {
    const { DeliveryStreamNames = [], HasMoreDeliveryStreams } = await firehose().send(
      new ListDeliveryStreamsCommand({ Limit: 50, ...(after && { ExclusiveStartDeliveryStreamName: after }) }),
    );
    return {
      items: await Promise.all(DeliveryStreamNames.map(find)),
      next: HasMoreDeliveryStreams ? DeliveryStreamNames.at(-1) : undefined,
    };
  },
  find,
  idOf: ({ DeliveryStreamName }) => DeliveryStreamName!,
  settled: ({ DeliveryStreamStatus: status }) => status !== 'CREATING' && status !== 'DELETING',
  columns: (t) => [
    { id: 'name', header: t.name, cell: ({ DeliveryStreamName }) => DeliveryStreamName! },
    { id: 'status', header: t.status, cell: ({ DeliveryStreamStatus }) => DeliveryStreamStatus ?? '' },
    { id: 'source', header: t.source, cell: ({ DeliveryStreamType }) => DeliveryStreamType ?? '' },
    { id: 'to', header: t.destination, width: 280, cell: (stream) => destinationOf(stream)?.BucketARN ?? '' },
    { id: 'created', header: t.created, cell: ({ CreateTimestamp }) => timeText(CreateTimestamp) },
  ],
  facts: (stream, t) => {
    const to = destinationOf(stream);
    return [
      { label: t.arn, value: stream.DeliveryStreamARN },
      { label: t.prefix, value: <Name>{to?.Prefix || '–'}</Name> },
      { label: t.buffer, value: `${to?.BufferingHints?.SizeInMBs ?? 5} MB · ${to?.BufferingHints?.IntervalInSeconds ?? 300} s` },
      { label: t.compression, value: to?.CompressionFormat },
      { label: t.role, value: to?.RoleARN },
      { label: t.problem, value: stream.FailureDescription?.Details ?? '–' },
    ];
  },
  create: {
    ...{ text: 'create', hint: 'createText' },
    fields: (t) => [
      {
        name: 'name',
        kind: 'text',
        label: t.name,
        required: true,
        check: (value) => (/^[\w.-]{1,64}$/.test(value) ? undefined : t.nameFault),
      },
      {
        ...{ name: 'bucket', kind: 'text', label: t.destination, required: true, placeholder: 'arn:aws:s3:::my-bucket' },
        check: (value) => (/^arn:aws:s3:::[a-z0-9.-]+$/.test(value) ? undefined : t.bucketFault),
      },
      {
        ...{
          name: 'role',
          kind: 'text',
          label: t.role,
          description: t.roleHint,
          required: true,
          placeholder: 'arn:aws:iam::000000000000:role/',
        },
        check: (value) => (/^arn:aws:iam::\d{12}:role\/.+$/.test(value) ? undefined : t.roleFault),
      },
      { name: 'prefix', kind: 'text', label: t.prefix, description: t.prefixHint },
      { name: 'seconds', kind: 'number', label: t.seconds, required: true, initial: '300', min: 0, max: 900 },
      {
        ...{ name: 'compression', kind: 'select', label: t.compression, required: true, initial: 'UNCOMPRESSED' },
        options: [{ value: 'UNCOMPRESSED', label: t.uncompressed }, { value: 'GZIP' }],
      },
    ],
    actionsOf: (values) => {
      const [name, BucketARN, RoleARN] = [read.text(values, 'name'), read.text(values, 'bucket'), read.text(values, 'role')];
      const [Prefix, seconds] = [read.text(values, 'prefix'), read.number(values, 'seconds') ?? 300];
      const CompressionFormat = read.text(values, 'compression') as 'UNCOMPRESSED' | 'GZIP';
      const command = new CreateDeliveryStreamCommand({
        ...{ DeliveryStreamName: name, DeliveryStreamType: 'DirectPut' },
        ExtendedS3DestinationConfiguration: {
          ...{ BucketARN, RoleARN, Prefix, CompressionFormat },
          BufferingHints: { IntervalInSeconds: seconds, SizeInMBs: 5 },
        },
      });
      const configuration = {
        ...{ bucket_arn: BucketARN, role_arn: RoleARN, prefix: Prefix, compression_format: CompressionFormat, buffering_interval: seconds },
      };
      return [
        {
          ...{ service: 'firehose', operation: 'CreateDeliveryStream', command },
          terraform: [
            {
              ...{ type: 'aws_kinesis_firehose_delivery_stream', name: name ?? 'this' },
              body: { name, destination: 'extended_s3', extended_s3_configuration: [configuration] },
            },
          ],
        },
      ];
    },
    made: (_outputs, values) => read.text(values, 'name'),
  },
  deeds: [
    {
      ...{ id: 'put', text: 'put', hint: 'putText' },
      when: ({ DeliveryStreamType, DeliveryStreamStatus }) => DeliveryStreamType === 'DirectPut' && DeliveryStreamStatus === 'ACTIVE',
      fields: (_stream, t) => [{ name: 'data', kind: 'textarea', label: t.data, required: true }],
      actionsOf: ({ DeliveryStreamName }, values) => [
        {
          ...{ service: 'firehose', operation: 'PutRecord' },
          command: new PutRecordCommand({
            DeliveryStreamName,
            Record: { Data: new TextEncoder().encode(read.text(values, 'data') ?? '') },
          }),
        },
      ],
    },
  ],
  remove: {
    actionOf: ({ DeliveryStreamName }) => ({
      ...{ service: 'firehose', operation: 'DeleteDeliveryStream' },
      command: new DeleteDeliveryStreamCommand({ DeliveryStreamName }),
    }),
    warning: 'warning',
  },
};
