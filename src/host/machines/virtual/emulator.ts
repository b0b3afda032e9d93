/** What the driver asks of an emulator, whichever it is. */

import type { MachineSpec } from '../../../framework/machines.ts';
import type { Nic } from './nics.ts';
import type { EmulatorName } from './record.ts';

/** A guest as it is to be started: paths are those that the emulator sees. */
export type Guest = {
  spec: MachineSpec;
  /** Its first process. */
  init: string;
  nics: readonly Nic[];
  /** The file of its root volume. */
  root: string;
  /** Files of further volumes, by the letter of their device: `f` of /dev/sdf. */
  volumes: ReadonlyMap<string, string>;
  /** It waits for the memory that it had. */
  resumes?: boolean;
};

/** A running emulator, for whoever wants something of it. */
export type RunningEmulator = {
  id: string;
  process: number;
  /** The directory of its sockets, as the host sees it; the emulator sees it as /control. */
  control: string;
};

export type Emulator = {
  name: EmulatorName;
  /** Letters that a further volume's device may have. */
  letters: string;
  /** Files of the host that it is to see, by the path at which it sees them. */
  files(): Promise<ReadonlyMap<string, string>>;
  command(guest: Guest): Promise<string[]>;
  /** Serial lines that its supervisor gives it, by the names of their sockets in `control`; others it opens by itself. */
  lines: readonly string[];
  /** Memory of the emulator itself, beside its guest's. */
  overheadBytes: number;
  /** Memory that the guest has as files below /tmp. */
  memoryFileBytes(guestBytes: number): number;
  /** Resolves when it can be asked; rejects when it does not answer. */
  ready(running: RunningEmulator): Promise<boolean>;
  pressPowerButton(running: RunningEmulator): Promise<void>;
  attach(running: RunningEmulator, letter: string, file: string): Promise<void>;
  detach(running: RunningEmulator, letter: string): Promise<void>;
};

/** Words for the kernel of a guest that tell it who it is on the network. */
export const networkWords = (nics: readonly Nic[]): string[] =>
  nics.map(({ device, mac, addresses, gateway }) => `haneul.${device}=${mac},${addresses.join('+')},${gateway}`);

/** Words for any Linux that is to start fast. */
export const startWords = ['quiet', 'loglevel=3', 'random.trust_cpu=on', 'rcupdate.rcu_expedited=1', 'cryptomgr.notests=1', 'panic=1'];
