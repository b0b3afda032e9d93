/** Ports in name only: what a test says that listens answers there. */

import { duplexPair, type Duplex } from 'node:stream';
import { MachineFailed, type MachinePorts } from '../../framework/machines.ts';

/** Whoever listens, given its end of a connection. */
export type Answer = (stream: Duplex) => void;

/** @param listening by `port` or `host:port`. */
export function simulatedPorts(listening: ReadonlyMap<string, Answer>): MachinePorts {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  return {
    ended,
    close: resolve,
    connect: async (port, host) => {
      const answer = listening.get(host === undefined ? String(port) : `${host}:${port}`);
      if (!answer) throw new MachineFailed('ECONNREFUSED');
      const [near, far] = duplexPair();
      answer(far);
      return near;
    },
  };
}
