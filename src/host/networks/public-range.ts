/** The range of public addresses on this machine, which is settled before anything is made. */

import { defaultPublicRange } from '../../framework/public-addresses.ts';

export type PublicRange = {
  cidr: string;
  /** The machine's own address on the way to the exchange; instances see it as the caller's. */
  hostAddress: string;
};

/** The second address of a range is the machine's. */
export function rangeOf(cidr: string): PublicRange {
  return { cidr, hostAddress: cidr.replace(/0\/\d+$/, '1') };
}

export const defaultRange = (): PublicRange => rangeOf(defaultPublicRange);
