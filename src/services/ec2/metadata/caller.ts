/** Who asks for metadata: found by the address in its network, which it cannot forge. */

import type { ReadTransaction } from '../../../store/store.ts';
import { completeInstance, type ShownInstance } from '../instances/description.ts';
import { instances } from '../instances/instance.ts';
import type { Place } from '../resource.ts';
import { networkInterfaces } from '../network-interfaces/network-interface.ts';

/** The instance that has a private address in a VPC, or undefined. */
export async function callerAt(
  tx: ReadTransaction,
  { account, region }: Place,
  vpc: string,
  address: string,
): Promise<ShownInstance | undefined> {
  for (const { row } of await networkInterfaces.scanIndex(tx, 'vpc', [account, region, vpc])) {
    const instance = row.attachment?.instance;
    if (instance === undefined || !row.addresses.some((one) => one.address === address)) continue;
    const found = await instances.get(tx, account, region, instance);
    return found && completeInstance(tx, found);
  }
  return undefined;
}
