/** Who is signed in: a user, and the roles that were taken on since. Kept in this tab's session storage and nowhere else. */

import { createState, useWatched } from '../shell/state.ts';

export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

export type Identity = {
  /** For a person: a user's name, a role's name, `root`. */
  name: string;
  account: string;
  arn: string;
  credentials: Credentials;
  /** ISO 8601, cloud time; keys have none. */
  expiration?: string;
  /** Of a role that was switched to: the colour of its badge. */
  colour?: string;
};

/** Somebody who signed in, and the role that was taken on since; the last one acts. */
export type Chain = readonly Identity[];

function kept<T>(key: string): [readonly T[], (value: readonly T[]) => void] {
  let found: readonly T[] = [];
  try {
    const read = JSON.parse(sessionStorage.getItem(key) ?? '[]') as unknown;
    if (Array.isArray(read)) found = read as T[];
  } catch {
    // Without session storage one signs in again after a reload.
  }
  const keep = (value: readonly T[]): void => {
    try {
      if (value.length === 0) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, JSON.stringify(value));
    } catch {
      // As above.
    }
  };
  return [found, keep];
}

const state = createState<Chain>(...kept<Identity>('haneul-session'));
/** Others who are signed in to this tab and do not act now. */
const others = createState<readonly Chain[]>(...kept<Chain>('haneul-other-sessions'));
/** Whose session came to its end, until somebody has signed in. */
const ended = createState<Identity | undefined>(undefined);

export const identities = (): Chain => state.get();
export const useIdentities = (): Chain => useWatched(state);
export const useOthers = (): readonly Chain[] => useWatched(others);
export const useEnded = (): Identity | undefined => useWatched(ended);
export const watchIdentities = state.watch;

/** Who acts now. Throws when nobody is signed in. */
export function identity(): Identity {
  const last = state.get().at(-1);
  if (!last) throw new Error('nobody is signed in');
  return last;
}

export function useIdentity(): Identity | undefined {
  return useWatched(state).at(-1);
}

export function signedIn(who: Identity): void {
  others.set(others.get().filter(([first]) => first!.arn !== who.arn));
  ended.set(undefined);
  state.set([who]);
}
export function switchedTo(role: Identity): void {
  ended.set(undefined);
  state.set([state.get()[0]!, role]);
}
export function switchedBack(): void {
  state.set(state.get().slice(0, 1));
}
/** The others stay signed in. */
export function signedOut(): void {
  ended.set(undefined);
  state.set([]);
}

/** Leaves whoever acts signed in, for somebody else to sign in beside. */
export function signInBeside(): void {
  others.set([...others.get(), state.get()]);
  state.set([]);
}

/** Goes on as one of the others. */
export function goOnAs(chain: Chain): void {
  const rest = others.get().filter((one) => one !== chain);
  others.set(state.get().length > 0 ? [...rest, state.get()] : rest);
  ended.set(undefined);
  state.set(chain);
}

/** Credentials that are good no more: of a role one goes back to oneself, otherwise one signs in again, at the same place. */
export function sessionEnded(who: Identity): void {
  if (state.get().at(-1) !== who) return;
  ended.set(who);
  state.set(state.get().slice(0, -1));
}

/** Ends a session where a refusal says that its time is over, in the words of STS or of EC2. */
export function noticeEnd(who: Identity, refusal: Error): void {
  if (/^(ExpiredToken|ExpiredTokenException|RequestExpired)$/.test(refusal.name)) sessionEnded(who);
}
