/** What each operation of IAM needs to be allowed: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html */

import { arn } from '../../framework/arn.ts';
import type { Authorizer } from '../../framework/authorization.ts';
import type { ServiceRequest } from '../../framework/request.ts';
import type { ServiceDefinition } from '../../framework/service.ts';
import { loadAccount } from './account/account.ts';
import {
  all,
  anywhere,
  on,
  onGroup,
  onInstanceProfile,
  onMfaDevice,
  onNew,
  onOidcProvider,
  onPolicy,
  onRole,
  onSamlProvider,
  onServerCertificate,
  onUser,
  onUserOrAll,
  roleNamed,
  userNamed,
} from './authorization.ts';
import { checkConstraints } from './constraints.ts';
import { invalidToken } from './errors.ts';
import { providerUrl } from './oidc-providers/operations.ts';
import type { Iam } from './sdk.ts';
import { linkedServices } from './service-linked-roles/known-services.ts';

type Table = ServiceDefinition<Iam>['authorize'];

/** EC2 is handed the role of an instance profile, so who puts it there must be allowed to pass it. */
const passRole: Authorizer<{ RoleName: string }> = async (request, input) => {
  const role = await request.store.read((tx) => roleNamed(tx, request, input.RoleName));
  return [{ action: 'iam:PassRole', resource: role.arn, context: { 'iam:PassedToService': 'ec2.amazonaws.com' } }];
};

/** Users may change their own password without further permission where the account's password policy says so. */
const ownPassword: Authorizer<object> = async (request) => {
  const { principal } = request;
  if (principal.type !== 'User') return [{ action: 'iam:ChangePassword', resource: arn('iam', '', request.account, 'user/*') }];
  const account = await request.store.read((tx) => loadAccount(tx, request));
  return account.passwordPolicy?.usersMayChange ? [] : [{ action: 'iam:ChangePassword', resource: principal.arn }];
};

/** The ARN that a service-linked role has or will have. */
const onLinkedRole = on<{ AWSServiceName: string }>((_tx, request, { AWSServiceName: service }) => {
  const role = Object.hasOwn(linkedServices, service) ? linkedServices[service]!.role : '*';
  return { arn: arn('iam', '', request.account, `role/aws-service-role/${service}/${role}`) };
});

/** The entity whose ARN the input gives. */
const onArn = on<{ Arn: string }>((_tx, _request, input) => ({ arn: input.Arn }));
const onPolicySource = on<{ PolicySourceArn: string }>((_tx, _request, input) => ({ arn: input.PolicySourceArn }));
const onSshOwner = on<{ UserName: string }>((tx, request, input) => userNamed(tx, request, input.UserName));
const onSamlName = on<{ Name: string }>((_tx, request, input) => ({ arn: arn('iam', '', request.account, `saml-provider/${input.Name}`) }));
const onOidcUrl = on<{ Url: string }>((_tx, request, input) => ({
  arn: arn('iam', '', request.account, `oidc-provider/${providerUrl(input.Url)}`),
}));

const users: Table = {
  CreateUser: onNew('user', (input) => input.UserName),
  GetUser: onUser,
  ListUsers: anywhere,
  UpdateUser: onUser,
  DeleteUser: onUser,
  TagUser: onUser,
  UntagUser: onUser,
  ListUserTags: onUser,
  PutUserPermissionsBoundary: onUser,
  DeleteUserPermissionsBoundary: onUser,
  PutUserPolicy: onUser,
  GetUserPolicy: onUser,
  DeleteUserPolicy: onUser,
  ListUserPolicies: onUser,
  AttachUserPolicy: onUser,
  DetachUserPolicy: onUser,
  ListAttachedUserPolicies: onUser,
  ListGroupsForUser: onUser,
  AddUserToGroup: onGroup,
  RemoveUserFromGroup: onGroup,
};

