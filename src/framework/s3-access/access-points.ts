/** Access points: the records that S3 Control writes and S3 obeys: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points.html */

import type { ConditionContext } from '../authorization.ts';
import type { PublicAccessBlock } from './public-access-block.ts';
import { resourceTagContext, type Tag } from '../tags.ts';
import { table } from '../../store/table.ts';

export type AccessPoint = {
  account: string;
  region: string;
  name: string;
  /** `NAME-…` with `aliasSuffix`: stands wherever S3 takes a bucket's name. */
  alias: string;
  bucket: string;
  bucketAccount: string;
  /** Milliseconds since the epoch. */
  created: number;
  /** Only calls from this VPC are let in; absent where the network origin is the internet. */
  vpc?: string;
  publicAccessBlock: PublicAccessBlock;
  /** Names the revision of its policy, by which parsed policies are cached; absent without a policy. */
  policy?: string;
  tags?: Tag[];
};

export type AccessPointPolicy = { account: string; region: string; name: string; revision: string; text: string };

export const aliasSuffix = '-s3alias';

export const accessPoints = table<AccessPoint, 'alias' | 'bucket'>('framework/access-points', {
  key: ({ account, region, name }) => [account, region, name],
  indexes: { alias: ({ alias }) => [alias], bucket: ({ bucket, account, name }) => [bucket, account, name] },
});

export const accessPointPolicies = table<AccessPointPolicy>('framework/access-point-policies', {
  key: ({ account, region, name }) => [account, region, name],
});

export function accessPointArn({ account, region, name }: Pick<AccessPoint, 'account' | 'region' | 'name'>): string {
  return `arn:aws:s3:${region}:${account}:accesspoint/${name}`;
}

export function accessPointObjectArn(point: Pick<AccessPoint, 'account' | 'region' | 'name'>, key: string): string {
  return `${accessPointArn(point)}/object/${key}`;
}

export function networkOrigin({ vpc }: Pick<AccessPoint, 'vpc'>): 'Internet' | 'VPC' {
  return vpc === undefined ? 'Internet' : 'VPC';
}

/** The condition keys by which policies know through which access point a call comes. */
export function accessPointContext(point: Pick<AccessPoint, 'account' | 'region' | 'name' | 'vpc'>): Record<string, string> {
  return {
    's3:DataAccessPointArn': accessPointArn(point),
    's3:DataAccessPointAccount': point.account,
    's3:AccessPointNetworkOrigin': networkOrigin(point),
  };
}

/** The condition keys under which policies see an access point's tags. */
export function accessPointTagContext({ tags = [] }: Pick<AccessPoint, 'tags'>): ConditionContext {
  return { ...resourceTagContext(tags), ...Object.fromEntries(tags.map(({ Key, Value }) => [`s3:AccessPointTag/${Key}`, Value])) };
}
