/** The child that opens connections inside a machine's network and hands them to its parent, with which it ends. */

import { Resolver } from 'node:dns/promises';
import { BlockList, connect, isIP } from 'node:net';

type Wanted = { number: number; address: string; port: number };

/** Knows the names of the machine's network, and is asked from there. */
const nameServer = '169.254.169.253';
/** Metadata, with the credentials of the machine's role, and names: services of the network for the machine alone. */
const closed = new BlockList();
closed.addSubnet('169.254.0.0', 16, 'ipv4');
closed.addSubnet('fe80::', 10, 'ipv6');
closed.addSubnet('fd00:ec2::', 32, 'ipv6');

async function addressOf(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  if (host === 'localhost') return '127.0.0.1';
  const resolver = new Resolver({ timeout: 2000, tries: 2 });
  resolver.setServers([nameServer]);
  return (await resolver.resolve4(host))[0]!;
}

async function open({ number, address: host, port }: Wanted): Promise<void> {
  const refuse = (error: NodeJS.ErrnoException): void => void process.send!({ number, refused: error.code ?? error.message });
  const address = await addressOf(host).catch(refuse);
  if (!address) return;
  if (closed.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) return refuse(Object.assign(new Error(host), { code: 'EACCES' }));
  const socket = connect({ host: address, port, allowHalfOpen: true });
  // Not a byte is read here: all of them are the parent's.
  socket.pause();
  socket.once('error', refuse);
  socket.once('connect', () => {
    socket.off('error', refuse);
    process.send!({ number }, socket);
  });
}

process.on('message', (wanted: Wanted) => void open(wanted));
process.on('disconnect', () => process.exit(0));
process.send!({ number: 0 });
