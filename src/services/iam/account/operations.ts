/** The account as a whole: alias, password policy, summary, preferences. */

import { commit } from '../commit.ts';
import { alreadyExists, invalidInput, noPasswordPolicy, noSuchEntity } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { accessKeys, accounts, mfaDevices, signingCertificates, type PasswordPolicy } from '../tables.ts';
import { loadAccount } from './account.ts';

export const CreateAccountAlias: Operation<'CreateAccountAlias'> = async (request, input) => {
  await commit(request, async (tx) => {
    const [taken] = await accounts.scanIndex(tx, 'byAlias', [input.AccountAlias], { limit: 1 });
    if (taken && taken.row.account !== request.account) throw alreadyExists(`The account alias ${input.AccountAlias} already exists.`);
    // An account has one alias: a new one takes the old one's place.
    await accounts.put(tx, { ...(await loadAccount(tx, request)), alias: input.AccountAlias });
  });
  return {};
};

export const DeleteAccountAlias: Operation<'DeleteAccountAlias'> = async (request, input) => {
  await commit(request, async (tx) => {
    const { alias, ...account } = await loadAccount(tx, request);
    if (alias !== input.AccountAlias) throw noSuchEntity(`The Account Alias ${input.AccountAlias} cannot be found.`);
    await accounts.put(tx, account);
  });
  return {};
};

export const ListAccountAliases: Operation<'ListAccountAliases'> = async (request) => {
  const { alias } = await request.store.read((tx) => loadAccount(tx, request));
  return { AccountAliases: alias === undefined ? [] : [alias], IsTruncated: false };
};

export const UpdateAccountPasswordPolicy: Operation<'UpdateAccountPasswordPolicy'> = async (request, input) => {
  // What is not given goes back to its default: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
  const passwordPolicy: PasswordPolicy = {
    minimumLength: input.MinimumPasswordLength ?? 6,
    symbols: input.RequireSymbols ?? false,
    numbers: input.RequireNumbers ?? false,
    uppercase: input.RequireUppercaseCharacters ?? false,
    lowercase: input.RequireLowercaseCharacters ?? false,
    usersMayChange: input.AllowUsersToChangePassword ?? false,
    ...(input.MaxPasswordAge !== undefined && { maxAgeDays: input.MaxPasswordAge }),
    ...(input.PasswordReusePrevention !== undefined && { reusePrevention: input.PasswordReusePrevention }),
    ...(input.HardExpiry !== undefined && { hardExpiry: input.HardExpiry }),
  };
  await commit(request, async (tx) => accounts.put(tx, { ...(await loadAccount(tx, request)), passwordPolicy }));
  return {};
};

export const GetAccountPasswordPolicy: Operation<'GetAccountPasswordPolicy'> = async (request) => {
  const { passwordPolicy: policy } = await request.store.read((tx) => loadAccount(tx, request));
  if (!policy) throw noPasswordPolicy(request.account);
  return {
    PasswordPolicy: {
      MinimumPasswordLength: policy.minimumLength,
      RequireSymbols: policy.symbols,
      RequireNumbers: policy.numbers,
      RequireUppercaseCharacters: policy.uppercase,
      RequireLowercaseCharacters: policy.lowercase,
      AllowUsersToChangePassword: policy.usersMayChange,
      ExpirePasswords: policy.maxAgeDays !== undefined,
      ...(policy.maxAgeDays !== undefined && { MaxPasswordAge: policy.maxAgeDays }),
      ...(policy.reusePrevention !== undefined && { PasswordReusePrevention: policy.reusePrevention }),
      ...(policy.hardExpiry !== undefined && { HardExpiry: policy.hardExpiry }),
    },
  };
};

export const DeleteAccountPasswordPolicy: Operation<'DeleteAccountPasswordPolicy'> = async (request) => {
  await commit(request, async (tx) => {
    const { passwordPolicy, ...account } = await loadAccount(tx, request);
    if (!passwordPolicy) throw noPasswordPolicy(request.account);
    await accounts.put(tx, account);
  });
  return {};
};

export const GetAccountSummary: Operation<'GetAccountSummary'> = (request) =>
  request.store.read(async (tx) => {
    const { counts, globalTokenVersion } = await loadAccount(tx, request);
    const root = [request.account, request.account];
    const presence = (rows: readonly unknown[]) => (rows.length > 0 ? 1 : 0);
    return {
      SummaryMap: {
        Users: counts.users ?? 0,
        UsersQuota: limits.usersPerAccount,
        Groups: counts.groups ?? 0,
        GroupsQuota: limits.groupsPerAccount,
        Roles: counts.roles ?? 0,
        RolesQuota: limits.rolesPerAccount,
        Policies: counts.policies ?? 0,
        PoliciesQuota: limits.policiesPerAccount,
        PolicyVersionsInUse: counts.policyVersions ?? 0,
        PolicyVersionsInUseQuota: 10_000,
        InstanceProfiles: counts.instanceProfiles ?? 0,
        InstanceProfilesQuota: limits.instanceProfilesPerAccount,
        ServerCertificates: counts.serverCertificates ?? 0,
        ServerCertificatesQuota: limits.serverCertificatesPerAccount,
        Providers: (counts.oidcProviders ?? 0) + (counts.samlProviders ?? 0),
        MFADevices: counts.mfaDevices ?? 0,
        MFADevicesInUse: counts.mfaDevicesInUse ?? 0,
        AccountMFAEnabled: presence(await mfaDevices.scanIndex(tx, 'byUser', root, { limit: 1 })),
        AccountAccessKeysPresent: presence(await accessKeys.scan(tx, root, { limit: 1 })),
        AccountPasswordPresent: 1,
        AccountSigningCertificatesPresent: presence(await signingCertificates.scan(tx, root, { limit: 1 })),
        AccessKeysPerUserQuota: limits.accessKeysPerUser,
        SigningCertificatesPerUserQuota: limits.signingCertificatesPerUser,
        GroupsPerUserQuota: limits.groupsPerUser,
        AttachedPoliciesPerUserQuota: limits.attachedPoliciesPerUser,
        AttachedPoliciesPerGroupQuota: limits.attachedPoliciesPerGroup,
        AttachedPoliciesPerRoleQuota: limits.attachedPoliciesPerRole,
        VersionsPerPolicyQuota: limits.versionsPerPolicy,
        PolicySizeQuota: limits.managedPolicyCharactersMax,
        UserPolicySizeQuota: limits.userPolicyCharactersMax,
        GroupPolicySizeQuota: limits.groupPolicyCharactersMax,
        RolePolicySizeQuota: limits.rolePolicyCharactersMax,
        AssumeRolePolicySizeQuota: limits.trustPolicyCharactersMax,
        GlobalEndpointTokenVersion: globalTokenVersion,
      },
    };
  });

export const SetSecurityTokenServicePreferences: Operation<'SetSecurityTokenServicePreferences'> = async (request, input) => {
  if (input.GlobalEndpointTokenVersion === undefined) throw invalidInput('GlobalEndpointTokenVersion is required.');
  const globalTokenVersion = input.GlobalEndpointTokenVersion === 'v2Token' ? 2 : 1;
  await commit(request, async (tx) => accounts.put(tx, { ...(await loadAccount(tx, request)), globalTokenVersion }));
  return {};
};
