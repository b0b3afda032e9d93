/** Machines in name only, for tests: they run when they are started, and end when they are told to or when a test says so. */

import {
  MachineFailed,
  type MachineEnd,
  type MachinePorts,
  type Machines,
  type MachineSpec,
  type MachineState,
  type MachineTerminal,
} from '../../framework/machines.ts';
import { simulatedPorts, type Answer } from './ports.ts';
import { simulatedTerminal } from './terminal.ts';

export type SimulatedMachines = Machines & {
  /** What a machine was started with, and has attached now; undefined when it is not there. */
  spec(id: string): { spec: MachineSpec; attached: ReadonlyMap<string, string> } | undefined;
  /** Devices whose volumes are mounted inside a machine, as a test says. */
  mounted(id: string): Set<string>;
  /** Disks of which it was shown that they have grown. */
  grownDisks(id: string): ReadonlySet<string>;
  /** Devices of the network interfaces that a machine was given while it ran. */
  interfaces(id: string): ReadonlySet<string>;
  /** Those of which it does not let go, as a test says. */
  clutched(id: string): Set<string>;
  /** A running machine takes so many seconds of processor time. */
  burn(id: string, seconds: number): void;
  /** How many processors a running machine may keep busy. */
  processors(id: string): number | undefined;
  /** Lets a running machine end by itself. */
  end(id: string, how: MachineEnd): void;
  /** The commands that were run inside, in their order. */
  executed(id: string): readonly (readonly string[])[];
  /** Something listens at a port of a machine, `8080`, or of a host that it reaches, `db.internal:5432`. */
  listen(id: string, port: string, answer: Answer): void;
  /** The machine writes to its console. */
  write(id: string, text: string): void;
  /** Makes the next starts fail, until it is told undefined. */
  refuse(reason: string | undefined): void;
  /** The same for hibernating. */
  cannotHibernate(reason: string | undefined): void;
};

type Machine = {
  spec: MachineSpec;
  process: number;
  ended?: MachineEnd;
  written: Buffer;
  attached: Map<string, string>;
  processors: number;
  processorSeconds: number;
  mounted: Set<string>;
  grownDisks: Set<string>;
  interfaces: Set<string>;
  clutched: Set<string>;
  terminals: MachineTerminal[];
  listening: Map<string, Answer>;
  ports: MachinePorts[];
};

const stateOf = (id: string, { process, ended }: Machine): MachineState =>
  ended ? { id, state: 'ended', how: ended } : { id, state: 'running', process };

export function simulatedMachines(): SimulatedMachines {
  const machines = new Map<string, Machine>();
  const commands = new Map<string, (readonly string[])[]>();
  let lastProcess = 1000;
  let [refusal, awake]: (string | undefined)[] = [];
  const running = (id: string): Machine | undefined => {
    const machine = machines.get(id);
    return machine && !machine.ended ? machine : undefined;
  };
  const end = (id: string, how: MachineEnd): void => {
    const machine = running(id);
    if (!machine) return;
    machine.ended = how;
    machine.attached.clear();
    machine.mounted.clear();
    for (const { stream } of machine.terminals) stream.destroy();
    for (const ports of machine.ports) ports.close();
  };
  return {
    obstacle: async () => undefined,
    async start(spec) {
      if (running(spec.id)) return;
      if (refusal !== undefined) throw new MachineFailed(refusal);
      const written = Buffer.concat([machines.get(spec.id)?.written ?? Buffer.alloc(0), Buffer.from(`${spec.hostname} booted\n`)]);
      machines.set(spec.id, {
        ...{ spec, process: ++lastProcess, written, attached: new Map(Object.entries(spec.disks)), terminals: [] },
        ...{ grownDisks: new Set<string>(), interfaces: new Set<string>(), clutched: new Set<string>(), mounted: new Set<string>() },
        ...{ processors: spec.vcpus, processorSeconds: 0 },
        ...{ listening: new Map<string, Answer>(), ports: [] },
      });
    },
    shutDown: async (id) => end(id, { kind: 'halted' }),
    async hibernate(id) {
      const machine = running(id);
      if (machine && (awake !== undefined || !machine.spec.hibernates)) throw new MachineFailed(awake ?? `${id} cannot hibernate`);
      end(id, { kind: 'killed' });
    },
    kill: async (id) => end(id, { kind: 'killed' }),
    remove: async (id) => void machines.delete(id),
    removeAll: async () => machines.clear(),
    list: async () => [...machines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, machine]) => stateOf(id, machine)),
    look: async (id) => (machines.has(id) ? stateOf(id, machines.get(id)!) : undefined),
    console: async (id, bytesMax) => machines.get(id)?.written.subarray(-bytesMax) ?? Buffer.alloc(0),
    async terminal(id, size) {
      const machine = running(id);
      if (!machine) throw new MachineFailed(`${id} is not running`);
      const terminal = simulatedTerminal(machine.spec.hostname, size);
      machine.terminals.push(terminal);
      return terminal;
    },
    async execute(id, command) {
      if (!running(id)) throw new MachineFailed(`${id} is not running`);
      commands.set(id, [...(commands.get(id) ?? []), command]);
      return { code: 0, output: Buffer.from(`${command.join(' ')}\n`) };
    },
    executed: (id) => commands.get(id) ?? [],
    ...processorsOf(running),
    ...portsOf(machines, running),
    ...volumesOf(machines, running),
    ...interfacesOf(machines, running),
    spec: (id) => machines.get(id),
    end,
    write(id, text) {
      const machine = machines.get(id);
      if (machine) machine.written = Buffer.concat([machine.written, Buffer.from(text)]);
    },
    refuse: (reason) => void (refusal = reason),
    cannotHibernate: (reason) => void (awake = reason),
  };
}

