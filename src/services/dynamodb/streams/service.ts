/** DynamoDB Streams: a service of its own to clients, over the feeds that DynamoDB's tables write. */

import type { Check } from '../../../framework/authorization.ts';
import { arn } from '../../../framework/arn.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { defineService } from '../../../framework/service.ts';
import { afterReply } from '../after-reply.ts';
import * as operations from './operations.ts';
import type { DynamodbStreams } from './sdk.ts';

const onStream =
  (action: string) =>
  (_request: ServiceRequest, input: { StreamArn: string | undefined }): Check[] =>
    checks(action, input.StreamArn!);

function checks(action: string, streamArn: string): Check[] {
  const [account] = operations.placeOfArn(streamArn);
  return [{ action: `dynamodb:${action}`, resource: streamArn, resourceAccount: account }];
}

const { DescribeStream, GetRecords, GetShardIterator, ListStreams } = operations;

export const service = defineService<DynamodbStreams>({
  name: 'dynamodb-streams',
  operations: { DescribeStream, GetRecords, GetShardIterator, ListStreams },
  authorize: {
    DescribeStream: onStream('DescribeStream'),
    GetShardIterator: onStream('GetShardIterator'),
    GetRecords: (_request, input) => checks('GetRecords', input.ShardIterator!.split('|', 1)[0]!),
    ListStreams: ({ account, region }, input) => [
      { action: 'dynamodb:ListStreams', resource: arn('dynamodb', region, account, `table/${input.TableName ?? '*'}/stream/*`) },
    ],
  },
  afterReply,
  dataEvents: ['GetRecords', 'GetShardIterator'],
});
