/** The one meter: what was used, when, by whom. What it costs is said in framework/billing. */

/** One kind of use. `usageType` is AWS's word for it as in the Cost and Usage Report, for example `Requests-Tier1`. */
export type Usage = {
  usageType: string;
  quantity: number;
  /** The unit in which the quantity is counted. */
  unit: 'Requests' | 'Bytes' | 'ByteHours' | 'Seconds' | 'Count';
  /** The operation as billed; the request's own when absent. */
  operation?: string;
  /** ARN of what was used, where a bill would name it. */
  resource?: string;
  /** The account that pays; the request's own when absent (S3 bills the bucket's owner). */
  account?: string;
  /**
   * Dollars for one unit of the bill (an hour for `Seconds`, a GB for `Bytes`, a GB-month for `ByteHours`, else one), as decimal text: where
   * no price list knows it, as for spot instances. Use at two rates is kept apart.
   */
  rate?: string;
  /** Counted for those who follow it (auto scaling), and on no bill. */
  unbilled?: true;
};

/** Usage summed over one hour of cloud time. */
export type UsageRecord = {
  /** Start of the hour, milliseconds since the epoch. */
  hour: number;
  account: string;
  region: string;
  service: string;
  operation: string;
  usageType: string;
  resource: string;
  unit: Usage['unit'];
  quantity: number;
  rate?: string;
  unbilled?: true;
};

/** Usage summed over one day of cloud time (UTC). */
export type DayOfUsage = Omit<UsageRecord, 'hour'> & {
  /** Start of the day, milliseconds since the epoch. */
  day: number;
};

/** What tells one sum of use from another of the same time, as one text. */
export const kindOf = ({ account, region, service, operation, usageType, resource, rate = '' }: Omit<DayOfUsage, 'day'>): string =>
  `${account}\n${region}\n${service}\n${operation}\n${usageType}\n${resource}\n${rate}`;

export interface Meter {
  /** Adds use to its hour. In memory, written behind within a second (and on close): a kill may lose the last second of counts. */
  record(use: Usage & { account: string; region: string; service: string; operation: string; at: number }): void;
  /** What one account used in the hours that begin between two moments (the second excluded), oldest first. Includes what is not yet written. */
  query(account: string, from: number, to: number): Promise<UsageRecord[]>;
  /** The same by the day. */
  days(account: string, from: number, to: number): Promise<DayOfUsage[]>;
  /** Every account that has ever used anything, and the first day of its use. */
  accounts(): Promise<{ account: string; since: number }[]>;
}
