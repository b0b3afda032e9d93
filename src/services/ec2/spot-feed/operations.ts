/** The data feed of spot instances: subscribe, describe, unsubscribe. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-data-feeds.html */

import { AwsError } from '../../../framework/aws-error.ts';
import { canonicalUserId, dataFeedAccount } from '../../../framework/policy/principals.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidParameterValue, missingParameter, refusal } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { inaccessible, spotFeeds, type SpotFeed } from './subscription.ts';
import { dropSpotUses } from './usage.ts';

/** What a key of 1,024 bytes leaves beside the name of a file. */
const prefixBytesMax = 900;

/** Subscribing again replaces the bucket and the prefix. */
export const CreateSpotDatafeedSubscription: Operation<'CreateSpotDatafeedSubscription'> = async (request, input) => {
  const { Bucket: bucket, Prefix: prefix } = input;
  if (!bucket) throw missingParameter('Bucket');
  if (prefix !== undefined && Buffer.byteLength(prefix) > prefixBytesMax)
    throw invalidParameterValue(`Invalid value for parameter prefix. It must have at most ${prefixBytesMax} bytes.`);
  await letFeedWrite(request, bucket);
  const { account, region } = request;
  const drawn = request.random.uuid();
  const feed = await request.store.write(async (tx) => {
    const known = await spotFeeds.get(tx, account, region);
    const row: SpotFeed = { account, region, id: known?.id ?? drawn, bucket, ...(prefix && { prefix }) };
    await spotFeeds.put(tx, row);
    return row;
  });
  return { SpotDatafeedSubscription: shown(feed) };
};

/** With the caller's permissions, as AWS does: the account that writes the feed is granted all of the bucket. */
async function letFeedWrite({ aws }: ServiceRequest, Bucket: string): Promise<void> {
  const ID = canonicalUserId(dataFeedAccount);
  try {
    const { Owner, Grants = [] } = await aws.s3('GetBucketAcl', { Bucket });
    const others = Grants.filter(({ Grantee }) => Grantee?.ID !== ID);
    const own = { Grantee: { Type: 'CanonicalUser' as const, ID }, Permission: 'FULL_CONTROL' as const };
    // Also where it is granted already: a bucket without ACLs is refused here.
    await aws.s3('PutBucketAcl', { Bucket, AccessControlPolicy: { ...(Owner && { Owner }), Grants: [...others, own] } });
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status ?? 400) >= 500) throw error;
    throw refusal(inaccessible.code)(inaccessible.message);
  }
}

const notFound = (): AwsError => refusal('InvalidSpotDatafeed.NotFound')('Spot datafeed subscription does not exist.');

function shown({ account, bucket, prefix, fault }: SpotFeed) {
  return {
    ...{ OwnerId: account, Bucket: bucket, State: fault ? ('Inactive' as const) : ('Active' as const) },
    ...(prefix !== undefined && { Prefix: prefix }),
    ...(fault && { Fault: { Code: fault.code, Message: fault.message } }),
  };
}

export const DescribeSpotDatafeedSubscription: Operation<'DescribeSpotDatafeedSubscription'> = async (request) => {
  const feed = await request.store.read((tx) => spotFeeds.get(tx, request.account, request.region));
  if (!feed) throw notFound();
  return { SpotDatafeedSubscription: shown(feed) };
};

/** What has not been delivered never is; the bucket keeps its grant. */
export const DeleteSpotDatafeedSubscription: Operation<'DeleteSpotDatafeedSubscription'> = async (request) => {
  const { account, region } = request;
  await request.store.write(async (tx) => {
    if (!(await spotFeeds.get(tx, account, region))) throw notFound();
    await spotFeeds.delete(tx, account, region);
    await dropSpotUses(tx, request);
  });
  return {};
};
