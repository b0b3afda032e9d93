/** AWS Identity and Access Management: https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html */

import { defineService } from '../../framework/service.ts';
import * as authorizationDetails from './account/authorization-details.ts';
import * as account from './account/operations.ts';
import * as accessKeys from './access-keys/operations.ts';
import { authorize } from './authorize.ts';
import * as credentialReport from './credential-report/operations.ts';
import * as groups from './groups/operations.ts';
import { createIdentityProvider } from './identity-provider.ts';
import * as instanceProfiles from './instance-profiles/operations.ts';
import * as lastAccessed from './last-accessed/operations.ts';
import * as loginProfiles from './login-profiles/operations.ts';
import * as mfaDevices from './mfa-devices/operations.ts';
import * as oidcProviders from './oidc-providers/operations.ts';
import * as attachments from './policies/attachments.ts';
import * as inlinePolicies from './policies/inline-policies.ts';
import * as policies from './policies/operations.ts';
import * as policyVersions from './policies/versions.ts';
import * as roles from './roles/operations.ts';
import * as samlProviders from './saml-providers/operations.ts';
import type { Iam } from './sdk.ts';
import * as serverCertificates from './server-certificates/operations.ts';
import * as serviceLinkedRoles from './service-linked-roles/operations.ts';
import * as simulation from './simulation/operations.ts';
import { tables } from './tables.ts';
import * as serviceCredentials from './user-credentials/service-credentials.ts';
import * as signingCertificates from './user-credentials/signing-certificates.ts';
import * as sshPublicKeys from './user-credentials/ssh-public-keys.ts';
import * as users from './users/operations.ts';

const modules = [
  authorizationDetails,
  account,
  accessKeys,
  credentialReport,
  groups,
  instanceProfiles,
  lastAccessed,
  loginProfiles,
  mfaDevices,
  oidcProviders,
  attachments,
  inlinePolicies,
  policies,
  policyVersions,
  roles,
  samlProviders,
  serverCertificates,
  serviceLinkedRoles,
  simulation,
  serviceCredentials,
  signingCertificates,
  sshPublicKeys,
  users,
] as const;

/** Operations are the exports that begin with a capital letter. */
const operations = Object.fromEntries(modules.flatMap((module) => Object.entries(module)).filter(([name]) => /^[A-Z]/.test(name)));

export const service = defineService<Iam>({ name: 'iam', operations, authorize, tables, identity: createIdentityProvider });
