/** Elastic addresses that are offered to another account: https://docs.aws.amazon.com/vpc/latest/userguide/WorkWithEIPs.html#transfer-EIPs-intro */

import { table } from '../../../store/table.ts';

export type AddressTransfer = {
  /** Of the one who offers it, as is the allocation. */
  account: string;
  region: string;
  allocation: string;
  publicAddress: string;
  /** The account that may take it. */
  to: string;
  /** Until when. */
  expires: number;
  accepted?: number;
};

export const addressTransfers = table<AddressTransfer, 'public'>('ec2/address-transfers', {
  key: (row) => [row.account, row.region, row.allocation],
  indexes: { public: (row) => [row.region, row.publicAddress] },
});

const dayMilliseconds = 86_400_000;
export const offerMilliseconds = 7 * dayMilliseconds;
const shownMilliseconds = 14 * dayMilliseconds;

/** It may still be taken. */
export const isPending = (row: AddressTransfer, now: number): boolean => row.accepted === undefined && row.expires > now;

/** It is pending, or was accepted not long ago. */
export const isShown = (row: AddressTransfer, now: number): boolean =>
  isPending(row, now) || (row.accepted !== undefined && row.accepted + shownMilliseconds > now);
