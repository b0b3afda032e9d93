/** The checks behind S3 Control's operations: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */

import type { Check } from '../../framework/authorization.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { accessDenied, invalidRequest } from './errors.ts';

/** Authorises work on the caller's own account. */
export function onAccount(action: string) {
  return (request: ServiceRequest, { AccountId }: { AccountId?: string | undefined }): Check[] => {
    if (AccountId === undefined || !/^\d{12}$/.test(AccountId)) throw invalidRequest('Account Id must be 12 digits');
    if (AccountId !== request.account) throw accessDenied();
    return [{ action, resource: '*' }];
  };
}
