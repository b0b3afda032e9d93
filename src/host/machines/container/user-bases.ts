/** Gives every container 65,536 users of the host that no other one has. */

import { machineIds } from '../folder.ts';
import { readRecord } from './record.ts';

const usersEach = 65_536;
/** Above what distributions give to people and to rootless containers. */
const baseMin = 0x4000_0000;
const baseMax = 0x7fff_0000;

/** @param directory holds the folders of all containers. */
export function userBases(directory: string) {
  let known: Promise<Map<string, number>> | undefined;
  const read = async (): Promise<Map<string, number>> => {
    const bases = new Map<string, number>();
    for (const id of await machineIds(directory)) {
      const record = await readRecord(directory, id);
      if (record) bases.set(id, record.userBase);
    }
    return bases;
  };
  return {
    /** The first user of a container: the same one as long as it is not released. */
    async take(id: string): Promise<number> {
      const bases = await (known ??= read());
      const own = bases.get(id);
      if (own !== undefined) return own;
      const taken = new Set(bases.values());
      for (let base = baseMin; base < baseMax; base += usersEach) {
        if (taken.has(base)) continue;
        bases.set(id, base);
        return base;
      }
      throw new Error('all users of this host are given to machines');
    },
    release: (id: string): void => void known?.then((bases) => bases.delete(id)),
  };
}
