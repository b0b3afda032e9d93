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

const key = 'haneul-session';

function read(): readonly Identity[] {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? '[]') as unknown;
    return Array.isArray(kept) ? (kept as Identity[]) : [];
  } catch {
    // Without session storage one signs in again after a reload.
    return [];
  }
}

/** The one who signed in first, then roles; the last one acts. */
const state = createState<readonly Identity[]>(read(), (identities) => {
  try {
    if (identities.length === 0) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(identities));
  } catch {
    // As above.
  }
});

export const identities = (): readonly Identity[] => state.get();
export const useIdentities = (): readonly Identity[] => useWatched(state);
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
  state.set([who]);
}
export function switchedTo(role: Identity): void {
  state.set([state.get()[0]!, role]);
}
export function switchedBack(): void {
  state.set(state.get().slice(0, 1));
}
export function signedOut(): void {
  state.set([]);
}
