/** Signing in with a password: what the console asks of IAM. The same work is done whether account, user and password exist or not. */

import type { IdentityProvider, SignInAnswer, SignInAttempt } from '../../../framework/identity.ts';
import type { IamUser } from '../../../framework/principal.ts';
import type { Random } from '../../../framework/random.ts';
import type { Store } from '../../../store/store.ts';
import { mfaCodeFits } from '../mfa-devices/code-check.ts';
import { accounts, fold, loginProfiles, mfaDevices, users } from '../tables.ts';
import { userArn } from '../users/user.ts';
import { passwordMatches } from './password.ts';

const dayMilliseconds = 86_400_000;
const wrong = 'Your authentication information is incorrect. Please try again.';
/** Matches no password, at the price of one that exists. */
const nobodysHash = `scrypt$${Buffer.alloc(16).toString('base64')}$${Buffer.alloc(32).toString('base64')}`;

export function createSignIn(context: { store: Store; random: Random }): NonNullable<IdentityProvider['signIn']> {
  return (attempt) => signIn(context, attempt);
}

async function signIn(context: { store: Store; random: Random }, attempt: SignInAttempt): Promise<SignInAnswer> {
  const { account, found } = await find(context.store, attempt);
  const matches = await passwordMatches(attempt.password, found?.profile.hash ?? nobodysHash);
  const known = account === undefined ? {} : { account };
  if (!found || !matches || account === undefined) return { outcome: 'refused', message: wrong, ...known };
  const { user, profile, policy, devices } = found;
  if (devices.length > 0 && attempt.code === undefined) return { outcome: 'needs-mfa', account };
  const expired = policy?.maxAgeDays !== undefined && attempt.at - profile.changedAt > policy.maxAgeDays * dayMilliseconds;
  if (expired && policy.hardExpiry)
    return { outcome: 'refused', message: 'Your password has expired. Ask your administrator for a new one.', account };
  const mustChange = expired || profile.resetRequired;
  // A code is good once, so it is not spent before there is a new password to go with it.
  if (mustChange && !attempt.changes) return { outcome: 'needs-new-password', account };
  const principal: IamUser = { type: 'User', account, arn: userArn(user), id: user.id, name: user.name };
  if (devices.length > 0 && !(await showsCode(context, principal, devices, attempt)))
    return { outcome: 'refused', message: wrong, account };
  await context.store.write(async (tx) => {
    const current = await users.get(tx, account, fold(user.name));
    if (current) await users.put(tx, { ...current, passwordLastUsedAt: attempt.at });
  });
  return { outcome: 'signed-in', account, principal, mfa: devices.length > 0, mustChange };
}

async function showsCode(
  context: { store: Store; random: Random },
  principal: IamUser,
  serials: readonly string[],
  { code, at }: SignInAttempt,
): Promise<boolean> {
  for (const serial of serials) if (await mfaCodeFits(context, principal, serial, code ?? '', at)) return true;
  return false;
}

/** By the account's number or its alias. */
function find(store: Store, attempt: SignInAttempt) {
  return store.read(async (tx) => {
    const named = /^\d{12}$/.test(attempt.account)
      ? await accounts.get(tx, attempt.account)
      : (await accounts.scanIndex(tx, 'byAlias', [attempt.account.toLowerCase()], { limit: 1 }))[0]?.row;
    const account = named?.account;
    if (!named || account === undefined) return { account };
    const user = await users.get(tx, account, fold(attempt.user));
    const profile = user && (await loginProfiles.get(tx, account, user.id));
    if (!user || !profile) return { account };
    const devices = await mfaDevices.scanIndex(tx, 'byUser', [account, user.id], { limit: 8 });
    return { account, found: { user, profile, policy: named.passwordPolicy, devices: devices.map(({ row }) => row.serial) } };
  });
}
