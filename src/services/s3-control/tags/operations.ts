/** Tags of buckets, access points and what belongs to access grants, by their ARNs: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_TagResource.html */

import { AwsError, notImplemented } from '../../../framework/aws-error.ts';
import type { Check } from '../../../framework/authorization.ts';
import { parseArn } from '../../../framework/arn.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { accessPoints, type AccessPoint } from '../../../framework/s3-access/access-points.ts';
import { mergeTags, requestTagContext, resourceTagContext, tagKeyContext, tagsOf, type Tag } from '../../../framework/tags.ts';
import { checkGrantsResource, grantsTags, putGrantsTags } from '../access-grants/tags.ts';
import { checkOfPoint } from '../access-points/permissions.ts';
import { requirePoint } from '../access-points/access-point.ts';
import { s3For } from '../buckets.ts';
import { invalidRequest, noSuchResource } from '../errors.ts';
import { checkAccount } from '../permissions.ts';
import type { Input, Operation } from '../sdk.ts';
import { checkedTags } from './tags.ts';

type Tagged = { bucket: string } | { accessPoint: string } | { grants: string };

export const TagResource: Operation<'TagResource'> = async (request, input) => {
  const added = checkedTags(input.Tags);
  await change(request, taggedOf(request, input.ResourceArn), (present) => mergeTags(present, added));
  return {};
};

export const UntagResource: Operation<'UntagResource'> = async (request, input) => {
  const gone = new Set(input.TagKeys);
  await change(request, taggedOf(request, input.ResourceArn), (present) => present.filter(({ Key }) => !gone.has(Key)));
  return {};
};

export const ListTagsForResource: Operation<'ListTagsForResource'> = async (request, input) => {
  const tagged = taggedOf(request, input.ResourceArn);
  if ('bucket' in tagged) return { Tags: await tagsOfBucket(request, tagged.bucket) };
  if ('grants' in tagged) return { Tags: await request.store.read((tx) => grantsTags(tx, request, tagged.grants)) };
  const point = await request.store.read((tx) => requirePoint(tx, request, tagged.accessPoint));
  return { Tags: point.tags ?? [] };
};

async function change(request: ServiceRequest, tagged: Tagged, next: (present: Tag[]) => Tag[]): Promise<void> {
  if ('bucket' in tagged) {
    const { bucket: Bucket } = tagged;
    const TagSet = checkedTags(next(await tagsOfBucket(request, Bucket)));
    const { s3 } = s3For(request, request.account);
    await (TagSet.length > 0 ? s3('PutBucketTagging', { Bucket, Tagging: { TagSet } }) : s3('DeleteBucketTagging', { Bucket }));
    return;
  }
  await request.store.write(async (tx) => {
    if ('grants' in tagged) {
      const tags = checkedTags(next(await grantsTags(tx, request, tagged.grants)));
      return putGrantsTags(tx, request, tagged.grants, tags);
    }
    const { tags: present = [], ...point } = await requirePoint(tx, request, tagged.accessPoint);
    const tags = checkedTags(next(present));
    await accessPoints.put(tx, { ...point, ...(tags.length > 0 && { tags }) } satisfies AccessPoint);
  });
}

async function tagsOfBucket(request: ServiceRequest, Bucket: string): Promise<Tag[]> {
  try {
    return tagsOf((await s3For(request, request.account).s3('GetBucketTagging', { Bucket })).TagSet as Tag[]);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchTagSet') return [];
    if (error instanceof AwsError && error.code === 'NoSuchBucket') throw noSuchResource();
    throw error;
  }
}

/** What of S3 an ARN names. Throws InvalidRequest for what is none, and NotImplemented for what is not built. */
function taggedOf(request: ServiceRequest, text: string): Tagged {
  const arn = parseArn(text);
  if (arn?.service !== 's3') throw invalidRequest('The specified ARN is not valid.');
  if (arn.account === '' && /^[^/]+$/.test(arn.resource)) return { bucket: arn.resource };
  const ours = arn.account === request.account && arn.region === request.region;
  if (arn.resource.startsWith('access-grants/') && ours) {
    checkGrantsResource(arn.resource);
    return { grants: arn.resource };
  }
  const [, name] = /^accesspoint\/([^/]+)$/.exec(arn.resource) ?? [];
  if (name === undefined) throw notImplemented(`s3-control: tags of ${arn.resource.split('/', 1)[0]}`);
  if (!ours) throw invalidRequest('The specified ARN is not valid.');
  return { accessPoint: name };
}

export const onTagResource = (request: ServiceRequest, input: Input<'TagResource'>): Promise<Check[]> =>
  checksOf(request, input, 's3:TagResource', requestTagContext(tagsOf(input.Tags as Tag[])));
export const onUntagResource = (request: ServiceRequest, input: Input<'UntagResource'>): Promise<Check[]> =>
  checksOf(request, input, 's3:UntagResource', tagKeyContext(input.TagKeys));
export const onListTagsForResource = (request: ServiceRequest, input: Input<'ListTagsForResource'>): Promise<Check[]> =>
  checksOf(request, input, 's3:ListTagsForResource', {});

async function checksOf(
  request: ServiceRequest,
  input: { AccountId?: string | undefined; ResourceArn: string },
  action: string,
  context: NonNullable<Check['context']>,
): Promise<Check[]> {
  checkAccount(request, input.AccountId);
  const tagged = taggedOf(request, input.ResourceArn);
  if ('accessPoint' in tagged) {
    const check = await checkOfPoint(request, action, tagged.accessPoint);
    return [{ ...check, context: { ...check.context, ...context } }];
  }
  const present =
    'grants' in tagged
      ? await request.store.read((tx) => grantsTags(tx, request, tagged.grants))
      : await tagsOfBucket(request, tagged.bucket);
  return [{ action, resource: input.ResourceArn, context: { ...resourceTagContext(present), ...context } }];
}
