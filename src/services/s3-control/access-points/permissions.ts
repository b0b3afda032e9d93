/** What the work on access points asks to be allowed. */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { accessPointArn, accessPointContext, accessPoints, accessPointTagContext } from '../../../framework/s3-access/access-points.ts';
import { requestTagContext, tagsOf } from '../../../framework/tags.ts';
import { checkAccount } from '../permissions.ts';
import type { Input } from '../sdk.ts';
import { checkName } from './access-point.ts';

/** The access point does not exist yet: policies look at what is asked for. */
export function onCreateAccessPoint(request: ServiceRequest, input: Input<'CreateAccessPoint'>): Check[] {
  checkAccount(request, input.AccountId);
  checkName(input.Name);
  const vpc = input.VpcConfiguration?.VpcId;
  const point = { account: request.account, region: request.region, name: input.Name, ...(vpc && { vpc }) };
  const tags = tagsOf(input.Tags as { Key: string; Value: string }[] | undefined);
  const check: Check = {
    action: 's3:CreateAccessPoint',
    resource: accessPointArn(point),
    context: { ...accessPointContext(point), ...requestTagContext(tags), 's3:locationconstraint': request.region },
  };
  return tags.length === 0 ? [check] : [check, { ...check, action: 's3:TagResource' }];
}

/** Authorises work on one access point of the caller's own account. */
export function onAccessPoint(action: string) {
  return async (request: ServiceRequest, input: { AccountId?: string | undefined; Name: string }): Promise<Check[]> => {
    checkAccount(request, input.AccountId);
    checkName(input.Name);
    return [await checkOfPoint(request, action, input.Name)];
  };
}

export async function checkOfPoint(request: ServiceRequest, action: string, name: string): Promise<Check> {
  const { account, region } = request;
  const point = await request.store.read((tx) => accessPoints.get(tx, account, region, name));
  const place = { account, region, name };
  const context = { ...accessPointContext(point ?? place), ...accessPointTagContext(point ?? {}) };
  return { action, resource: accessPointArn(place), context };
}
