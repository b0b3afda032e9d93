/** Tags of what was charged, asked of the services as the account itself. They are those of now; what is gone has none. */

import { parseArn, type Arn } from '../../framework/arn.ts';
import { AwsError } from '../../framework/aws-error.ts';
import type { Charge } from '../../framework/billing/rate.ts';
import type { Aws } from '../../framework/clients.ts';
import { rootUser } from '../../framework/principal.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { tagsOf, type Tag } from '../../framework/tags.ts';

export type ResourceTags = { of(charge: Pick<Charge, 'resource'>): Readonly<Record<string, string>> };

const none: Readonly<Record<string, string>> = Object.freeze(Object.create(null) as Record<string, string>);

export const noTags: ResourceTags = { of: () => none };

/** How each service tells the tags of a resource. */
const askers: Readonly<Record<string, (aws: Aws, resource: string, arn: Arn) => Promise<Tag[]>>> = {
  s3: async (aws, _resource, { resource: Bucket }) => tagsOf((await aws.s3('GetBucketTagging', { Bucket })).TagSet as Tag[]),
  ec2: async (aws, _resource, { resource }) => {
    const id = resource.slice(resource.indexOf('/') + 1);
    const { Tags } = await aws.ec2('DescribeTags', { Filters: [{ Name: 'resource-id', Values: [id] }] });
    return tagsOf(Tags as Tag[]);
  },
  sqs: async (aws, _resource, { account, resource }) => {
    const { QueueUrl } = await aws.sqs('GetQueueUrl', { QueueName: resource, QueueOwnerAWSAccountId: account });
    return tagsOf((await aws.sqs('ListQueueTags', { QueueUrl })).Tags);
  },
  sns: async (aws, ResourceArn) => tagsOf((await aws.sns('ListTagsForResource', { ResourceArn })).Tags as Tag[]),
  dynamodb: async (aws, _resource, { region, account, resource }) => {
    const table = /^table\/[^/]+/.exec(resource)?.[0] ?? resource;
    const { Tags } = await aws.dynamodb('ListTagsOfResource', { ResourceArn: `arn:aws:dynamodb:${region}:${account}:${table}` });
    return tagsOf(Tags as Tag[]);
  },
  kinesis: async (aws, StreamARN) => tagsOf((await aws.kinesis('ListTagsForStream', { StreamARN })).Tags as Tag[]),
  firehose: async (aws, _resource, { resource }) => {
    const DeliveryStreamName = resource.slice(resource.indexOf('/') + 1);
    return tagsOf((await aws.firehose('ListTagsForDeliveryStream', { DeliveryStreamName })).Tags as Tag[]);
  },
  glacier: async (aws, _resource, { account, resource }) => {
    const vaultName = resource.slice(resource.indexOf('/') + 1);
    return tagsOf((await aws.glacier('ListTagsForVault', { accountId: account, vaultName })).Tags);
  },
  kms: async (aws, KeyId) => {
    const { Tags } = await aws.kms('ListResourceTags', { KeyId });
    return (Tags ?? []).map(({ TagKey = '', TagValue = '' }) => ({ Key: TagKey, Value: TagValue }));
  },
  ssm: async (aws, _resource, { resource }) => {
    const ResourceId = resource.replace(/^parameter(?=\/)/, '');
    return tagsOf((await aws.ssm('ListTagsForResource', { ResourceType: 'Parameter', ResourceId })).TagList as Tag[]);
  },
  logs: async (aws, _resource, { region, account, resource }) => {
    const { tags } = await aws.cloudwatchLogs('ListTagsForResource', {
      resourceArn: `arn:aws:logs:${region}:${account}:${resource.replace(/:\*$/, '')}`,
    });
    return tagsOf(tags);
  },
};

/** Asks once for each resource. */
export async function resourceTags(
  request: ServiceRequest,
  charges: readonly Pick<Charge, 'resource' | 'region'>[],
): Promise<ResourceTags> {
  const known = new Map<string, Readonly<Record<string, string>>>();
  for (const { resource, region } of charges)
    if (resource !== '' && !known.has(resource)) known.set(resource, await ask(request, resource, region));
  return { of: ({ resource }) => known.get(resource) ?? none };
}

async function ask(request: ServiceRequest, resource: string, region: string): Promise<Readonly<Record<string, string>>> {
  const arn = parseArn(resource);
  if (!arn || !Object.hasOwn(askers, arn.service)) return none;
  const { account } = request;
  const aws = request.awsAs(rootUser(account), { account, region: arn.region || region, quiet: true });
  try {
    const tags: Record<string, string> = Object.create(null);
    for (const { Key, Value } of await askers[arn.service]!(aws, resource, arn)) tags[Key] = Value;
    return tags;
  } catch (error) {
    // Gone since, or another account's.
    if (error instanceof AwsError) return none;
    throw error;
  }
}
