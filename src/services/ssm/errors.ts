/** The errors of Systems Manager, in AWS's words. */

import { AwsError } from '../../framework/aws-error.ts';
import { policiesMax } from './limits.ts';

const refusal = (code: string, message = ''): AwsError => new AwsError(code, message, { status: 400 });

export const targetNotConnected = (target: string): AwsError => refusal('TargetNotConnected', `${target} is not connected.`);
export const validationException = (message: string): AwsError => refusal('ValidationException', message);
export const unsatisfied = (value: string, at: string, constraint: string): AwsError =>
  validationException(`1 validation error detected: Value '${value}' at '${at}' failed to satisfy constraint: ${constraint}`);
/** AWS gives it no words. */
export const parameterNotFound = (): AwsError => refusal('ParameterNotFound');
export const parameterVersionNotFound = (name: string, version: string): AwsError =>
  refusal('ParameterVersionNotFound', `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`);
export const parameterAlreadyExists = (): AwsError =>
  refusal(
    'ParameterAlreadyExists',
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  );
export const parameterLimitExceeded = (): AwsError =>
  refusal(
    'ParameterLimitExceeded',
    'You have exceeded the number of parameters for this Amazon Web Services account. Delete one or more parameters and try again.',
  );
export const reservedName = (name: string): AwsError => refusal('AccessDeniedException', `No access to reserved parameter name: ${name}.`);
export const tooManyLevels = (): AwsError =>
  refusal('HierarchyLevelLimitExceededException', 'A parameter hierarchy can have a maximum of 15 levels.');
export const typeMismatch = (): AwsError =>
  refusal(
    'HierarchyTypeMismatchException',
    "Parameter Store doesn't support changing a parameter type in a hierarchy. You must create a new, unique parameter.",
  );
export const invalidAllowedPattern = (pattern: string): AwsError =>
  refusal('InvalidAllowedPatternException', `The request doesn't meet the regular expression requirement: ${pattern}`);
export const patternMismatch = (pattern: string): AwsError =>
  refusal('ParameterPatternMismatchException', `Parameter value, cannot be validated against allowedPattern: ${pattern}`);
export const oldestVersionIsLabelled = (name: string, version: number): AwsError =>
  refusal(
    'ParameterMaxVersionLimitExceeded',
    `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
  );
export const tooManyLabels = (): AwsError =>
  refusal(
    'ParameterVersionLabelLimitExceeded',
    'A parameter version can have maximum 10 labels.Move one or more labels to another version and try again.',
  );
export const invalidKeyId = (keyId: string): AwsError => refusal('InvalidKeyId', `Invalid keyId ${keyId}`);
export const tooManyPolicies = (): AwsError =>
  refusal(
    'PoliciesLimitExceededException',
    `You specified more than the maximum number of allowed policies for the parameter. The maximum is ${policiesMax}.`,
  );
export const invalidPolicyType = (type: string): AwsError =>
  refusal(
    'InvalidPolicyTypeException',
    `The policy type ${type} isn't supported. Parameter Store supports the following policy types: Expiration, ExpirationNotification, and NoChangeNotification.`,
  );
export const invalidPolicyAttribute = (message: string): AwsError => refusal('InvalidPolicyAttributeException', message);
export const incompatiblePolicy = (message: string): AwsError => refusal('IncompatiblePolicyException', message);
export const invalidFilterKey = (key: string, valid: readonly string[]): AwsError =>
  refusal('InvalidFilterKey', `The following filter key is not valid: ${key}. Valid filter keys include: [${valid.join(', ')}].`);
export const invalidFilterOption = (option: string, valid: readonly string[]): AwsError =>
  refusal('InvalidFilterOption', `The following filter option is not valid: ${option}. Valid options include: [${valid.join(', ')}].`);
export const invalidFilterValue = (message: string): AwsError => refusal('InvalidFilterValue', message);
export const invalidNextToken = (): AwsError => refusal('InvalidNextToken', 'The specified token is not valid.');
export const invalidResourceType = (): AwsError => refusal('InvalidResourceType');
export const invalidResourceId = (): AwsError => refusal('InvalidResourceId');
export const tooManyTags = (): AwsError => refusal('TooManyTagsError');
export const doesNotExist = (message: string): AwsError => refusal('DoesNotExistException', message);
export const invalidDocument = (name: string): AwsError => refusal('InvalidDocument', `Document with name ${name} does not exist.`);
export const invalidParameters = (message: string): AwsError => refusal('InvalidParameters', message);
export const invalidInstanceId = (ids: readonly string[], account: string): AwsError =>
  refusal('InvalidInstanceId', `Instances [[${ids.join(', ')}]] not in a valid state for account ${account}`);
export const invalidCommandId = (): AwsError => refusal('InvalidCommandId');
export const invocationDoesNotExist = (): AwsError => refusal('InvocationDoesNotExist');
export const invalidPluginName = (): AwsError => refusal('InvalidPluginName');
