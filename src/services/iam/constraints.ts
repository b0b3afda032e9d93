/** Lengths, ranges and patterns of IAM's members, which AWS checks before anything else and the wire's schemas do not carry. */

import { validationError } from './errors.ts';

type TextRule = {
  min?: number;
  max?: number;
  pattern?: string;
  test?: RegExp;
  /** How AWS words a broken pattern, where it does not show the pattern. */
  must?: string;
  oneOf?: readonly string[];
  secret?: true;
};
type Rule =
  | { text: TextRule }
  | { number: { min: number; max: number } }
  | { list: { min?: number; max?: number; each?: TextRule; fields?: Record<string, Rule> } };

const text = (min: number | undefined, max: number | undefined, pattern?: string, flags = ''): Rule => ({
  text: { min, max, ...(pattern !== undefined && { pattern, test: new RegExp(`^(?:${pattern})$`, flags) }) },
});
const secret = (min: number, max: number, pattern: string): Rule => ({
  text: { ...(text(min, max, pattern) as { text: TextRule }).text, secret: true },
});
const worded = (rule: Rule, must: string): Rule => ({ text: { ...(rule as { text: TextRule }).text, must } });
const oneOf = (...values: string[]): Rule => ({ text: { oneOf: values } });
const whole = (min: number, max: number): Rule => ({ number: { min, max } });
const list = (max: number | undefined, each: Rule, min?: number): Rule => ({
  list: { min, max, ...('text' in each && { each: each.text }) },
});

const names = '[\\w+=,.@-]+';
const latin = '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+';
const description = '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*';
const nameMust = 'contain only alphanumeric characters and/or the following: +=,.@_-';
const userName = worded(text(1, 64, names), nameMust);
const anyName = worded(text(1, 128, names), nameMust);
const path = worded(
  text(1, 512, '(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)'),
  'begin and end with / and contain only alphanumeric characters and/or / characters.',
);
const pathPrefix = text(1, 512, '\\u002F[\\u0021-\\u007F]*');
const policyPath = text(1, 512, '((/[A-Za-z0-9\\.,\\+@=_-]+)*)/');
const arn = text(20, 2048);
const document = text(1, 131_072, latin);
const documents = list(undefined, document);
const tagKey = text(1, 128, '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+', 'u');
const tagValue = text(0, 256, '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*', 'u');
const arnNames = list(undefined, text(1, 2048));

const invalidValue = 'The specified value for';

