/** Data Firehose: its contents page. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { delivery } from './deliveries/delivery.ts';
import { builder } from './delivery-streams/builder.ts';
import { CreateDeliveryStream, onCreate } from './delivery-streams/create.ts';
import { StartDeliveryStreamEncryption, StopDeliveryStreamEncryption } from './delivery-streams/encryption.ts';
import { onAll, onStream } from './delivery-streams/lookup.ts';
import { DeleteDeliveryStream, DescribeDeliveryStream, ListDeliveryStreams } from './delivery-streams/operations.ts';
import { onUpdate, UpdateDestination } from './destinations/update.ts';
import { PutRecord, PutRecordBatch } from './records/put.ts';
import type { Firehose } from './sdk.ts';
import { kinesisSource } from './sources/kinesis.ts';
import { tables } from './tables.ts';
import { ListTagsForDeliveryStream, onTag, onUntag, TagDeliveryStream, UntagDeliveryStream } from './tags/operations.ts';

export const service = defineService<Firehose>({
  name: 'firehose',
  tables,
  operations: {
    ...{ CreateDeliveryStream, DescribeDeliveryStream, ListDeliveryStreams, DeleteDeliveryStream, UpdateDestination },
    ...{ StartDeliveryStreamEncryption, StopDeliveryStreamEncryption },
    ...{ PutRecord, PutRecordBatch },
    ...{ TagDeliveryStream, UntagDeliveryStream, ListTagsForDeliveryStream },
  },
  authorize: {
    CreateDeliveryStream: onCreate,
    DescribeDeliveryStream: onStream,
    ListDeliveryStreams: onAll,
    DeleteDeliveryStream: onStream,
    UpdateDestination: onUpdate,
    StartDeliveryStreamEncryption: onStream,
    StopDeliveryStreamEncryption: onStream,
    PutRecord: onStream,
    PutRecordBatch: onStream,
    TagDeliveryStream: onTag,
    UntagDeliveryStream: onUntag,
    ListTagsForDeliveryStream: onStream,
  },
  reconcilers: [builder, delivery, kinesisSource],
  dataEvents: ['PutRecord', 'PutRecordBatch'],
});
