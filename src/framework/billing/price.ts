/** What a price is: so many dollars for a unit of a bill, by tiers of what an account uses in a month. */

import type { UsageRecord } from '../meter.ts';

const gigabyte = 2 ** 30;

type Unit = {
  /** What the meter counts it in. */
  of: UsageRecord['unit'];
  /** How many of the meter's units make one of the bill's; of a monthly unit, in an hour. */
  per: number;
  /** The unit is one for a whole month, whatever its length. */
  monthly?: true;
};

/** Units of bills: https://docs.aws.amazon.com/cur/latest/userguide/pricing-columns.html */
export const billUnits = {
  'GB-Mo': { of: 'ByteHours', per: gigabyte, monthly: true },
  GB: { of: 'Bytes', per: gigabyte },
  Hrs: { of: 'Seconds', per: 3600 },
  'vCPU-Hours': { of: 'Seconds', per: 3600 },
  'IOPS-Mo': { of: 'Seconds', per: 3600, monthly: true },
  'GiBps-Mo': { of: 'Seconds', per: 3600 * 1024, monthly: true },
  Keys: { of: 'Seconds', per: 3600, monthly: true },
  'Parameter-Mo': { of: 'Seconds', per: 3600, monthly: true },
  Requests: { of: 'Requests', per: 1 },
  'ReadCapacityUnit-Hrs': { of: 'Seconds', per: 3600 },
  'WriteCapacityUnit-Hrs': { of: 'Seconds', per: 3600 },
  ReadRequestUnits: { of: 'Count', per: 1 },
  WriteRequestUnits: { of: 'Count', per: 1 },
  ShardHour: { of: 'Seconds', per: 3600 },
  StreamHr: { of: 'Seconds', per: 3600 },
  PutRequest: { of: 'Count', per: 1 },
  Notifications: { of: 'Count', per: 1 },
  Messages: { of: 'Count', per: 1 },
  Objects: { of: 'Count', per: 1 },
  Jobs: { of: 'Count', per: 1 },
  Units: { of: 'Count', per: 1 },
} as const satisfies Readonly<Record<string, Unit>>;

export type BillUnit = keyof typeof billUnits;

/** Dollars a unit as decimal text, and up to how many units of a month; the last tier has no end. */
export type Tier = readonly [dollars: string, to?: number];

/** What nothing is paid for in each month, in units of the bill, over all regions together. */
export type Allowance = {
  units: number;
  /** `first-year`: in the twelve months that begin with an account's first use. */
  from: 'always' | 'first-year';
  /** Prices that name the same share it; a price's own otherwise. */
  shared?: string;
};

export type Price = {
  /** Without its region's prefix. */
  usageType: string;
  unit: BillUnit;
  /** What it is for, as a bill would say it, without dollars. */
  about: string;
  /** Of us-east-1, and of every region that `elsewhere` does not name. */
  tiers: readonly Tier[];
  elsewhere?: Readonly<Record<string, readonly Tier[]>>;
  /** It is the same in every region. */
  everywhere?: true;
  free?: readonly Allowance[];
  /** Usage types that climb the tiers together: bytes that leave for the internet, whoever sends them. */
  climbsWith?: string;
  /** Facts of a product for GetProducts: `volumeApiName`, `instanceType`. */
  attributes?: Readonly<Record<string, string>>;
};

export type Product = {
  /** AWS's code: `AmazonS3`. */
  code: string;
  /** As Cost Explorer calls it: `Amazon Simple Storage Service`. */
  name: string;
  /** As a price list calls its products: `Storage`. */
  family: string;
  /** How its usage types begin: with the short name of the region (`EU-`), or with its whole name (KMS). */
  prefix?: 'name';
  prices: readonly Price[];
};

/** What so many terabytes are in the GB of bills. */
export const terabytes = (count: number): number => count * 1024;

/** A price for ten to the power of `zeros` as that for one, both decimal text: `0.4` for a million (6) is `0.0000004`. */
export function forOne(dollars: string, zeros: number): string {
  const [whole = '0', fraction = ''] = dollars.split('.');
  const digits = whole.padStart(zeros + 1, '0');
  return `${digits.slice(0, -zeros)}.${digits.slice(-zeros)}${fraction}`;
}

export const flat = (dollars: string): readonly Tier[] => [[dollars]];

/** One tier for each region. */
export function flatIn(dollars: Readonly<Record<string, string>>): Record<string, readonly Tier[]> {
  return Object.fromEntries(Object.entries(dollars).map(([region, each]) => [region, flat(each)]));
}

/** How many of the meter's units make one of the bill's, in a month of so many hours. A whole number. */
export function meterUnitsPer(unit: BillUnit, hoursOfMonth: number): bigint {
  const { per, monthly } = billUnits[unit] as Unit;
  return BigInt(per) * (monthly ? BigInt(hoursOfMonth) : 1n);
}
