/** Posts messages to web addresses that customers name, and to no address that would let them into places of the operator. */

import { lookup } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';

/** Networks that are neither loopback nor public: private, shared, link-local (where clouds keep their metadata), reserved, multicast. */
const refused = new BlockList();
for (const [network, bits] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
  ] as const),
  ...([
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
    ['168.63.129.16', 32],
  ] as const),
])
  refused.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
  ['64:ff9b::', 96],
  ['2002::', 16],
] as const)
  refused.addSubnet(network, bits, 'ipv6');
refused.addAddress('::', 'ipv6');

/** May the cloud connect to this IP address for a customer? */
export function isAllowedAddress(address: string): boolean {
  // IPv4 addresses written as IPv6 are judged as what they are.
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return isAllowedAddress(mapped);
  if (isIPv6(address) && address.toLowerCase().startsWith('::ffff:')) return false;
  return isIP(address) > 0 && !refused.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Resolves names to allowed addresses only; what was checked is what is connected to. */
const allowedLookup: LookupFunction = (name, options, callback) => {
  lookup(name, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, [], 0);
    const allowed = addresses.filter(({ address }) => isAllowedAddress(address));
    if (allowed.length === 0) return callback(new Error(`${name} is at an address that this cloud does not connect to`), [], 0);
    if (options.all) return callback(null, allowed);
    callback(null, allowed[0]!.address, allowed[0]!.family);
  });
};

/** See `Host.post`. */
export async function post(
  url: string,
  message: { headers: Readonly<Record<string, string>>; body: string | Uint8Array },
  { milliseconds }: { milliseconds: number },
): Promise<{ status: number }> {
  const target = new URL(url);
  const host = target.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) && !isAllowedAddress(host)) throw new Error(`${host} is an address that this cloud does not connect to`);
  const { request: send } = await (target.protocol === 'https:' ? import('node:https') : import('node:http')); // loaded where it is used
  const body = Buffer.from(message.body as string);
  return new Promise((resolve, reject) => {
    const outgoing = send(
      target,
      {
        method: 'POST',
        agent: false,
        lookup: allowedLookup,
        headers: { ...message.headers, 'content-length': body.length, connection: 'close' },
        signal: AbortSignal.timeout(milliseconds),
      },
      (incoming) => {
        resolve({ status: incoming.statusCode ?? 0 });
        incoming.destroy();
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
