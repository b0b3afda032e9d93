/** Kinesis Data Streams: its contents page. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { onAddTags, onAll, onCreateStream, onGetRecords, onRemoveTags, onStream } from './authorize.ts';
import { GetRecords, GetShardIterator } from './records/get.ts';
import { PutRecord, PutRecords } from './records/put.ts';
import { trimmer } from './records/trimmer.ts';
import type { Kinesis } from './sdk.ts';
import { ListShards, onListShards } from './shards/list.ts';
import { builder } from './streams/builder.ts';
import { CreateStream } from './streams/create.ts';
import { DeleteStream, DescribeLimits, DescribeStream, DescribeStreamSummary, ListStreams } from './streams/operations.ts';
import { tables } from './tables.ts';
import { AddTagsToStream, ListTagsForStream, RemoveTagsFromStream } from './tags/operations.ts';

export const service = defineService<Kinesis>({
  name: 'kinesis',
  tables,
  operations: {
    ...{ CreateStream, DescribeStream, DescribeStreamSummary, ListStreams, DeleteStream, DescribeLimits },
    ...{ AddTagsToStream, ListTagsForStream, RemoveTagsFromStream },
    ListShards,
    ...{ PutRecord, PutRecords, GetShardIterator, GetRecords },
  },
  authorize: {
    CreateStream: onCreateStream,
    DescribeStream: onStream,
    DescribeStreamSummary: onStream,
    ListStreams: onAll,
    DeleteStream: onStream,
    DescribeLimits: onAll,
    AddTagsToStream: onAddTags,
    ListTagsForStream: onStream,
    RemoveTagsFromStream: onRemoveTags,
    ListShards: onListShards,
    PutRecord: onStream,
    PutRecords: onStream,
    GetShardIterator: onStream,
    GetRecords: onGetRecords,
  },
  reconcilers: [builder, trimmer],
  dataEvents: ['PutRecord', 'PutRecords', 'GetShardIterator', 'GetRecords', 'SubscribeToShard'],
});
