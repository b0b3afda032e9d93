/** As what a bill names bytes. Pure. */

import type { CarriedBytes } from '../../../framework/networks.ts';

export type Payer = { kind: 'instance' | 'nat-gateway' | 'endpoint' };
export type TransferUse = { usageType: string; operation: string };

/**
 * @param zone where the interface is. @param farZone where the subnet at the other end is, if it is one.
 * Inside of a zone bytes are free; between zones both ends pay, and so do both ends of public addresses of one region.
 */
export function usesOf(payer: Payer['kind'], { direction, over }: CarriedBytes, zone: string, farZone: string | undefined): TransferUse[] {
  // Whatever goes through an endpoint costs once, from whichever zone: https://aws.amazon.com/privatelink/pricing/
  if (payer === 'endpoint') return [{ usageType: 'VpcEndpoint-Bytes', operation: 'VpcEndpoint' }];
  const transfer = transferOf(direction, over, zone, farZone);
  // Each byte comes into a gateway once, from the one side or the other.
  const processed = payer === 'nat-gateway' && direction === 'received';
  return [...(processed ? [{ usageType: 'NatGateway-Bytes', operation: 'NatGateway' }] : []), ...(transfer ? [transfer] : [])];
}

function transferOf(
  direction: CarriedBytes['direction'],
  over: string,
  zone: string,
  farZone: string | undefined,
): TransferUse | undefined {
  const way = direction === 'sent' ? 'Out' : 'In';
  if (over === 'internet') return { usageType: `DataTransfer-${way}-Bytes`, operation: 'RunInstances' };
  if (over === 'public-range') return { usageType: 'DataTransfer-Regional-Bytes', operation: `PublicIP-${way}` };
  if (farZone === undefined || farZone === zone) return undefined;
  return { usageType: 'DataTransfer-Regional-Bytes', operation: `InterZone-${way}` };
}
