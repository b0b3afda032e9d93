/** Names of what is made on the machine: each carries the cloud's label, so that two clouds never meet and a killed one is recognised. */

import { createHash } from 'node:crypto';

export type Names = ReturnType<typeof namesFor>;

/** Where `ip netns` keeps namespaces by their names. */
export const namespacesDirectory = '/run/netns';
/** The file by which one of ours is joined. */
export const namespacePath = (name: string): string => `${namespacesDirectory}/${name}`;

/** A cloud's label, from where its data lies. */
export const labelOf = (dataDirectory: string): string => createHash('sha256').update(dataDirectory).digest('hex').slice(0, 6);

/** Namespaces have long names; devices fifteen characters, of which the end of an id says most. */
export function namesFor(label: string) {
  const prefix = `hn-${label}-`;
  const device =
    (letter: string) =>
    (id: string): string =>
      `${letter}${id.slice(id.lastIndexOf('-') + 1).slice(-14)}`;
  return {
    prefix,
    namespace: (id: string): string => `${prefix}${id}`,
    /** Between the machine and the networks' gateways. */
    exchange: `${prefix}internet`,
    /** The machine's end of the way to the exchange. */
    hostDevice: `hn-${label}`,
    bridge: device('s'),
    port: device('e'),
    /** The end in the exchange of a network's gateway. */
    gatewayOf: device('g'),
    peering: device('p'),
  };
}

/** The exchange's end of the way to the machine. */
export const hostSide = 'host';

/** The end of a network's own internet gateway. */
export const gatewayDevice = 'igw';

/** A router's device for what has no route: a bridge without ports. So packets without a route pass the filter, which can tell of them. */
export const nowhereDevice = 'nowhere';

/** Link-local addresses of the ends between a router and the exchange; guests never see them. */
export const linkAddresses = { exchange: '169.254.0.1', vpc: '169.254.0.2' } as const;

/** The address of an end of a peering, of its own for each, since a router may have many: reserved ones, which no network has. */
export function peeringAddress(id: string, side: 'requester' | 'accepter'): string {
  const number = (Number.parseInt(id.slice(-7), 16) % 2 ** 26) * 2 + (side === 'requester' ? 1 : 2);
  return `${240 + Math.floor(number / 2 ** 24)}.${Math.floor(number / 2 ** 16) % 256}.${Math.floor(number / 2 ** 8) % 256}.${number % 256}`;
}
