/** What the work on access grants asks to be allowed. */

import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { passRole } from '../../../framework/service-role.ts';
import { requestTagContext, tagsOf, type Tag } from '../../../framework/tags.ts';
import { checkAccount } from '../permissions.ts';
import { grantArn, instanceArn, locationArn } from './arns.ts';
import { grantsService } from './credentials.ts';

type Input = {
  AccountId?: string | undefined;
  Tags?: unknown;
  IAMRoleArn?: string;
  AccessGrantsLocationId?: string;
  AccessGrantId?: string;
};

/** Authorises work on the instance, or by its id on one location or grant. A role that is given is passed. */
export function onGrants(action: string, on: 'instance' | 'location' | 'grant' = 'instance') {
  return (request: ServiceRequest, input: Input): Check[] => {
    checkAccount(request, input.AccountId);
    const tags = tagsOf(input.Tags as Tag[] | undefined);
    const check: Check = { action, resource: arnOf(request, input, on), ...(tags.length > 0 && { context: requestTagContext(tags) }) };
    return [
      check,
      ...(tags.length > 0 ? [{ ...check, action: 's3:TagResource' }] : []),
      ...(input.IAMRoleArn === undefined ? [] : [passRole(input.IAMRoleArn, grantsService)]),
    ];
  };
}

function arnOf({ account, region }: ServiceRequest, input: Input, on: 'instance' | 'location' | 'grant'): string {
  const place = { account, region };
  if (on === 'location') return locationArn({ ...place, id: input.AccessGrantsLocationId ?? '*' });
  return on === 'grant' ? grantArn({ ...place, id: input.AccessGrantId ?? '*' }) : instanceArn(place);
}
