/** The way to the ports of a machine with a network of its own: a neighbour whom nobody but the guest sees. */

import { MachineFailed } from '../../../framework/machines.ts';
import { run } from '../../programs.ts';
import { openPorts, type Ports } from '../ports.ts';
import { bridgeOf, guestAddress } from './nics.ts';

/** Of the addresses that AWS keeps of every subnet, the one it gives nothing: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const neighbourNumber = 3;

/**
 * One process of this host's stays beside the machine, in a network namespace that ends with it. Rejects with MachineFailed for a machine
 * that has no interface.
 */
export async function openGuestPorts(network: string): Promise<Ports> {
  const { device, address, prefix } = await guestAddress(network);
  const ports = await openPorts(['unshare', '--net'], address, async (carrier) => {
    const own = `way-${carrier}`;
    const outside = [
      `link add ${own} type veth peer name way netns ${carrier}`,
      // Isolated ports hear the guest and not each other: nothing of this gets out of the machine.
      ...[`link set ${own} master ${bridgeOf(device)}`, `link set ${own} type bridge_slave isolated on`, `link set ${own} up`],
    ];
    await run('ip', ['-n', network, '-b', '-'], { input: `${outside.join('\n')}\n` });
    const inside = [`address add ${neighbourOf(address, prefix)}/${prefix} dev way`, 'link set way addrgenmode none', 'link set way up'];
    await run('ip', ['-b', '-'], { network: `/proc/${carrier}/ns/net`, input: `${inside.join('\n')}\n` });
  });
  const connect: Ports['connect'] = async (port, host) => {
    if (host !== undefined) throw new MachineFailed('a machine with a kernel of its own leads to its own ports alone');
    return ports.connect(port);
  };
  return { ...ports, connect };
}

/** In the subnet of an address. */
function neighbourOf(address: string, prefix: number): string {
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - prefix);
  const neighbour = number - (number % size) + neighbourNumber;
  return [24, 16, 8, 0].map((shift) => (neighbour >>> shift) & 255).join('.');
}
