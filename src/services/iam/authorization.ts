/** How each kind of operation is authorised: on which ARN, with which tags and condition keys. */

import type { Authorizer, Check, ConditionContext } from '../../framework/authorization.ts';
import { arn } from '../../framework/arn.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import { requestTagContext, resourceTagContext, tagKeyContext, tagsOf } from '../../framework/tags.ts';
import type { ReadTransaction } from '../../store/store.ts';
import { groupArn } from './groups/group.ts';
import { instanceProfileArn } from './instance-profiles/instance-profile.ts';
import { policyArn } from './policies/policy.ts';
import { roleArn } from './roles/role.ts';
import { serverCertificateArn } from './server-certificates/operations.ts';
import {
  fold,
  groups,
  instanceProfiles,
  mfaDevices,
  oidcProviders,
  policies,
  roles,
  samlProviders,
  serverCertificates,
  users,
  type Tag,
} from './tables.ts';
import { meantUser, userArn } from './users/user.ts';

/** What an operation acts on. */
export type Subject = { arn: string; tags?: readonly Tag[] };
type Find<Input> = (tx: ReadTransaction, request: ServiceRequest, input: Input) => Promise<Subject> | Subject;

/** The members that become condition keys wherever an operation has them. */
type Conditions = {
  Tags?: readonly { Key: string | undefined; Value: string | undefined }[];
  TagKeys?: readonly string[];
  PermissionsBoundary?: string;
};

function conditionsOf(request: ServiceRequest, input: Conditions & { PolicyArn?: string; AWSServiceName?: string }): ConditionContext {
  const attaches = /^(Attach|Detach)/.test(request.operation);
  return {
    ...(input.Tags && requestTagContext(tagsOf(input.Tags as { Key?: string; Value?: string }[]))),
    ...(input.TagKeys && tagKeyContext(input.TagKeys)),
    ...(input.PermissionsBoundary !== undefined && { 'iam:PermissionsBoundary': input.PermissionsBoundary }),
    ...(attaches && input.PolicyArn !== undefined && { 'iam:PolicyARN': input.PolicyArn }),
    ...(input.AWSServiceName !== undefined && { 'iam:AWSServiceName': input.AWSServiceName }),
  };
}

/** What tagging at creation asks for besides: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_permissions */
const taggingAction: Readonly<Record<string, string>> = {
  CreateUser: 'iam:TagUser',
  CreateRole: 'iam:TagRole',
  CreatePolicy: 'iam:TagPolicy',
  CreateInstanceProfile: 'iam:TagInstanceProfile',
  CreateVirtualMFADevice: 'iam:TagMFADevice',
  CreateOpenIDConnectProvider: 'iam:TagOpenIDConnectProvider',
  CreateSAMLProvider: 'iam:TagSAMLProvider',
  UploadServerCertificate: 'iam:TagServerCertificate',
};

/** The check of one operation, whose action is named as the operation is; a second one where it also sets the first tags. */
export function on<Input extends object>(find: Find<Input>): Authorizer<Input> {
  return async (request, input: Input & Conditions) => {
    const subject = await request.store.read(async (tx) => find(tx, request, input));
    const context = { ...conditionsOf(request, input), ...bounded(subject), ...resourceTagContext(subject.tags ?? [], 'iam') };
    const check: Check = { action: `iam:${request.operation}`, resource: subject.arn, context };
    const tagging = input.Tags?.length ? taggingAction[request.operation] : undefined;
    return tagging === undefined ? [check] : [check, { ...check, action: tagging }];
  };
}

/** Operations on a user or role that has a boundary carry it as iam:PermissionsBoundary, unless they set another. */
function bounded(subject: Subject & { boundary?: string }): ConditionContext {
  return subject.boundary === undefined ? {} : { 'iam:PermissionsBoundary': subject.boundary };
}

/** Operations that know no resource. */
export const anywhere: Authorizer<object> = (request) => [{ action: `iam:${request.operation}`, resource: '*' }];

type Boundable = Subject & { boundary?: string };

const named = (request: ServiceRequest, kind: string, path: string | undefined, name: string): string =>
  arn('iam', '', request.account, `${kind}${path ?? '/'}${name}`);