/** By member name, as botocore's model of IAM gives them. */
const members: Readonly<Record<string, Rule>> = {
  UserName: anyName,
  NewUserName: userName,
  GroupName: anyName,
  NewGroupName: anyName,
  RoleName: userName,
  PolicyName: anyName,
  InstanceProfileName: anyName,
  ServerCertificateName: anyName,
  NewServerCertificateName: anyName,
  VirtualMFADeviceName: text(1, 226, names),
  Name: text(1, 128, '[\\w._-]+'),
  CustomSuffix: text(1, 64, names),
  AWSServiceName: anyName,
  Path: path,
  NewPath: path,
  PathPrefix: pathPrefix,
  PolicyArn: arn,
  PermissionsBoundary: arn,
  OpenIDConnectProviderArn: arn,
  SAMLProviderArn: arn,
  Arn: arn,
  PolicySourceArn: arn,
  PolicyDocument: document,
  AssumeRolePolicyDocument: document,
  ResourcePolicy: document,
  PolicyInputList: documents,
  PermissionsBoundaryPolicyInputList: documents,
  Description: text(undefined, 1000, description),
  VersionId: text(undefined, undefined, 'v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?'),
  AccessKeyId: text(16, 128, '[\\w]+'),
  CertificateId: text(24, 128, '[\\w]+'),
  SSHPublicKeyId: text(20, 128, '[\\w]+'),
  ServiceSpecificCredentialId: text(20, 128, '[\\w]+'),
  SerialNumber: text(9, 256, '[\\w+=/:,.@-]+'),
  AuthenticationCode1: text(6, 6, '[\\d]+'),
  AuthenticationCode2: text(6, 6, '[\\d]+'),
  AccountAlias: text(3, 63, '^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$'),
  Password: secret(1, 128, latin),
  OldPassword: secret(1, 128, latin),
  NewPassword: secret(1, 128, latin),
  PrivateKey: secret(1, 16_384, latin),
  AddPrivateKey: secret(1, 16_384, latin),
  CertificateBody: text(1, 16_384, latin),
  CertificateChain: text(1, 2_097_152, latin),
  SSHPublicKeyBody: text(1, 16_384, latin),
  SAMLMetadataDocument: text(1000, 10_000_000),
  Url: text(1, 255),
  ClientID: text(1, 255),
  ClientIDList: list(undefined, text(1, 255)),
  ThumbprintList: list(undefined, text(40, 40)),
  Status: oneOf('Active', 'Inactive', 'Expired'),
  Encoding: oneOf('SSH', 'PEM'),
  Scope: oneOf('All', 'AWS', 'Local'),
  PolicyUsageFilter: oneOf('PermissionsPolicy', 'PermissionsBoundary'),
  EntityFilter: oneOf('User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'),
  Filter: list(undefined, oneOf('User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy')),
  AssignmentStatus: oneOf('Assigned', 'Unassigned', 'Any'),
  GlobalEndpointTokenVersion: oneOf('v1Token', 'v2Token'),
  Granularity: oneOf('SERVICE_LEVEL', 'ACTION_LEVEL'),
  AssertionEncryptionMode: oneOf('Required', 'Allowed'),
  MaxSessionDuration: whole(3600, 43_200),
  MinimumPasswordLength: whole(6, 128),
  MaxPasswordAge: whole(1, 1095),
  PasswordReusePrevention: whole(1, 24),
  MaxItems: whole(1, 1000),
  CredentialAgeDays: whole(1, 36_600),
  // Longer than AWS's own 320: our markers carry the last key, and paths are long.
  Marker: text(1, 1024, '[\\u0020-\\u00FF]+'),
  JobId: text(36, 36),
  DeletionTaskId: text(1, 1000),
  ServiceNamespace: text(1, 64, '[\\w-]*'),
  ServiceNamespaces: list(200, text(1, 64, '[\\w-]*'), 1),
  Tags: { list: { max: 50, fields: { Key: tagKey, Value: tagValue } } },
  TagKeys: list(50, tagKey),
  ActionNames: list(undefined, text(3, 128)),
  ResourceArns: arnNames,
  ResourceOwner: text(1, 2048),
  CallerArn: text(1, 2048),
  ResourceHandlingOption: text(1, 64),
  ContextEntries: { list: { fields: { ContextKeyName: text(5, 256) } } },
};

/** Members whose rule differs from what their name means elsewhere. */
const perOperation: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  ...Object.fromEntries(
    [
      'CreateUser',
      'CreateLoginProfile',
      'UpdateLoginProfile',
      'DeleteLoginProfile',
      'GetLoginProfile',
      'AttachUserPolicy',
      'DetachUserPolicy',
      'ListAttachedUserPolicies',
      'PutUserPermissionsBoundary',
      'DeleteUserPermissionsBoundary',
      'UploadSSHPublicKey',
      'GetSSHPublicKey',
      'UpdateSSHPublicKey',
      'DeleteSSHPublicKey',
      'ListSSHPublicKeys',
      'GetMFADevice',
      'CreateServiceSpecificCredential',
      'UpdateServiceSpecificCredential',
      'DeleteServiceSpecificCredential',
      'ResetServiceSpecificCredential',
      'ListServiceSpecificCredentials',
    ].map((name) => [name, { UserName: userName }]),
  ),
  CreatePolicy: { Path: policyPath, Description: text(undefined, 1000) },
  ListPolicies: { PathPrefix: policyPath },
  ListAttachedUserPolicies: { UserName: userName, PathPrefix: policyPath },
  ListAttachedGroupPolicies: { PathPrefix: policyPath },
  ListAttachedRolePolicies: { PathPrefix: policyPath },
  ListEntitiesForPolicy: { PathPrefix: path },
};

/** Throws AWS's ValidationError, which names every member that breaks a rule. */
export function checkConstraints(operation: string, input: object): void {
  const faults: string[] = [];
  const own = perOperation[operation];
  for (const [name, value] of Object.entries(input)) {
    const rule = own?.[name] ?? (Object.hasOwn(members, name) ? members[name] : undefined);
    if (rule && value !== undefined && value !== null) check(rule, value, wordOf(name), faults);
  }
  if (faults.length === 0) return;
  if (faults.length === 1 && faults[0]!.startsWith(invalidValue)) throw validationError(faults[0]!);
  throw validationError(`${faults.length} validation error${faults.length === 1 ? '' : 's'} detected: ${faults.join('; ')}`);
}

