/** Kinesis Data Streams: its contents page. What is not listed here answers NotImplemented. */

import { defineService } from '../../framework/service.ts';
import { standingUse } from '../../framework/standing-use.ts';
import { DescribeAccountSettings, UpdateAccountSettings } from './account-settings/operations.ts';
import { onAddTags, onAll, onCreateStream, onGetRecords, onRemoveTags, onStream } from './authorize.ts';
import { channelDelivery } from './channels/delivery.ts';
import {
  CreateChannel,
  DeleteChannel,
  DescribeChannel,
  ListChannels,
  onChannel,
  onCreateChannel,
  UpdateChannel,
} from './channels/operations.ts';
import {
  DeregisterStreamConsumer,
  DescribeStreamConsumer,
  ListStreamConsumers,
  onConsumer,
  onRegister,
  RegisterStreamConsumer,
} from './consumers/operations.ts';
import { registrar } from './consumers/registrar.ts';
import { SubscribeToShard } from './consumers/subscribe.ts';
import { DeleteResourcePolicy, GetResourcePolicy, onResource, PutResourcePolicy } from './policies/operations.ts';
import { GetRecords, GetShardIterator } from './records/get.ts';
import { PutRecord, PutRecords } from './records/put.ts';
import { trimmer } from './records/trimmer.ts';
import type { Kinesis } from './sdk.ts';
import { ListShards, onListShards } from './shards/list.ts';
import { MergeShards, SplitShard, UpdateShardCount } from './shards/operations.ts';
import { builder } from './streams/builder.ts';
import { UpdateStreamRecordDistributionStrategy, UpdateStreamWarmThroughput } from './streams/capacity.ts';
import { CreateStream } from './streams/create.ts';
import { DeleteStream, DescribeLimits, DescribeStream, DescribeStreamSummary, ListStreams } from './streams/operations.ts';
import * as settings from './streams/settings.ts';
import { standing } from './streams/standing.ts';
import { tables } from './tables.ts';
import { AddTagsToStream, ListTagsForStream, RemoveTagsFromStream } from './tags/operations.ts';
import { ListTagsForResource, onTags, TagResource, UntagResource } from './tags/resources.ts';

export const service = defineService<Kinesis>({
  name: 'kinesis',
  tables: [...tables, standingUse],
  operations: {
    ...{ CreateStream, DescribeStream, DescribeStreamSummary, ListStreams, DeleteStream, DescribeLimits },
    ...{ AddTagsToStream, ListTagsForStream, RemoveTagsFromStream },
    ...{ TagResource, UntagResource, ListTagsForResource },
    ...{ PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy },
    ...{ ListShards, SplitShard, MergeShards, UpdateShardCount },
    ...settings,
    ...{ UpdateStreamRecordDistributionStrategy, UpdateStreamWarmThroughput, DescribeAccountSettings, UpdateAccountSettings },
    ...{ PutRecord, PutRecords, GetShardIterator, GetRecords },
    ...{ CreateChannel, DescribeChannel, ListChannels, UpdateChannel, DeleteChannel },
    ...{ RegisterStreamConsumer, DescribeStreamConsumer, ListStreamConsumers, DeregisterStreamConsumer, SubscribeToShard },
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
    TagResource: onTags,
    UntagResource: onTags,
    ListTagsForResource: onResource,
    PutResourcePolicy: onResource,
    GetResourcePolicy: onResource,
    DeleteResourcePolicy: onResource,
    ListShards: onListShards,
    SplitShard: onStream,
    MergeShards: onStream,
    UpdateShardCount: onStream,
    IncreaseStreamRetentionPeriod: onStream,
    DecreaseStreamRetentionPeriod: onStream,
    UpdateStreamMode: onStream,
    UpdateMaxRecordSize: onStream,
    UpdateStreamRecordDistributionStrategy: onStream,
    UpdateStreamWarmThroughput: onStream,
    DescribeAccountSettings: onAll,
    UpdateAccountSettings: onAll,
    EnableEnhancedMonitoring: onStream,
    DisableEnhancedMonitoring: onStream,
    StartStreamEncryption: onStream,
    StopStreamEncryption: onStream,
    RegisterStreamConsumer: onRegister,
    DescribeStreamConsumer: onConsumer,
    ListStreamConsumers: onStream,
    DeregisterStreamConsumer: onConsumer,
    SubscribeToShard: onConsumer,
    CreateChannel: onCreateChannel,
    DescribeChannel: onChannel,
    ListChannels: onAll,
    UpdateChannel: onChannel,
    DeleteChannel: onChannel,
    PutRecord: onStream,
    PutRecords: onStream,
    GetShardIterator: onStream,
    GetRecords: onGetRecords,
  },
  reconcilers: [builder, registrar, channelDelivery, trimmer, standing],
  dataEvents: ['PutRecord', 'PutRecords', 'GetShardIterator', 'GetRecords', 'SubscribeToShard'],
});
