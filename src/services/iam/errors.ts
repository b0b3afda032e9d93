/** Every error that IAM answers with, in AWS's words. Statuses come from the schema of each error. */

import { AwsError } from '../../framework/aws-error.ts';

export const validationError = (message: string): AwsError => new AwsError('ValidationError', message, { status: 400 });
export const invalidToken = (): AwsError =>
  new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid', { status: 403 });
export const alreadyExists = (message: string): AwsError => new AwsError('EntityAlreadyExists', message);
export const noSuchEntity = (message: string): AwsError => new AwsError('NoSuchEntity', message);
export const deleteConflict = (message: string): AwsError => new AwsError('DeleteConflict', message);
export const invalidInput = (message: string): AwsError => new AwsError('InvalidInput', message);
export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceeded', message);
export const quotaExceeded = (quota: string, value: number): AwsError => limitExceeded(`Cannot exceed quota for ${quota}: ${value}`);
export const malformedPolicy = (message: string): AwsError => new AwsError('MalformedPolicyDocument', message);
export const unmodifiable = (message: string): AwsError => new AwsError('UnmodifiableEntity', message);

export const noUser = (name: string): AwsError => noSuchEntity(`The user with name ${name} cannot be found.`);
export const noGroup = (name: string): AwsError => noSuchEntity(`The group with name ${name} cannot be found.`);
export const noRole = (name: string): AwsError => noSuchEntity(`The role with name ${name} cannot be found.`);
export const noInstanceProfile = (name: string): AwsError => noSuchEntity(`Instance Profile ${name} cannot be found.`);
export const noPolicy = (arn: string): AwsError => noSuchEntity(`Policy ${arn} was not found.`);
export const noAttachablePolicy = (arn: string): AwsError => noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
export const noPolicyVersion = (arn: string, version: string): AwsError =>
  noSuchEntity(`Policy ${arn} version ${version} does not exist or is not attachable.`);
export const noInlinePolicy = (kind: 'user' | 'group' | 'role', name: string): AwsError =>
  noSuchEntity(`The ${kind} policy with name ${name} cannot be found.`);
export const noAccessKey = (id: string): AwsError => noSuchEntity(`The Access Key with id ${id} cannot be found.`);
export const noLoginProfile = (user: string): AwsError => noSuchEntity(`Login Profile for User ${user} cannot be found.`);
export const noPasswordPolicy = (account: string): AwsError =>
  noSuchEntity(`The Password Policy with domain name ${account} cannot be found.`);
export const noOidcProvider = (arn: string): AwsError => noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
export const noSamlProvider = (arn: string): AwsError => noSuchEntity(`SAML Provider not found for arn ${arn}`);
export const noServerCertificate = (name: string): AwsError => noSuchEntity(`The Server Certificate with name ${name} cannot be found.`);
export const noMfaDevice = (serial: string): AwsError => noSuchEntity(`VirtualMFADevice with serial number ${serial} doesn't exist.`);
export const noJob = (id: string): AwsError => noSuchEntity(`Job ID ${id} not found.`);

/** An operation without UserName stands for the caller's own user; a role's session has none. */
export const userNameNeeded = (): AwsError => validationError('Must specify userName when calling with non-User credentials');
export const protectedRole = (role: string, service: string): AwsError =>
  unmodifiable(`Cannot perform the operation on the protected role '${role}' - this role is only modifiable by AWS (${service})`);
export const invalidAuthenticationCode = (serial: string): AwsError =>
  new AwsError('InvalidAuthenticationCode', `Authentication code for device is not valid for ${serial}`);
export const passwordViolation = (message: string): AwsError => new AwsError('PasswordPolicyViolation', message);
export const malformedCertificate = (message: string): AwsError => new AwsError('MalformedCertificate', message);