/** AWS writes members in these messages with a small first letter: `userName`, `tags.1.member.key`. */
function wordOf(name: string): string {
  return name[0]!.toLowerCase() + name.slice(1);
}

function check(rule: Rule, value: unknown, at: string, faults: string[]): void {
  if ('text' in rule) {
    if (typeof value === 'string') checkText(rule.text, value, at, faults);
  } else if ('number' in rule) {
    if (typeof value === 'number') checkNumber(rule.number, value, at, faults);
  } else if (Array.isArray(value)) {
    checkList(rule.list, value, at, faults);
  }
}

function checkText(rule: TextRule, value: string, at: string, faults: string[]): void {
  const shown = rule.secret || value.length > 2048 ? 'Value' : `Value '${value}'`;
  for (const constraint of broken(rule, value)) {
    faults.push(
      constraint === rule.must
        ? `${invalidValue} ${at} is invalid. It must ${constraint}`
        : `${shown} at '${at}' failed to satisfy constraint: ${constraint}`,
    );
  }
}

/** The constraints of a rule that a text does not satisfy. Patterns are not tried on texts that are too long. */
function broken(rule: TextRule, value: string): string[] {
  const { min, max, pattern, oneOf: values } = constraintsOf(rule);
  const faults: (string | undefined)[] = [];
  if (rule.min !== undefined && value.length < rule.min) faults.push(min);
  if (rule.max !== undefined && value.length > rule.max) faults.push(max);
  else if (rule.test && !rule.test.test(value)) faults.push(pattern);
  if (rule.oneOf && !rule.oneOf.includes(value)) faults.push(values);
  return faults.filter((fault) => fault !== undefined);
}

/** The constraints of a rule in AWS's words, and in the order in which it lists them. */
function constraintsOf(rule: TextRule): { max?: string; min?: string; pattern?: string; oneOf?: string } {
  return {
    ...(rule.max !== undefined && { max: `Member must have length less than or equal to ${rule.max}` }),
    ...(rule.min !== undefined && { min: `Member must have length greater than or equal to ${rule.min}` }),
    ...(rule.pattern !== undefined && { pattern: rule.must ?? `Member must satisfy regular expression pattern: ${rule.pattern}` }),
    ...(rule.oneOf && { oneOf: `Member must satisfy enum value set: [${rule.oneOf.join(', ')}]` }),
  };
}

/** A list of texts is shown whole, with all that each of them must satisfy. */
function checkTexts(rule: TextRule, values: readonly unknown[], at: string, faults: string[]): void {
  if (!values.some((value) => typeof value === 'string' && broken(rule, value).length > 0)) return;
  const joined = values.join(', ');
  const shown = joined.length > 2048 ? 'Value' : `Value '[${joined}]'`;
  const must = Object.values(constraintsOf(rule)).join(', ');
  faults.push(`${shown} at '${at}' failed to satisfy constraint: Member must satisfy constraint: [${must}]`);
}

function checkNumber(rule: { min: number; max: number }, value: number, at: string, faults: string[]): void {
  const fault = (constraint: string) =>
    faults.push(`Value '${value}' at '${at}' failed to satisfy constraint: Member must have value ${constraint}`);
  if (value < rule.min) fault(`greater than or equal to ${rule.min}`);
  if (value > rule.max) fault(`less than or equal to ${rule.max}`);
}

function checkList(
  rule: { min?: number; max?: number; each?: TextRule; fields?: Record<string, Rule> },
  values: unknown[],
  at: string,
  faults: string[],
): void {
  if (rule.min !== undefined && values.length < rule.min)
    faults.push(`Value at '${at}' failed to satisfy constraint: Member must have length greater than or equal to ${rule.min}`);
  if (rule.max !== undefined && values.length > rule.max) {
    faults.push(`Value at '${at}' failed to satisfy constraint: Member must have length less than or equal to ${rule.max}`);
    return;
  }
  if (rule.each) checkTexts(rule.each, values, at, faults);
  values.forEach((value, i) => {
    for (const [field, fieldRule] of Object.entries(rule.fields ?? {})) {
      const member = (value as Record<string, unknown> | null)?.[field];
      if (member !== undefined) check(fieldRule, member, `${at}.${i + 1}.member.${wordOf(field)}`, faults);
    }
  });
}
