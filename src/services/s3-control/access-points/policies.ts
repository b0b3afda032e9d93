/** Policies of access points: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html */

import { checkedPolicy, isPublicPolicy, parseStored, resourceKind } from '../../../framework/s3-access/policy.ts';
import { requirePrincipals } from '../../../framework/s3-access/policy-principals.ts';
import { accessPointArn, accessPointPolicies, accessPoints, type AccessPoint } from '../../../framework/s3-access/access-points.ts';
import { accountPublicAccessBlocks, together } from '../../../framework/s3-access/public-access-block.ts';
import { accessDenied, noSuchAccessPointPolicy } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { requirePoint } from './access-point.ts';

export const PutAccessPointPolicy: Operation<'PutAccessPointPolicy'> = async (request, input) => {
  const { account, region } = request;
  const { Name: name, Policy: text } = input;
  const point = await request.store.read((tx) => requirePoint(tx, request, name));
  const own = accessPointArn(point);
  const document = checkedPolicy(text, (resource) => resourceKind(own, `${own}/object/`, resource));
  await requirePrincipals(request, account, document);
  const revision = request.random.uuid();
  const isPublic = isPublicPolicy(document);
  await request.store.write(async (tx) => {
    const present = await requirePoint(tx, request, name);
    const block = together(present.publicAccessBlock, await accountPublicAccessBlocks.get(tx, account));
    if (isPublic && present.vpc === undefined && block?.blockPublicPolicy)
      throw accessDenied(
        `User: ${request.principal.arn} is not authorized to perform: s3:PutAccessPointPolicy on resource: "${own}" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.`,
      );
    await accessPointPolicies.put(tx, { account, region, name, revision, text });
    await accessPoints.put(tx, { ...present, policy: revision });
  });
  return {};
};

export const GetAccessPointPolicy: Operation<'GetAccessPointPolicy'> = async (request, input) => {
  const { text } = await requirePolicy(request, input.Name);
  return { Policy: text };
};

/** Whoever is inside a VPC is not the public. */
export const GetAccessPointPolicyStatus: Operation<'GetAccessPointPolicyStatus'> = async (request, input) => {
  const { point, text } = await requirePolicy(request, input.Name);
  return { PolicyStatus: { IsPublic: point.vpc === undefined && isPublicPolicy(parseStored(text)) } };
};

export const DeleteAccessPointPolicy: Operation<'DeleteAccessPointPolicy'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { policy: _gone, ...point } = await requirePoint(tx, request, input.Name);
    await accessPointPolicies.delete(tx, point.account, point.region, point.name);
    await accessPoints.put(tx, point);
  });
  return {};
};

async function requirePolicy(
  request: Parameters<typeof PutAccessPointPolicy>[0],
  name: string,
): Promise<{ point: AccessPoint; text: string }> {
  const { point, policy } = await request.store.read(async (tx) => {
    const found = await requirePoint(tx, request, name);
    return { point: found, policy: await accessPointPolicies.get(tx, found.account, found.region, found.name) };
  });
  if (!policy) throw noSuchAccessPointPolicy(name);
  return { point, text: policy.text };
}
