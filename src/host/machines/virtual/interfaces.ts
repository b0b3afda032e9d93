/** Network interfaces of running virtual machines: the emulator shows them to its guest, and the guest is told what they are to have. */

import { setTimeout as pause } from 'node:timers/promises';
import { MachineFailed } from '../../../framework/machines.ts';
import { guestScript } from '../../images/tree.ts';
import { readText } from '../../missing-files.ts';
import type { MachineMeans } from '../means.ts';
import { changeRecord } from '../record.ts';
import { runInside } from './agent.ts';
import { fitsInWords, type Emulator, type RunningEmulator } from './emulator.ts';
import { interfacesSeen, plug, unplug, type Nic } from './nics.ts';
import { readVirtual, type VirtualRecord } from './record.ts';

/** One that runs. */
type Machine = { record: VirtualRecord; emulator: Emulator; at: RunningEmulator };

export type Interfaces = {
  /** An interface that its network has made anew is plugged like the first, and what has changed is told to the guest. Soon done. */
  keep(at: RunningEmulator): Promise<void>;
  /** Of a machine that has just been started with them. */
  begun(id: string, nics: readonly Nic[]): void;
  attach(machine: Machine, device: string): Promise<void>;
  detach(machine: Machine, device: string, force: boolean): Promise<'gone' | 'busy'>;
  /** Of a machine that has ended. */
  forget(id: string): void;
};

const graceMilliseconds = 500;
/** For the guest to answer. */
const tellMilliseconds = 60_000;
/** Of the routes of a machine's first interface; those of others come after them. */
const metricFirst = 100;

export function keepInterfaces(means: MachineMeans): Interfaces {
  const { directory } = means;
  /** What each machine's namespace was when its interfaces were last plugged, and what there was to tell of them. */
  const plugged = new Map<string, { seen: string; nics: Nic[] }>();
  const told = new Map<string, string>();
  const telling = new Set<string>();
  const leaving = new Map<string, Promise<boolean>>();

  const tell = async (at: RunningEmulator, nics: readonly Nic[]): Promise<void> => {
    telling.add(at.id);
    try {
      for (const nic of nics) await tellGuest(at, nic);
      told.set(at.id, JSON.stringify(nics));
    } catch {
      // It boots, or has no agent of Haneul's: it is told again at the next look.
    } finally {
      telling.delete(at.id);
    }
  };

  return {
    async keep(at) {
      const { id } = at;
      const seen = await namespaceOf(at.process);
      if (plugged.get(id)?.seen !== seen) {
        const record = await readVirtual(directory, id);
        if (!record) return;
        plugged.set(id, { seen, nics: await plug(record.spec.network, record.user, record.nics && Object.keys(record.nics)) });
      }
      const { nics } = plugged.get(id)!;
      // A network that is being made anew has put it there and has not given it its addresses yet.
      if (nics.some(({ addresses, addresses6 }) => addresses.length + addresses6.length === 0)) return;
      if (told.get(id) !== JSON.stringify(nics) && !telling.has(id)) void tell(at, nics);
    },
    begun(id, nics) {
      if (fitsInWords(nics)) told.set(id, JSON.stringify(nics));
    },
    async attach({ record: { spec, user, nics = {} }, emulator, at }, device) {
      if (nics[device] !== undefined) return;
      const [nic] = await plug(spec.network, user, [device]);
      if (!nic) throw new MachineFailed(`the network of ${spec.id} has no ${device}`);
      await emulator.plug(at, nic);
      await changeRecord<VirtualRecord>(directory, spec.id, (row) => ({ ...row, nics: { ...row.nics, [device]: nic.mac } }));
      plugged.delete(spec.id);
    },
    async detach({ record: { spec, nics = {} }, emulator, at }, device, force) {
      const mac = nics[device];
      if (mac === undefined) return 'gone';
      const key = `${spec.id} ${device}`;
      const letGo = async (): Promise<boolean> => {
        if (!(await emulator.unplug(at, { device, mac }, force))) return false;
        await changeRecord<VirtualRecord>(directory, spec.id, ({ nics: { [device]: _gone, ...rest } = {}, ...row }) => ({
          ...row,
          nics: rest,
        }));
        await unplug(spec.network, device);
        plugged.delete(spec.id);
        return true;
      };
      const work = leaving.get(key) ?? letGo().finally(() => leaving.delete(key));
      leaving.set(key, work);
      // Who asks has others to ask: what takes longer is seen the next time.
      return (await Promise.race([work, pause(graceMilliseconds, false)])) ? 'gone' : 'busy';
    },
    forget(id) {
      plugged.delete(id);
      told.delete(id);
    },
  };
}

async function namespaceOf(process_: number): Promise<string> {
  const tables = ['igmp', 'if_inet6', 'fib_trie'].map((name) => readText(`/proc/${process_}/net/${name}`));
  return interfacesSeen((await Promise.all(tables)).map((text) => text ?? ''));
}

/** Images that are older than this have no such words of their own. Rejects with MachineFailed. */
async function tellGuest({ control }: RunningEmulator, { device, mac, addresses, gateway, addresses6, gateway6 }: Nic): Promise<void> {
  const script = `${unexplained((await guestScript('network')).toString())}\ngive_addresses "$@"\n`;
  const metric = String(metricFirst + Number(device.slice('eth'.length)));
  const words = [mac, metric, gateway || '-', gateway6 || '-', ...addresses, ...addresses6];
  const { code, output } = await runInside(control, ['/var/lib/haneul/busybox', 'sh', '-c', script, 'sh', ...words], {
    milliseconds: tellMilliseconds,
  });
  if (code !== 0) throw new MachineFailed(`${device} cannot be told to its guest: ${output.toString().trim()}`);
}

/** A shell script without its comments and indentation: a serial line is slow. */
const unexplained = (script: string): string => script.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/^\t+/gm, '');
