/** Console passwords: how they are hashed, and the rules that an account sets for them. */

import { scrypt, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../../framework/random.ts';
import { passwordViolation } from '../errors.ts';
import type { PasswordPolicy } from '../tables.ts';

const cost = { N: 16_384, r: 8, p: 1 };

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => scrypt(password, salt, 32, cost, (error, key) => (error ? reject(error) : resolve(key))));
}

/** `scrypt$salt$key`, both base64. */
export async function hashPassword(password: string, random: Random): Promise<string> {
  const salt = random.bytes(16);
  return `scrypt$${salt.toString('base64')}$${(await derive(password, salt)).toString('base64')}`;
}

export async function passwordMatches(password: string, hash: string): Promise<boolean> {
  const [, salt = '', key = ''] = hash.split('$');
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64')), Buffer.from(key, 'base64'));
}

/** What holds for accounts that set no policy: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html */
const symbols = /[!@#$%^&*()_+\-=[\]{}|']/;

/** Throws PasswordPolicyViolation. */
export function checkPassword(password: string, policy: PasswordPolicy | undefined, userName: string): void {
  if (policy) checkAgainstPolicy(password, policy);
  else checkAgainstDefault(password, userName);
}

function checkAgainstPolicy(password: string, policy: PasswordPolicy): void {
  const must = (met: boolean, rule: string) => {
    if (!met) throw passwordViolation(`Password does not conform to the account password policy: ${rule}`);
  };
  must(password.length >= policy.minimumLength, `Password should have a minimum length of ${policy.minimumLength}`);
  must(!policy.uppercase || /[A-Z]/.test(password), 'Password should have at least one uppercase letter');
  must(!policy.lowercase || /[a-z]/.test(password), 'Password should have at least one lowercase letter');
  must(!policy.numbers || /[0-9]/.test(password), 'Password should have at least one number');
  must(!policy.symbols || symbols.test(password), 'Password should have at least one symbol');
}

function checkAgainstDefault(password: string, userName: string): void {
  const kinds = [/[A-Z]/, /[a-z]/, /[0-9]/, symbols].filter((kind) => kind.test(password)).length;
  if (password.length < 8) throw passwordViolation('Password should have a minimum length of 8 characters');
  if (kinds < 3)
    throw passwordViolation(
      'Password should include a minimum of three of the following mix of character types: uppercase, lowercase, numbers, and symbols',
    );
  if (password.toLowerCase() === userName.toLowerCase()) throw passwordViolation('Password must not be identical to the user name');
}