const groups: Table = {
  CreateGroup: onNew('group', (input) => input.GroupName),
  GetGroup: onGroup,
  ListGroups: anywhere,
  UpdateGroup: onGroup,
  DeleteGroup: onGroup,
  PutGroupPolicy: onGroup,
  GetGroupPolicy: onGroup,
  DeleteGroupPolicy: onGroup,
  ListGroupPolicies: onGroup,
  AttachGroupPolicy: onGroup,
  DetachGroupPolicy: onGroup,
  ListAttachedGroupPolicies: onGroup,
};

const roles: Table = {
  CreateRole: onNew('role', (input) => input.RoleName),
  GetRole: onRole,
  ListRoles: anywhere,
  UpdateRole: onRole,
  UpdateRoleDescription: onRole,
  UpdateAssumeRolePolicy: onRole,
  DeleteRole: onRole,
  TagRole: onRole,
  UntagRole: onRole,
  ListRoleTags: onRole,
  PutRolePermissionsBoundary: onRole,
  DeleteRolePermissionsBoundary: onRole,
  PutRolePolicy: onRole,
  GetRolePolicy: onRole,
  DeleteRolePolicy: onRole,
  ListRolePolicies: onRole,
  AttachRolePolicy: onRole,
  DetachRolePolicy: onRole,
  ListAttachedRolePolicies: onRole,
  CreateServiceLinkedRole: onLinkedRole,
  DeleteServiceLinkedRole: onRole,
  GetServiceLinkedRoleDeletionStatus: anywhere,
  CreateInstanceProfile: onNew('instance-profile', (input) => input.InstanceProfileName),
  GetInstanceProfile: onInstanceProfile,
  ListInstanceProfiles: anywhere,
  ListInstanceProfilesForRole: onRole,
  DeleteInstanceProfile: onInstanceProfile,
  AddRoleToInstanceProfile: all<{ InstanceProfileName: string; RoleName: string }>(onInstanceProfile, passRole),
  RemoveRoleFromInstanceProfile: onInstanceProfile,
  TagInstanceProfile: onInstanceProfile,
  UntagInstanceProfile: onInstanceProfile,
  ListInstanceProfileTags: onInstanceProfile,
};

const policies: Table = {
  CreatePolicy: onNew('policy', (input) => input.PolicyName),
  GetPolicy: onPolicy,
  ListPolicies: anywhere,
  DeletePolicy: onPolicy,
  TagPolicy: onPolicy,
  UntagPolicy: onPolicy,
  ListPolicyTags: onPolicy,
  CreatePolicyVersion: onPolicy,
  GetPolicyVersion: onPolicy,
  ListPolicyVersions: onPolicy,
  SetDefaultPolicyVersion: onPolicy,
  DeletePolicyVersion: onPolicy,
  ListEntitiesForPolicy: onPolicy,
  SimulateCustomPolicy: anywhere,
  SimulatePrincipalPolicy: onPolicySource,
  GetContextKeysForCustomPolicy: anywhere,
  GetContextKeysForPrincipalPolicy: onPolicySource,
  GenerateServiceLastAccessedDetails: onArn,
  GetServiceLastAccessedDetails: anywhere,
  GetServiceLastAccessedDetailsWithEntities: anywhere,
  ListPoliciesGrantingServiceAccess: onArn,
};

