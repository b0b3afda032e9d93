/** Has every VPC's name server listen at the addresses at which its guests look for it. */

import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { NetworkInterface } from '../network-interfaces/network-interface.ts';
import { vpcs } from '../vpcs/vpc.ts';
import { dnsAddress, resolverAddress } from './plan.ts';
import { answerQuery } from './resolver.ts';

/** Called whenever the machine's networks have been made: what listens there already stays. */
export async function serveNames({ store, host }: ReconcilerContext, interfaces: Iterable<NetworkInterface>): Promise<void> {
  const up = new Map([...interfaces].filter((row) => host.networks.isUp(row.id)).map((row) => [row.vpc, row]));
  for (const [id, { account, region }] of up) {
    const vpc = await store.read((tx) => vpcs.get(tx, account, region, id));
    if (!vpc?.dnsSupport) continue;
    const answer = async (message: Buffer): Promise<Uint8Array | undefined> => {
      const found = await store.read(async (tx) => {
        const present = await vpcs.get(tx, account, region, id);
        return present && answerQuery(tx, present, message);
      });
      return found?.isBeyond && host.networks.askOutside ? host.networks.askOutside(message) : found?.message;
    };
    for (const address of [dnsAddress(vpc), resolverAddress]) await host.networks.serveDatagrams({ vpc: id, address, port: 53 }, answer);
  }
}
