/** Machines of this host, as EC2 sees them: what boots, runs, writes to a console and ends, whatever drives it. */

import type { Duplex } from 'node:stream';

/** One machine as it is to be started. Plain data: the host keeps it, so that a later Haneul knows what it adopted. */
export type MachineSpec = {
  /** Names it for ever: `i-0123456789abcdef0`. */
  id: string;
  hostname: string;
  /** The network namespace that it lives in, made before it starts, by its name below /run/netns. */
  network: string;
  /** The image whose way of booting its root volume follows: a name that `host.images` knows. */
  image: string;
  /** Its root volume, a name that `host.disks` knows. */
  rootDisk: string;
  /** No machine has had the root volume yet: it is as the host made it, from an image. */
  rootIsNew?: true;
  /** What drives it, `container` or `machine`: one that shares the host's kernel or has its own. The host chooses when it is absent. */
  driver?: string;
  /** It may be hibernated: it has a kernel of its own, in an emulator that can keep its memory. */
  hibernates?: true;
  vcpus: number;
  memoryBytes: number;
  /** Further volumes by the device names that it sees, for example `/dev/sdf`. */
  disks: Readonly<Record<string, string>>;
};

export type MachineState =
  | { id: string; state: 'running'; /** The host's number of its first process, or of its emulator. */ process: number }
  | { id: string; state: 'ended'; how: MachineEnd };

/** How a machine ended: shut down from inside, asked inside for a reboot, stopped from outside, or failed to start or to go on. */
export type MachineEnd = { kind: 'halted' } | { kind: 'reboot' } | { kind: 'killed' } | { kind: 'failed'; reason: string };

/** A terminal in which a program of a machine runs, as the one who sits before it has it. */
export type MachineTerminal = {
  /** What is typed goes in, what is shown comes out; it ends with the program. Destroying it hangs up. */
  stream: Duplex;
  resize(size: TerminalSize): void;
  /** Resolves to the program's exit code when it has ended and nothing of it is left on this host. */
  ended: Promise<number>;
};

export type MachinePorts = {
  /**
   * A connection to a port of the machine, or of a host as the machine itself reaches it, by address or by a name that its network knows. It may
   * be half closed. Rejects with MachineFailed where none listens, and for hosts that nobody is led to: those of metadata and names.
   */
  connect(port: number, host?: string): Promise<Duplex>;
  /** Resolves when the ways have ended: they were closed, or the machine has gone. */
  readonly ended: Promise<void>;
  close(): void;
};

/** In characters. */
export type TerminalSize = { columns: number; rows: number };

export type ExecResult = { code: number; output: Buffer };

export interface Machines {
  /** Why this host cannot run machines, for a user; undefined when it can. */
  obstacle(): Promise<string | undefined>;
  /**
   * Starts a machine; nothing happens when it runs. Resolves when its first process runs. Rejects with MachineFailed when it cannot be
   * started.
   */
  start(spec: MachineSpec): Promise<void>;
  /**
   * Asks a machine to shut down, as a power button does, and takes its power when it still runs after so many milliseconds of real time.
   * Resolves at once; nothing happens when it does not run. Asking again changes nothing.
   */
  shutDown(id: string, milliseconds: number): Promise<void>;
  /**
   * Keeps the memory of a running machine, encrypted as its root volume is, and ends it: its next start goes on from there, unless it is
   * started as another machine, with other disks, or the memory cannot be read; then it boots. Rejects with MachineFailed where it cannot be
   * done, and the machine runs on. Nothing happens when it does not run.
   */
  hibernate(id: string): Promise<void>;
  /** Ends a machine at once and resolves when it has ended. */
  kill(id: string): Promise<void>;
  /** Kills a machine and forgets all of it but its disks: console, settings, devices. */
  remove(id: string): Promise<void>;
  /** Removes every machine of this cloud. Where there is none the host is not touched. */
  removeAll(): Promise<void>;
  /** Every machine that was started here and not removed, in order of ids; machines that an earlier process started are among them. */
  list(): Promise<MachineState[]>;
  /** One of them, or undefined. */
  look(id: string): Promise<MachineState | undefined>;
  /** The last bytes of what a machine has written to its console since it was made; empty for an unknown one. */
  console(id: string, bytesMax: number): Promise<Buffer>;
  /** Gives a running machine a disk under a device name. Nothing happens when it has it. */
  attach(id: string, device: string, disk: string): Promise<void>;
  /**
   * Takes a disk from a running machine. Nothing happens when it does not have it. Resolves to `busy`, and leaves it there, while it is
   * known to be mounted inside, unless it is forced: then it is unmounted however it is used.
   */
  detach(id: string, device: string, force?: boolean): Promise<'gone' | 'busy'>;
  /**
   * Shows a running machine that one of its disks has grown, its root volume too. One that cannot see it while it runs sees it at its next
   * start, or when it gets the disk anew. Nothing happens where it does not have it.
   */
  grown(id: string, disk: string): Promise<void>;
  /**
   * Gives a running machine an interface that its network has put into its namespace. Nothing happens when it has it. Rejects with
   * MachineFailed when the machine cannot take it now.
   * @param device as the network names it: `eth1`.
   */
  plug(id: string, device: string): Promise<void>;
  /**
   * Has a running machine let go of an interface before its network takes it away. Nothing happens when it does not have it. Resolves soon:
   * to `busy` while the machine has not let go, unless it is forced; then nothing passes any more, though the machine may see it still.
   */
  unplug(id: string, device: string, force?: boolean): Promise<'gone' | 'busy'>;
  /** Seconds of processor time that a running machine has taken since its start. Undefined where it does not run, or the host does not count. */
  processorSeconds(id: string): Promise<number | undefined>;
  /** How many processors a running machine may keep busy until its next start. Nothing happens where it does not run, or the host has no such control. */
  limitProcessors(id: string, processors: number): Promise<void>;
  /** Opens a login shell of root's in a terminal of a running machine. Rejects with MachineFailed for one that does not run. */
  terminal(id: string, size: TerminalSize): Promise<MachineTerminal>;
  /**
   * The ways to the ports of a running machine, from its own network: no group, route or public address is asked. Rejects with MachineFailed
   * for one that does not run.
   */
  ports(id: string): Promise<MachinePorts>;
  /** Runs a program inside a running machine as its root, by an argument vector, without a terminal. */
  execute(id: string, command: readonly string[], options?: { input?: string; milliseconds?: number }): Promise<ExecResult>;
}

/** A machine that could not be started or asked; the message is for a user. */
export class MachineFailed extends Error {
  override name = 'MachineFailed';
}