function portsOf(
  machines: ReadonlyMap<string, Machine>,
  running: (id: string) => Machine | undefined,
): Pick<SimulatedMachines, 'ports' | 'listen'> {
  return {
    async ports(id) {
      const machine = running(id);
      if (!machine) throw new MachineFailed(`${id} is not running`);
      const ports = simulatedPorts(machine.listening);
      machine.ports.push(ports);
      return ports;
    },
    listen: (id, port, answer) => void machines.get(id)!.listening.set(port, answer),
  };
}

function processorsOf(
  running: (id: string) => Machine | undefined,
): Pick<SimulatedMachines, 'processorSeconds' | 'limitProcessors' | 'burn' | 'processors'> {
  return {
    processorSeconds: async (id) => running(id)?.processorSeconds,
    async limitProcessors(id, processors) {
      const machine = running(id);
      if (machine) machine.processors = processors;
    },
    burn(id, seconds) {
      const machine = running(id);
      if (machine) machine.processorSeconds += seconds;
    },
    processors: (id) => running(id)?.processors,
  };
}

function volumesOf(
  machines: ReadonlyMap<string, Machine>,
  running: (id: string) => Machine | undefined,
): Pick<SimulatedMachines, 'attach' | 'detach' | 'mounted' | 'grown' | 'grownDisks'> {
  return {
    async attach(id, device, disk) {
      const machine = running(id);
      if (!machine) throw new MachineFailed(`${id} is not running`);
      machine.attached.set(device, disk);
    },
    async detach(id, device, force = false) {
      const machine = machines.get(id);
      if (machine?.mounted.has(device) && !force) return 'busy';
      machine?.mounted.delete(device);
      machine?.attached.delete(device);
      return 'gone';
    },
    mounted: (id) => machines.get(id)!.mounted,
    grown: async (id, disk) => void running(id)?.grownDisks.add(disk),
    grownDisks: (id) => machines.get(id)!.grownDisks,
  };
}

function interfacesOf(
  machines: ReadonlyMap<string, Machine>,
  running: (id: string) => Machine | undefined,
): Pick<SimulatedMachines, 'plug' | 'unplug' | 'interfaces' | 'clutched'> {
  return {
    async plug(id, device) {
      const machine = running(id);
      if (!machine) throw new MachineFailed(`${id} is not running`);
      machine.interfaces.add(device);
    },
    async unplug(id, device, force = false) {
      const machine = running(id);
      if (machine?.clutched.has(device) && !force) return 'busy';
      machine?.interfaces.delete(device);
      return 'gone';
    },
    interfaces: (id) => machines.get(id)!.interfaces,
    clutched: (id) => machines.get(id)!.clutched,
  };
}
