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
  /**
   * How its supervisor learns that a guest has asked for a reboot, which ends it: by a monitor on a descriptor after the lines, or because it
   * runs `itself` again.
   */
  reboots: 'reported' | 'itself';
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
  /** Shows the guest that a disk has grown to so many bytes, where it can see that while it runs. */
  grow(running: RunningEmulator, letter: string, bytes: number): Promise<void>;
  /** Shows the guest another interface, whose tap is there. */
  plug(running: RunningEmulator, nic: Nic): Promise<void>;
  /**
   * Takes an interface from the guest. False while that has not let go of it; where it is forced, nothing passes any more either way, but the
   * guest may keep what it saw until its next start, and gets no other interface in that place before.
   */
  unplug(running: RunningEmulator, nic: Pick<Nic, 'device' | 'mac'>, force: boolean): Promise<boolean>;
};

/** The line of words for a kernel has 2048 bytes. */
const addressesInWordsMax = 4;

/** Words for the kernel of a guest that tell it who it is on the network. */
export const networkWords = (nics: readonly Nic[]): string[] =>
  nics.flatMap(({ device, mac, addresses, gateway, addresses6, gateway6 }) => [
    `haneul.${device}=${mac},${some(addresses)},${gateway}`,
    ...(addresses6.length > 0 ? [`haneul.ipv6.${device}=${mac},${some(addresses6)},${gateway6}`] : []),
  ]);

const some = (addresses: readonly string[]): string => addresses.slice(0, addressesInWordsMax).join('+');

/** True where these words are all that there is to say, and every image understands them. */
export const fitsInWords = (nics: readonly Nic[]): boolean =>
  nics.every(({ addresses, addresses6 }) => addresses.length <= addressesInWordsMax && addresses6.length === 0);

/** Words for any Linux that is to start fast. Debian's user-mode-linux makes 256 terminals of the old kind, which take it a second and more. */
export const startWords = [
  ...['quiet', 'loglevel=3', 'random.trust_cpu=on', 'rcupdate.rcu_expedited=1', 'cryptomgr.notests=1', 'pty.legacy_count=0', 'panic=1'],
];
