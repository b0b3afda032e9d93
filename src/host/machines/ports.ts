/** Connections to the ports of a machine that runs, made from inside its own network: no group, route or public address is asked. */

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { MachineFailed, type MachinePorts } from '../../framework/machines.ts';
import { programIn } from '../images/host-programs.ts';

export type Ports = Omit<MachinePorts, 'connect'> & {
  /** Where none listens the message of the error is the system's code. */
  connect(port: number, host?: string): Promise<Socket>;
};

const lookMilliseconds = 1000;

type Answer = { number: number; refused?: string };

/**
 * Opens the way; one process of this host's stays in the network until it is closed, or this process ends, however it does.
 * @param enter a program and its words that run another one in that network. @param address at which the machine's ports are found there.
 * @param prepare makes the network ready for that process.
 */
export async function openPorts(
  [enter, ...words]: readonly [string, ...string[]],
  address: string,
  prepare: (carrier: number) => Promise<void> = async () => undefined,
): Promise<Ports> {
  const program = await programIn(enter);
  if (program === undefined) throw new MachineFailed(`${enter} is not on this machine: install iproute2 and util-linux`);
  const carrier = fork(join(import.meta.dirname, `port-carrier.${import.meta.filename.endsWith('.ts') ? 'ts' : 'js'}`), [], {
    // It runs as `ip netns exec NETWORK node port-carrier …`.
    execPath: program,
    execArgv: [...words, process.execPath],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // A signal for who sits at the terminal is not for it: it ends with the channel.
    detached: true,
  });
  const waiting = new Map<number, PromiseWithResolvers<Socket>>();
  let last = 0;
  carrier.on('message', ({ number, refused }: Answer, socket) => {
    const asked = waiting.get(number);
    waiting.delete(number);
    if (refused !== undefined) asked?.reject(new MachineFailed(refused));
    else if (socket) asked?.resolve(Object.assign(socket as Socket, { allowHalfOpen: true }));
  });
  const ended = Promise.withResolvers<void>();
  carrier.once('exit', () => {
    ended.resolve();
    for (const asked of waiting.values()) asked.reject(new MachineFailed('the way into the network has ended'));
    waiting.clear();
  });
  const close = (): void => {
    if (carrier.connected) carrier.disconnect();
  };
  await started(carrier);
  await prepare(carrier.pid!).catch((error: unknown) => {
    close();
    throw error;
  });
  return {
    connect: (port, host) => {
      if (!carrier.connected) return Promise.reject(new MachineFailed('the way into the network has ended'));
      const asked = Promise.withResolvers<Socket>();
      waiting.set(++last, asked);
      carrier.send({ number: last, address: host ?? address, port });
      return asked.promise;
    },
    ended: ended.promise,
    close,
  };
}

/** A container's network is its own namespace, so what listens at its loopback is found too. */
export const openContainerPorts = (network: string): Promise<Ports> => openPorts(['ip', 'netns', 'exec', network], '127.0.0.1');

/** Ways that end with their machine. @param runs whether it runs still. */
export function whileRunning(ports: Ports, runs: () => Promise<boolean>): Ports {
  const look = async (): Promise<void> => {
    if (!(await runs().catch(() => true))) ports.close();
  };
  const timer = setInterval(() => void look(), lookMilliseconds).unref();
  void ports.ended.then(() => clearInterval(timer));
  return ports;
}

async function started(carrier: ChildProcess): Promise<void> {
  const ended = once(carrier, 'exit').then(([code]) => {
    throw new MachineFailed(`the machine's network cannot be entered (${code})`);
  });
  await Promise.race([once(carrier, 'message'), ended]);
  // Its end is told to who waits for a connection.
  ended.catch(() => undefined);
}