export async function userNamed(tx: ReadTransaction, request: ServiceRequest, name: string): Promise<Boundable> {
  const user = await users.get(tx, request.account, fold(name));
  return user
    ? { arn: userArn(user), tags: user.tags, boundary: setsBoundary(request) ? undefined : user.boundary }
    : { arn: named(request, 'user', '/', name) };
}

export async function roleNamed(tx: ReadTransaction, request: ServiceRequest, name: string): Promise<Boundable> {
  const role = await roles.get(tx, request.account, fold(name));
  return role
    ? { arn: roleArn(role), tags: role.tags, boundary: setsBoundary(request) ? undefined : role.boundary }
    : { arn: named(request, 'role', '/', name) };
}

function setsBoundary(request: ServiceRequest): boolean {
  return /^Put.*PermissionsBoundary$/.test(request.operation);
}

/** The named user, the caller's own, or the root user. */
export const onUser = on<{ UserName?: string }>((tx, request, input) => {
  const name = meantUser(request, input.UserName);
  return name === undefined ? { arn: arn('iam', '', request.account, 'root') } : userNamed(tx, request, name);
});

/** As `onUser`, and without a name for all. */
export const onUserOrAll = on<{ UserName?: string }>((tx, request, input) =>
  input.UserName === undefined ? { arn: '*' } : userNamed(tx, request, input.UserName),
);
export const onRole = on<{ RoleName: string }>((tx, request, input) => roleNamed(tx, request, input.RoleName));

export const onGroup = on<{ GroupName: string }>(async (tx, request, input) => {
  const group = await groups.get(tx, request.account, fold(input.GroupName));
  return { arn: group ? groupArn(group) : named(request, 'group', '/', input.GroupName) };
});

export const onInstanceProfile = on<{ InstanceProfileName: string }>(async (tx, request, input) => {
  const profile = await instanceProfiles.get(tx, request.account, fold(input.InstanceProfileName));
  return profile
    ? { arn: instanceProfileArn(profile), tags: profile.tags }
    : { arn: named(request, 'instance-profile', '/', input.InstanceProfileName) };
});

export const onPolicy = on<{ PolicyArn: string }>(async (tx, request, input) => {
  const policy = await policies.get(tx, request.account, fold(input.PolicyArn.slice(input.PolicyArn.lastIndexOf('/') + 1)));
  return policy && policyArn(policy) === input.PolicyArn ? { arn: input.PolicyArn, tags: policy.tags } : { arn: input.PolicyArn };
});

export const onServerCertificate = on<{ ServerCertificateName: string }>(async (tx, request, input) => {
  const certificate = await serverCertificates.get(tx, request.account, fold(input.ServerCertificateName));
  return certificate
    ? { arn: serverCertificateArn(certificate), tags: certificate.tags }
    : { arn: named(request, 'server-certificate', '/', input.ServerCertificateName) };
});

export const onMfaDevice = on<{ SerialNumber: string }>(async (tx, request, input) => {
  const device = await mfaDevices.get(tx, request.account, fold(input.SerialNumber));
  return { arn: input.SerialNumber, tags: device?.tags ?? [] };
});

export const onOidcProvider = on<{ OpenIDConnectProviderArn: string }>(async (tx, request, input) => {
  const provider = await oidcProviders.get(
    tx,
    request.account,
    input.OpenIDConnectProviderArn.slice(input.OpenIDConnectProviderArn.indexOf('/') + 1),
  );
  return { arn: input.OpenIDConnectProviderArn, tags: provider?.tags ?? [] };
});

export const onSamlProvider = on<{ SAMLProviderArn: string }>(async (tx, request, input) => {
  const provider = await samlProviders.get(tx, request.account, fold(input.SAMLProviderArn.slice(input.SAMLProviderArn.indexOf('/') + 1)));
  return { arn: input.SAMLProviderArn, tags: provider?.tags ?? [] };
});

/** What is about to be made: its ARN follows from path and name. */
export function onNew<Input extends { Path?: string }>(kind: string, nameOf: (input: Input) => string): Authorizer<Input> {
  return on<Input>((_tx, request, input) => ({ arn: named(request, kind, input.Path, nameOf(input)) }));
}

/** Several checks for one operation. */
export function all<Input>(...authorizers: readonly Authorizer<Input>[]): Authorizer<Input> {
  return async (request, input) => {
    const checks: Check[] = [];
    for (const authorizer of authorizers) checks.push(...(await authorizer(request, input)));
    return checks;
  };
}
