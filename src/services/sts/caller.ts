/** Who is calling, whose key this is, and why a call was denied. */

import { accountOfAccessKey } from '../../framework/access-key-id.ts';
import { messagePurpose } from '../../framework/policy/authorization-message.ts';
import { open, sealingKey } from '../../framework/session-token.ts';
import { checkConstraints } from './constraints.ts';
import { invalidAuthorizationMessage, validationError } from './errors.ts';
import type { Operation } from './sdk.ts';

/** Needs no permission, and an explicit deny cannot forbid it. */
export const GetCallerIdentity: Operation<'GetCallerIdentity'> = async ({ principal }) => ({
  UserId: principal.id,
  Account: principal.account,
  Arn: principal.arn,
});

export const GetAccessKeyInfo: Operation<'GetAccessKeyInfo'> = async (_request, input) => {
  checkConstraints('GetAccessKeyInfo', input);
  const account = accountOfAccessKey(input.AccessKeyId);
  if (account === undefined) throw validationError('Invalid access key ID.');
  return { Account: account };
};

export const DecodeAuthorizationMessage: Operation<'DecodeAuthorizationMessage'> = async (request, input) => {
  checkConstraints('DecodeAuthorizationMessage', input);
  const key = await sealingKey(request.store, request.random);
  const message = open(key, messagePurpose(request.account), input.EncodedMessage);
  if (message === undefined) throw invalidAuthorizationMessage();
  return { DecodedMessage: message };
};
