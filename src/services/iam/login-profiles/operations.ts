/** Login profiles: the console password of a user. */

import { AwsError } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { loadAccount } from '../account/account.ts';
import { commit } from '../commit.ts';
import { dateOf } from '../dates.ts';
import { alreadyExists, invalidInput, noLoginProfile, passwordViolation, userNameNeeded } from '../errors.ts';
import type { Operation } from '../sdk.ts';
import { loginProfiles, type LoginProfile, type User } from '../tables.ts';
import { meantUser, requireUser } from '../users/user.ts';
import { checkPassword, hashPassword, passwordMatches } from './password.ts';

/** The root user has no login profile that these operations could reach. */
function namedUser(request: ServiceRequest, name: string | undefined): string {
  const meant = meantUser(request, name);
  if (meant === undefined) throw userNameNeeded();
  return meant;
}

function shown(user: User, profile: LoginProfile) {
  return { UserName: user.name, CreateDate: dateOf(profile.createdAt), PasswordResetRequired: profile.resetRequired };
}

export const CreateLoginProfile: Operation<'CreateLoginProfile'> = async (request, input) => {
  const name = namedUser(request, input.UserName);
  const password = input.Password;
  if (password === undefined) throw invalidInput('A password is required.');
  const policy = await request.store.read(async (tx) => {
    await requireUser(tx, request.account, name);
    return (await loadAccount(tx, request)).passwordPolicy;
  });
  checkPassword(password, policy, name);
  const hash = await hashPassword(password, request.random);
  return commit(request, async (tx) => {
    const user = await requireUser(tx, request.account, name);
    if (await loginProfiles.get(tx, user.account, user.id)) throw alreadyExists(`Login Profile for user ${user.name} already exists.`);
    const profile = {
      account: user.account,
      userId: user.id,
      createdAt: request.now,
      changedAt: request.now,
      resetRequired: input.PasswordResetRequired ?? false,
      hash,
      previousHashes: [],
    };
    await loginProfiles.put(tx, profile);
    return { LoginProfile: shown(user, profile) };
  });
};

/** A user with its login profile. Throws NoSuchEntity. */
function loadProfile(request: ServiceRequest, name: string) {
  return request.store.read(async (tx) => {
    const user = await requireUser(tx, request.account, name);
    const profile = await loginProfiles.get(tx, user.account, user.id);
    if (!profile) throw noLoginProfile(name);
    return { user, profile, policy: (await loadAccount(tx, request)).passwordPolicy };
  });
}

export const GetLoginProfile: Operation<'GetLoginProfile'> = async (request, input) => {
  const { user, profile } = await loadProfile(request, namedUser(request, input.UserName));
  return { LoginProfile: shown(user, profile) };
};

export const UpdateLoginProfile: Operation<'UpdateLoginProfile'> = async (request, input) => {
  await changeProfile(request, input.UserName, input.Password, input.PasswordResetRequired);
  return {};
};

/** Sets a new password, where one is given, that the account's policy allows. */
async function changeProfile(
  request: ServiceRequest,
  name: string,
  password: string | undefined,
  resetRequired: boolean | undefined,
): Promise<void> {
  const { user, profile, policy } = await loadProfile(request, name);
  let change: Partial<LoginProfile> = {};
  if (password !== undefined) {
    checkPassword(password, policy, user.name);
    const past = [profile.hash, ...profile.previousHashes].slice(0, policy?.reusePrevention ?? 0);
    for (const hash of past)
      if (await passwordMatches(password, hash))
        throw passwordViolation('Password does not conform to the account password policy: Password was used before');
    change = {
      hash: await hashPassword(password, request.random),
      previousHashes: [profile.hash, ...profile.previousHashes].slice(0, 24),
      changedAt: request.now,
    };
  }
  await commit(request, async (tx) => {
    const stored = await loginProfiles.get(tx, user.account, user.id);
    if (!stored) throw noLoginProfile(name);
    await loginProfiles.put(tx, { ...stored, ...change, resetRequired: resetRequired ?? stored.resetRequired });
  });
}

export const DeleteLoginProfile: Operation<'DeleteLoginProfile'> = async (request, input) => {
  const name = namedUser(request, input.UserName);
  await commit(request, async (tx) => {
    const user = await requireUser(tx, request.account, name);
    if (!(await loginProfiles.get(tx, user.account, user.id))) throw noLoginProfile(name);
    await loginProfiles.delete(tx, user.account, user.id);
  });
  return {};
};

export const ChangePassword: Operation<'ChangePassword'> = async (request, input) => {
  if (request.principal.type !== 'User') throw new AwsError('InvalidUserType', 'Only users can change their password.');
  const name = request.principal.name;
  const { profile } = await loadProfile(request, name);
  if (!(await passwordMatches(input.OldPassword, profile.hash)))
    throw new AwsError('AccessDenied', 'The old password was incorrect.', { status: 403 });
  await changeProfile(request, name, input.NewPassword, false);
  return {};
};
