/** What a container's record says beside that of every machine. */

import type { Runtime } from './runtime.ts';
import { hostUsers, type HostUsers } from '../host-users.ts';
import { readRecord, type MachineRecord } from '../record.ts';

export type ContainerRecord = MachineRecord & {
  /** The first of its users on the host. */
  userBase: number;
  /** Where Haneul's own programs in it lie; absent of one that an older Haneul has started. */
  programs?: string;
  /** What started it; absent of one that an older Haneul has started with runc. */
  runtime?: Runtime;
};

export const readContainer = readRecord<ContainerRecord>;

/** Above what distributions give to people and to rootless containers. */
export const userBases = (directory: string): HostUsers =>
  hostUsers(directory, async (id) => (await readContainer(directory, id))?.userBase, { min: 0x4000_0000, max: 0x7fff_0000, each: 65_536 });
