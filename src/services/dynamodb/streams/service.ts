/** DynamoDB Streams: a service of its own to clients, over the feeds that DynamoDB's tables write. */

import type { Check } from '../../../framework/authorization.ts';
import { arn } from '../../../framework/arn.ts';
import { parsePolicy } from '../../../framework/policy/parse.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { defineService } from '../../../framework/service.ts';
import { afterReply } from '../after-reply.ts';
import { resourcePolicies } from '../tables.ts';
import * as operations from './operations.ts';
import { placeOfArn } from './place.ts';
import type { DynamodbStreams } from './sdk.ts';

const onStream =
  (action: string) =>
  (request: ServiceRequest, input: { StreamArn: string | undefined }): Promise<Check[]> =>
    checks(request, action, input.StreamArn!);

async function checks({ store }: ServiceRequest, action: string, streamArn: string): Promise<Check[]> {
  const [account] = placeOfArn(streamArn);
  const policy = await store.read((tx) => resourcePolicies.get(tx, streamArn));
  const check: Check = { action: `dynamodb:${action}`, resource: streamArn, resourceAccount: account };
  return [policy ? { ...check, resourcePolicy: { name: streamArn, document: parsePolicy(policy.text, 'resource') } } : check];
}

const { DescribeStream, GetRecords, GetShardIterator, ListStreams } = operations;

export const service = defineService<DynamodbStreams>({
  name: 'dynamodb-streams',
  operations: { DescribeStream, GetRecords, GetShardIterator, ListStreams },
  authorize: {
    DescribeStream: onStream('DescribeStream'),
    GetShardIterator: onStream('GetShardIterator'),
    GetRecords: (request, input) => checks(request, 'GetRecords', input.ShardIterator!.split('|', 1)[0]!),
    ListStreams: ({ account, region }, input) => [
      { action: 'dynamodb:ListStreams', resource: arn('dynamodb', region, account, `table/${input.TableName ?? '*'}/stream/*`) },
    ],
  },
  afterReply,
  dataEvents: ['GetRecords', 'GetShardIterator'],
});
