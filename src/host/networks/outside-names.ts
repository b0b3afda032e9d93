/** Asks the operator's name server for what a VPC's own does not know, datagram for datagram. */

import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { getServers } from 'node:dns';
import { isIP, isIPv6 } from 'node:net';

const waitMilliseconds = 4_000;
const questionBytesMax = 512;
/** Of all guests together; who comes beyond is refused, and asks again. */
const underWayMax = 64;

export type OutsideNames = (message: Buffer) => Promise<Uint8Array | undefined>;

/** @param server `address` or `address:port`; that of the machine's own settings where it is absent. */
export function outsideNames(server: string | undefined): OutsideNames {
  let underWay = 0;
  return async (message) => {
    const to = serverOf(server ?? getServers()[0]);
    if (!to || underWay >= underWayMax || message.length < 12 || message.length > questionBytesMax) return undefined;
    underWay++;
    try {
      return await ask(message, to);
    } finally {
      underWay--;
    }
  };
}

type Server = { address: string; port: number };

/** Undefined for what is no address. As `dns.getServers` writes them: `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1`, `[2001:db8::1]:5353`. */
export function serverOf(text: string | undefined): Server | undefined {
  if (text === undefined) return undefined;
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? text;
  return isIP(address) ? { address, port: port === undefined ? 53 : Number(port) } : undefined;
}

/** Under a number of our own, over a socket of its own: who would forge an answer has to guess both. */
function ask(message: Buffer, { address, port }: Server): Promise<Uint8Array | undefined> {
  const query = Buffer.from(message);
  const number = randomInt(65_536);
  query.writeUInt16BE(number, 0);
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    let ended = false;
    const end = (answer?: Uint8Array): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(end, waitMilliseconds);
    // The guest is told nothing, as when the server does not answer.
    socket.on('error', () => end());
    socket.on('message', (answer) => {
      if (answer.length < 12 || answer.readUInt16BE(0) !== number) return;
      answer.writeUInt16BE(message.readUInt16BE(0), 0);
      end(answer);
    });
    socket.connect(port, address, () => socket.send(query));
  });
}
