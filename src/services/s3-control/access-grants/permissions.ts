/** What the work on access grants asks to be allowed. */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { passRole } from '../../../framework/service-role.ts';
import { requestTagContext, tagsOf, type Tag } from '../../../framework/tags.ts';
import { checkAccount, checkAccountId } from '../permissions.ts';
import { grantArn, instanceArn, locationArn, placeOf } from './arns.ts';
import { grantsService } from './credentials.ts';
import { instanceForPrefix } from './instance.ts';
import { instancePolicy } from './policies.ts';
import { checkScope } from './scope.ts';
import type { Place } from './tables.ts';

type Input = {
  AccountId?: string | undefined;
  Tags?: unknown;
  IAMRoleArn?: string;
  AccessGrantsLocationId?: string;
  AccessGrantId?: string;
};

/** Authorises work on the account's own instance, or by its id on one location or grant. A role that is given is passed. */
export function onGrants(action: string, on: 'instance' | 'location' | 'grant' = 'instance') {
  return async (request: ServiceRequest, input: Input): Promise<Check[]> => {
    checkAccount(request, input.AccountId);
    const tags = tagsOf(input.Tags as Tag[] | undefined);
    const resource = arnOf(request, input, on);
    const check: Check = {
      ...(await checkIn(request, request, action, resource)),
      ...(tags.length > 0 && { context: requestTagContext(tags) }),
    };
    return [
      check,
      ...(tags.length > 0 ? [{ ...check, action: 's3:TagResource' }] : []),
      ...(input.IAMRoleArn === undefined ? [] : [passRole(input.IAMRoleArn, grantsService)]),
    ];
  };
}

/** Authorises what an instance's policy may let other accounts do. */
export function onAnyonesGrants(action: string) {
  return async (request: ServiceRequest, input: Input): Promise<Check[]> => {
    checkAccountId(input.AccountId);
    const place = placeOf(request, input);
    return [await checkIn(request, place, action, instanceArn(place))];
  };
}

/** On the instance of the bucket's account. */
export async function onInstanceForPrefix(request: ServiceRequest, input: Input & { S3Prefix: string }): Promise<Check[]> {
  const action = 's3:GetAccessGrantsInstanceForPrefix';
  checkAccount(request, input.AccountId);
  checkScope(input.S3Prefix);
  const instance = await instanceForPrefix(request, input.S3Prefix);
  const place = instance ?? request;
  return [await checkIn(request, place, action, instanceArn(place))];
}

async function checkIn(request: ServiceRequest, place: Place, action: string, resource: string): Promise<Check> {
  const policy = await instancePolicy(request, place);
  return { action, resource, resourceAccount: place.account, ...(policy && { resourcePolicy: policy }) };
}

function arnOf({ account, region }: ServiceRequest, input: Input, on: 'instance' | 'location' | 'grant'): string {
  const place = { account, region };
  if (on === 'location') return locationArn({ ...place, id: input.AccessGrantsLocationId ?? '*' });
  return on === 'grant' ? grantArn({ ...place, id: input.AccessGrantId ?? '*' }) : instanceArn(place);
}
