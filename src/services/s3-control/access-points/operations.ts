/** Access points: create, get, list, delete: https://docs.aws.amazon.com/AmazonS3/latest/userguide/creating-access-points.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import { accessPointArn, accessPointPolicies, accessPoints, type AccessPoint } from '../../../framework/s3-access/access-points.ts';
import { blockOf, configurationOf, everythingBlocked } from '../../../framework/s3-access/public-access-block.ts';
import { headBucket } from '../buckets.ts';
import { accessPointAlreadyOwnedByYou, invalidRequest, tooManyAccessPoints } from '../errors.ts';
import { accessPointsPerRegionMax, listedMax } from '../limits.ts';
import { cursorOf, pageSize, tokenOf } from '../pages.ts';
import type { Operation } from '../sdk.ts';
import { checkedTags } from '../tags/tags.ts';
import { checkName, endpointsOf, listed, newAlias, requirePoint } from './access-point.ts';

export const CreateAccessPoint: Operation<'CreateAccessPoint'> = async (request, input) => {
  const { Name: name, Bucket: bucket, PublicAccessBlockConfiguration: block } = input;
  const { account, region } = request;
  if (input.Scope) throw invalidRequest('Scope is only supported for access points attached to directory buckets.');
  const tags = checkedTags(input.Tags ?? []);
  const bucketAccount = input.BucketAccountId ?? account;
  if (!/^\d{12}$/.test(bucketAccount)) throw invalidRequest('Request invalid');
  await requireBucket(await headBucket(request, bucket, bucketAccount), region);
  const point: AccessPoint = {
    ...{ account, region, name, bucket, bucketAccount, created: request.now, alias: newAlias(name, request.random) },
    ...(input.VpcConfiguration && { vpc: vpcOf(input.VpcConfiguration.VpcId) }),
    // Once and for all.
    publicAccessBlock: block ? blockOf(block) : everythingBlocked,
    ...(tags.length > 0 && { tags }),
  };
  await request.store.write(async (tx) => {
    if (await accessPoints.get(tx, account, region, name)) throw accessPointAlreadyOwnedByYou(name);
    const present = await accessPoints.scan(tx, [account, region], { limit: accessPointsPerRegionMax });
    if (present.length >= accessPointsPerRegionMax) throw tooManyAccessPoints();
    await accessPoints.put(tx, point);
  });
  return { AccessPointArn: accessPointArn(point), Alias: point.alias };
};

function requireBucket(found: Awaited<ReturnType<typeof headBucket>>, region: string): void {
  if (found === 'absent') throw invalidRequest('Amazon S3 AccessPoint can only be created for existing bucket');
  if (found === 'foreign') throw invalidRequest('BucketAccountId parameter should be same as the AWS Account Id of bucket owner');
  if (found.region !== region) throw invalidRequest('Amazon S3 AccessPoint can only be created for bucket in the same region');
}

function vpcOf(id: string | undefined): string {
  if (!id) throw invalidRequest('Request invalid');
  return id;
}

export const GetAccessPoint: Operation<'GetAccessPoint'> = async (request, input) => {
  checkName(input.Name);
  const point = await request.store.read((tx) => requirePoint(tx, request, input.Name));
  return {
    ...listed(point),
    PublicAccessBlockConfiguration: configurationOf(point.publicAccessBlock),
    CreationDate: new Date(point.created),
    Endpoints: endpointsOf(point.region),
  };
};

export const ListAccessPoints: Operation<'ListAccessPoints'> = async (request, input) => {
  const { account, region } = request;
  const { Bucket: bucket, DataSourceType: kind } = input;
  if (input.DataSourceId !== undefined || (kind !== undefined && kind !== 'S3' && kind !== 'ALL'))
    throw notImplemented('s3-control:ListAccessPoints of file systems');
  const limit = pageSize(input.MaxResults, listedMax);
  const after = input.NextToken === undefined ? undefined : cursorOf(input.NextToken);
  const page = { limit: limit + 1, ...(after && { after }) };
  const rows = await request.store.read(async (tx) =>
    bucket === undefined
      ? accessPoints.scan(tx, [account, region], page)
      : (await accessPoints.scanIndex(tx, 'bucket', [bucket, account], page)).filter(({ row }) => row.region === region),
  );
  const shown = rows.slice(0, limit);
  return {
    AccessPointList: shown.map(({ row }) => ({ ...listed(row), ...(kind && { DataSourceType: 'S3' }) })),
    ...(rows.length > limit && { NextToken: tokenOf(shown.at(-1)!.cursor) }),
  };
};

export const DeleteAccessPoint: Operation<'DeleteAccessPoint'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { account, region, name } = await requirePoint(tx, request, input.Name);
    await accessPointPolicies.delete(tx, account, region, name);
    await accessPoints.delete(tx, account, region, name);
  });
  return {};
};
