/** Gives every machine users of the host that no other one has. */

import { machineIds } from './folder.ts';

export type HostUsers = {
  /** The first user of a machine: the same one as long as it is not released. */
  take(id: string): Promise<number>;
  release(id: string): void;
};

/**
 * @param directory holds the folders of all machines of one driver, whose users are its own.
 * @param usersOf the first user of a machine, as its record says.
 */
export function hostUsers(
  directory: string,
  usersOf: (id: string) => Promise<number | undefined>,
  { min, max, each }: { min: number; max: number; each: number },
): HostUsers {
  let known: Promise<Map<string, number>> | undefined;
  const read = async (): Promise<Map<string, number>> => {
    const users = new Map<string, number>();
    for (const id of await machineIds(directory)) {
      const first = await usersOf(id);
      if (first !== undefined) users.set(id, first);
    }
    return users;
  };
  return {
    async take(id) {
      const users = await (known ??= read());
      const own = users.get(id);
      if (own !== undefined) return own;
      const taken = new Set(users.values());
      for (let user = min; user < max; user += each) {
        if (taken.has(user)) continue;
        users.set(id, user);
        return user;
      }
      throw new Error('all users of this host are given to machines');
    },
    release: (id) => void known?.then((users) => users.delete(id)),
  };
}
