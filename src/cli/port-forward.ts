/** `haneul port-forward` */

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { MachineFailed } from '../framework/machines.ts';
import { runs, waysToPorts } from '../host/machines/at-hand.ts';
import type { Ports } from '../host/machines/ports.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { requireRootOf } from './own-sky.ts';
import { portPair, type PortPair } from './port-pairs.ts';
import { dataDirectoryOf } from './running-cloud.ts';
import { watchSignals } from './stop-signals.ts';
import type { Terminal } from './terminal.ts';

const pairsMax = 100;
const loopback = '127.0.0.1';

export const portForward = defineCommand({
  name: 'port-forward',
  summary: 'carry a port of this machine to a port of an instance',
  usage: 'INSTANCE [LOCAL:]PORT … [options]',
  options: { data: dataOption },
  positionalsMax: pairsMax + 1,
  details: [
    'It listens on the loopback of this machine and runs until it is interrupted. It needs no key, no public address and no rule of a security',
    'group, but root of this machine, or the user whose cloud it is where that runs without root. TCP only. `:80` takes any free port.',
    '',
    'Examples:',
    '  haneul port-forward i-0123456789abcdef0 8080:80',
    '  haneul port-forward i-0123456789abcdef0 8080:80 2222:22 5432',
  ].join('\n'),
  async run({ values, positionals: [id, ...words], environment, terminal }) {
    if (id === undefined || words.length === 0)
      throw new CommandError('which instance and ports? `haneul port-forward i-… 8080:80`', exitCodes.wrongUsage);
    const pairs = words.map(portPair);
    const data = dataDirectoryOf(values, environment);
    await requireRootOf(data, environment);
    const ports = await waysToPorts(data, id).catch((error: unknown) => {
      if (error instanceof MachineFailed) throw new CommandError(error.message);
      throw error;
    });
    const stop = watchSignals();
    const lost = Promise.withResolvers<string>();
    const carried: Carried = { connections: 0, open: new Set(), toInstance: 0, fromInstance: 0 };
    /** Whoever does not answer may just not listen yet; a machine that has ended never will. */
    const onRefused = (pair: PortPair, why: string): void => {
      terminal.note(`port ${pair.remote} of ${id} did not take a connection: ${why}`);
      runs(data, id).then((still) => still || lost.resolve(`${id} is not running any more`), lost.reject);
    };
    const servers: Server[] = [];
    try {
      for (const pair of pairs) servers.push(await listen(ports, pair, carried, (why) => onRefused(pair, why)));
      announce(terminal, id, pairs, servers, values.json === true);
      const why = await Promise.race([stop.first, lost.promise]);
      if (why !== undefined) throw new CommandError(why);
      if (values.json !== true) terminal.line(summary(carried));
      return exitCodes.ok;
    } finally {
      stop.unwatch();
      for (const server of servers) server.close();
      for (const socket of carried.open) socket.destroy();
      ports.close();
    }
  },
});

type Carried = { connections: number; open: Set<Socket>; toInstance: number; fromInstance: number };

async function listen(ports: Ports, { local, remote }: PortPair, carried: Carried, refused: (why: string) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => {
    near.on('error', () => near.destroy());
    ports.connect(remote).then(
      (far) => carry(near, far, carried),
      (error: Error) => {
        near.resetAndDestroy();
        refused(error.message);
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'another program listens there' : error.message;
      reject(new CommandError(`port ${local} of this machine cannot be opened: ${why}`));
    });
    server.listen(local, loopback, resolve);
  });
  return server;
}

/** Both ways until both ends have closed, or one broke. */
async function carry(near: Socket, far: Socket, carried: Carried): Promise<void> {
  carried.connections++;
  for (const socket of [near, far]) carried.open.add(socket);
  try {
    await Promise.all([pipeline(near, far), pipeline(far, near)]);
  } catch {
    // An end that broke off breaks off the other, and whoever spoke there knows.
    near.destroy();
    far.destroy();
  }
  carried.toInstance += near.bytesRead;
  carried.fromInstance += near.bytesWritten;
  for (const socket of [near, far]) carried.open.delete(socket);
}

function announce(terminal: Terminal, id: string, pairs: readonly PortPair[], servers: readonly Server[], json: boolean): void {
  const found = pairs.map(({ remote }, at) => ({
    address: loopback,
    port: (servers[at]!.address() as AddressInfo).port,
    instancePort: remote,
  }));
  if (json) return terminal.json({ instance: id, forwarded: found });
  for (const { port, instancePort } of found)
    terminal.line(`Listening at ${terminal.style('bold', `${loopback}:${port}`)}, which leads to port ${instancePort} of ${id}.`);
  terminal.line(terminal.style('dim', 'Interrupt it (Ctrl-C) to end it.'));
}

const summary = ({ connections, toInstance, fromInstance }: Carried): string =>
  `Carried ${connections} ${connections === 1 ? 'connection' : 'connections'}: ${toInstance} bytes to the instance, ${fromInstance} from it.`;
