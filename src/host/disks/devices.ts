/** Block devices of disks: one a disk, for all who use it, limited to the disk's speed. */

import type { DiskSpeed } from '../../framework/disks.ts';
import type { Locks } from './locks.ts';
import { dropLoops, loopDevicesOf, newLoop, newSealedLoop } from './loops.ts';
import { freeIdleDevices, limitDevice } from './speeds.ts';

export type DiskDevices = {
  device(id: string): Promise<string>;
  release(id: string): Promise<void>;
  limit(id: string, speed: DiskSpeed): Promise<void>;
  enforce(id: string, group?: string): Promise<void>;
  /** Of a disk that is no more. */
  forget(id: string): void;
};

export function diskDevices(path: (id: string) => string, locks: Locks): DiskDevices {
  const speeds = new Map<string, DiskSpeed>();
  const enforce = async (id: string, group?: string): Promise<void> => {
    if (process.platform !== 'linux' || !speeds.has(id)) return;
    for (const device of await loopDevicesOf(path(id))) await limitDevice(device, speeds.get(id), group);
  };

  /** Devices of one disk come and go one after the other. */
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = <T>(id: string, act: () => Promise<T>): Promise<T> => {
    const turn = (turns.get(id) ?? Promise.resolve()).then(act, act);
    turns.set(id, turn);
    const end = (): void => void (turns.get(id) === turn && turns.delete(id));
    turn.then(end, end);
    return turn;
  };

  return {
    device: (id) =>
      inTurn(id, async () => {
        const key = (await locks.keyOf(id))?.plain;
        const [present] = await loopDevicesOf(path(id));
        const device = present ?? (await (key ? newSealedLoop(path(id), key) : newLoop(path(id))));
        await limitDevice(device, speeds.get(id));
        return device;
      }),
    release: (id) =>
      inTurn(id, async () => {
        await dropLoops(path(id));
        await freeIdleDevices();
      }),
    async limit(id, speed) {
      speeds.set(id, speed);
      await enforce(id);
    },
    enforce,
    forget: (id) => void speeds.delete(id),
  };
}
