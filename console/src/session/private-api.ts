/** The console's own small API: sign-in, and what the public API of AWS has no words for. See docs/decisions/0020. */

import { identity, type Credentials, type Identity } from './session.ts';
import { signed } from './signature.ts';

export type CloudSettings = { version: string; testKey: boolean; services: readonly string[]; now: string };
export type SignInReply =
  | { credentials: Required<Credentials> & { expiration: string }; arn: string }
  | { next: 'mfa' | 'new-password'; reason?: string };
export type SignInForm = { account: string; user: string; password: string; code?: string; newPassword?: string };
export type PrivateSession = { token: string; account: string; arn: string; owner: boolean };

/** What the private API refused, in its own words. */
export class PrivateApiError extends Error {
  override name = 'PrivateApiError';
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const api = '/_console/api/';

async function ask(path: string, options: RequestInit = {}): Promise<Response> {
  const response = await fetch(api + path, { ...options, credentials: 'omit', cache: 'no-store' });
  if (response.ok) return response;
  const text = await response.text();
  let message = text;
  try {
    message = String((JSON.parse(text) as { message?: unknown }).message);
  } catch {
    // Not ours: a proxy's page, shown as it is.
  }
  throw new PrivateApiError(response.status, message);
}

async function post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
  const response = await ask(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}

export async function cloudSettings(): Promise<CloudSettings> {
  return (await (await ask('settings')).json()) as CloudSettings;
}

/** The cloud's own time. */
export async function cloudNow(): Promise<Date> {
  return new Date((await cloudSettings()).now);
}

export function signIn(form: SignInForm): Promise<SignInReply> {
  return post('sign-in', form);
}

/** Proves who holds these credentials by a signed GetCallerIdentity, which is sent to nobody but our own cloud. */
export function proveIdentity(credentials: Credentials): Promise<PrivateSession> {
  const body = 'Action=GetCallerIdentity&Version=2011-06-15';
  const headers = signed(
    body,
    { 'content-type': 'application/x-www-form-urlencoded' },
    { credentials, service: 'sts', region: 'us-east-1' },
  );
  return post('session', { headers, body });
}

const tokens = new WeakMap<Identity, Promise<PrivateSession>>();

/** The private session of whoever acts now. */
export function privateSession(): Promise<PrivateSession> {
  const who = identity();
  let session = tokens.get(who);
  if (!session) {
    session = proveIdentity(who.credentials);
    session.catch(() => tokens.delete(who));
    tokens.set(who, session);
  }
  return session;
}

/** A call of the private API as whoever acts now; a token that has run out is renewed once. */
async function asMe(path: string, options: RequestInit = {}): Promise<Response> {
  const who = identity();
  const once = async (): Promise<Response> => {
    const { token } = await privateSession();
    return ask(path, { ...options, headers: { ...(options.headers as Record<string, string>), 'x-haneul-console': token } });
  };
  try {
    return await once();
  } catch (error) {
    if (!(error instanceof PrivateApiError) || error.status !== 401) throw error;
    tokens.delete(who);
    return once();
  }
}

export async function read<T>(path: string): Promise<T> {
  return (await (await asMe(path)).json()) as T;
}

export async function write<T>(path: string, body: unknown): Promise<T> {
  const response = await asMe(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}

/** The stream of changes. */
export function openEvents(signal: AbortSignal): Promise<Response> {
  return asMe('events', { signal });
}