const credentials: Table = {
  CreateAccessKey: onUser,
  UpdateAccessKey: onUser,
  DeleteAccessKey: onUser,
  ListAccessKeys: onUser,
  GetAccessKeyLastUsed: anywhere,
  CreateLoginProfile: onUser,
  GetLoginProfile: onUser,
  UpdateLoginProfile: onUser,
  DeleteLoginProfile: onUser,
  ChangePassword: ownPassword,
  CreateVirtualMFADevice: onNew('mfa', (input) => input.VirtualMFADeviceName),
  DeleteVirtualMFADevice: onMfaDevice,
  EnableMFADevice: onUser,
  DeactivateMFADevice: onUser,
  ResyncMFADevice: onUser,
  GetMFADevice: onUser,
  ListMFADevices: onUser,
  ListVirtualMFADevices: anywhere,
  TagMFADevice: onMfaDevice,
  UntagMFADevice: onMfaDevice,
  ListMFADeviceTags: onMfaDevice,
  UploadSSHPublicKey: onSshOwner,
  GetSSHPublicKey: onSshOwner,
  ListSSHPublicKeys: onUser,
  UpdateSSHPublicKey: onSshOwner,
  DeleteSSHPublicKey: onSshOwner,
  UploadSigningCertificate: onUser,
  ListSigningCertificates: onUser,
  UpdateSigningCertificate: onUser,
  DeleteSigningCertificate: onUser,
  CreateServiceSpecificCredential: onUser,
  ResetServiceSpecificCredential: onUser,
  ListServiceSpecificCredentials: onUserOrAll,
  UpdateServiceSpecificCredential: onUser,
  DeleteServiceSpecificCredential: onUser,
};

const federation: Table = {
  CreateOpenIDConnectProvider: onOidcUrl,
  GetOpenIDConnectProvider: onOidcProvider,
  ListOpenIDConnectProviders: anywhere,
  DeleteOpenIDConnectProvider: onOidcProvider,
  AddClientIDToOpenIDConnectProvider: onOidcProvider,
  RemoveClientIDFromOpenIDConnectProvider: onOidcProvider,
  UpdateOpenIDConnectProviderThumbprint: onOidcProvider,
  TagOpenIDConnectProvider: onOidcProvider,
  UntagOpenIDConnectProvider: onOidcProvider,
  ListOpenIDConnectProviderTags: onOidcProvider,
  CreateSAMLProvider: onSamlName,
  GetSAMLProvider: onSamlProvider,
  ListSAMLProviders: anywhere,
  UpdateSAMLProvider: onSamlProvider,
  DeleteSAMLProvider: onSamlProvider,
  TagSAMLProvider: onSamlProvider,
  UntagSAMLProvider: onSamlProvider,
  ListSAMLProviderTags: onSamlProvider,
  UploadServerCertificate: onNew('server-certificate', (input) => input.ServerCertificateName),
  GetServerCertificate: onServerCertificate,
  ListServerCertificates: anywhere,
  UpdateServerCertificate: onServerCertificate,
  DeleteServerCertificate: onServerCertificate,
  TagServerCertificate: onServerCertificate,
  UntagServerCertificate: onServerCertificate,
  ListServerCertificateTags: onServerCertificate,
};

const account: Table = {
  CreateAccountAlias: anywhere,
  DeleteAccountAlias: anywhere,
  ListAccountAliases: anywhere,
  GetAccountSummary: anywhere,
  GetAccountAuthorizationDetails: anywhere,
  UpdateAccountPasswordPolicy: anywhere,
  GetAccountPasswordPolicy: anywhere,
  DeleteAccountPasswordPolicy: anywhere,
  SetSecurityTokenServicePreferences: anywhere,
  GenerateCredentialReport: anywhere,
  GetCredentialReport: anywhere,
};

/** Every operation's checks; the members' constraints come first, as in AWS, so that nothing malformed reaches a policy. */
export const authorize: Table = Object.fromEntries(
  Object.entries({ ...users, ...groups, ...roles, ...policies, ...credentials, ...federation, ...account }).map(
    ([operation, authorizer]) => [operation, constrained(operation, authorizer as Authorizer<object>)],
  ),
);

/**
 * Federated users may call nothing of IAM, and sessions of GetSessionToken only where they were made with MFA.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
 */
function refuseUserSessions({ principal }: ServiceRequest): void {
  if (
    principal.type === 'FederatedUser' ||
    (principal.type === 'User' && principal.session && !principal.session.mfaAuthenticated && !principal.session.console)
  )
    throw invalidToken();
}

function constrained(operation: string, authorizer: Authorizer<object>): Authorizer<object> {
  return (request, input) => {
    refuseUserSessions(request);
    checkConstraints(operation, input);
    return authorizer(request, input);
  };
}
