/** POST /_console/api/sign-in: a user's password becomes a console session, as in AWS's own sign-in. */

import { AwsError } from '../../framework/aws-error.ts';
import type { SignInAnswer } from '../../framework/identity.ts';
import type { HttpRequest } from '../../framework/http-message.ts';
import { accessKeyId } from '../../framework/access-key-id.ts';
import type { IamUser } from '../../framework/principal.ts';
import { sealingKey, sealSession } from '../../framework/session-token.ts';
import type { ControlledCloud } from '../controlled-cloud.ts';
import { badRequest, readJson, type ControlError } from '../message.ts';
import { createAttempts } from './attempts.ts';

/** The session's credentials, or what the browser has to ask for next. */
export type SignInReply =
  | { credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string; expiration: string }; arn: string }
  | { next: 'mfa' | 'new-password'; reason?: string };

const SESSION_MILLISECONDS = 12 * 3_600_000;
/** Each check fills 16 MB for a moment. */
const CHECKS_AT_ONCE_MAX = 8;
const secretAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

type Form = { account: string; user: string; password: string; code?: string; newPassword?: string };

export function createSignIn(cloud: ControlledCloud): (request: HttpRequest) => Promise<SignInReply> {
  const attempts = createAttempts(() => Date.now());
  let checks = 0;
  return async (request) => {
    const form = formFrom(await readJson(request));
    const name = `user ${form.account}/${form.user.toLowerCase()}`;
    const names = [name, `address ${request.remoteAddress}`];
    const wait = attempts.waitFor(names);
    if (wait > 0) throw tooMany(`Too many failed attempts. Try again in ${Math.ceil(wait / 60_000)} minutes.`);
    if (checks >= CHECKS_AT_ONCE_MAX) throw tooMany('Too many people are signing in. Try again in a moment.');
    checks++;
    try {
      const result = await cloud.identity.signIn!({ ...form, changes: form.newPassword !== undefined, at: cloud.clock.now() });
      if (result.outcome === 'refused') {
        attempts.failed(names);
        note(cloud, request, result);
        throw { status: 401, code: 'AuthenticationFailed', message: result.message } satisfies ControlError;
      }
      if (result.outcome === 'needs-mfa') return { next: 'mfa' };
      if (result.outcome === 'needs-new-password') return { next: 'new-password' };
      const reason = result.mustChange ? await changePassword(cloud, result.principal, form) : undefined;
      if (reason !== undefined) return { next: 'new-password', reason };
      attempts.succeeded(name);
      note(cloud, request, result);
      return await sessionOf(cloud, result.principal, result.mfa);
    } finally {
      checks--;
    }
  };
}

/** As the user, who needs iam:ChangePassword for it as in AWS. Resolves to why the new password is no good. */
async function changePassword(cloud: ControlledCloud, user: IamUser, { password, newPassword }: Form): Promise<string | undefined> {
  const aws = cloud.awsAs(user, { account: user.account, region: 'us-east-1' });
  try {
    await aws.iam('ChangePassword', { OldPassword: password, NewPassword: newPassword });
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error.code === 'PasswordPolicyViolation' || error.code === 'ValidationError') return error.message;
    throw { status: 403, code: error.code, message: error.message } satisfies ControlError;
  }
}

async function sessionOf({ clock, store, random }: ControlledCloud, user: IamUser, mfaAuthenticated: boolean): Promise<SignInReply> {
  const issuedAt = clock.now();
  const expiresAt = issuedAt + SESSION_MILLISECONDS;
  const session = { issuedAt, expiresAt, console: true, ...(mfaAuthenticated && { mfaAuthenticated }) } as const;
  const id = accessKeyId('ASIA', user.account, random);
  const secretAccessKey = random.text(40, secretAlphabet);
  const sessionToken = sealSession(
    await sealingKey(store, random),
    id,
    { secretAccessKey, principal: { ...user, session }, expiresAt },
    random,
  );
  return { credentials: { accessKeyId: id, secretAccessKey, sessionToken, expiration: new Date(expiresAt).toISOString() }, arn: user.arn };
}

function formFrom(given: Record<string, unknown>): Form {
  const text = (name: string, required: boolean): string | undefined => {
    const value = given[name];
    if (value === undefined && !required) return undefined;
    if (typeof value !== 'string' || value === '' || value.length > 256) throw badRequest(`${name} must be text of 1 to 256 characters`);
    return value;
  };
  const [code, newPassword] = [text('code', false), text('newPassword', false)];
  return {
    account: text('account', true)!,
    user: text('user', true)!,
    password: text('password', true)!,
    ...(code !== undefined && { code }),
    ...(newPassword !== undefined && { newPassword }),
  };
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html */
function note({ audit, clock, random }: ControlledCloud, request: HttpRequest, result: SignInAnswer): void {
  if (result.account === undefined) return;
  const succeeded = result.outcome === 'signed-in';
  const principal = succeeded ? result.principal : undefined;
  audit.append({
    eventVersion: '1.08',
    userIdentity: {
      type: 'IAMUser',
      accountId: result.account,
      ...(principal && { principalId: principal.id, arn: principal.arn, userName: principal.name }),
      // Somebody may have typed the password where the name belongs.
      ...(!principal && { userName: 'HIDDEN_DUE_TO_SECURITY_REASONS' }),
    },
    eventTime: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
    eventSource: 'signin.amazonaws.com',
    eventName: 'ConsoleLogin',
    awsRegion: 'us-east-1',
    sourceIPAddress: request.remoteAddress,
    userAgent: request.headers['user-agent'] ?? '',
    requestParameters: null,
    responseElements: { ConsoleLogin: succeeded ? 'Success' : 'Failure' },
    ...(!succeeded && { errorMessage: 'Failed authentication' }),
    requestID: random.uuid(),
    eventID: random.uuid(),
    readOnly: false,
    managementEvent: true,
    recipientAccountId: result.account,
  });
}

function tooMany(message: string): ControlError {
  return { status: 429, code: 'TooManyAttempts', message };
}
