/** The checks behind S3 Control's operations: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */

import type { Check } from '../../framework/authorization.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { accessDenied, invalidRequest } from './errors.ts';

/** Nobody works on another account. Throws InvalidRequest for what is no account, AccessDenied for another one. */
export function checkAccount(request: ServiceRequest, account: string | undefined): void {
  checkAccountId(account);
  if (account !== request.account) throw accessDenied();
}

/** Throws InvalidRequest for what is no account. */
export function checkAccountId(account: string | undefined): void {
  if (account === undefined || !/^\d{12}$/.test(account)) throw invalidRequest('Account Id must be 12 digits');
}

/** Authorises work on the caller's own account. */
export function onAccount(action: string) {
  return (request: ServiceRequest, { AccountId }: { AccountId?: string | undefined }): Check[] => {
    checkAccount(request, AccountId);
    return [{ action, resource: '*' }];
  };
}
