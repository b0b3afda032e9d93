/** The one meter: what was used, when, by whom. Prices come later and elsewhere. */

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
};

export interface Meter {
  /** Adds use to its hour. In memory, written behind within a second (and on close): a kill may lose the last second of counts. */
  record(use: Usage & { account: string; region: string; service: string; operation: string; at: number }): void;
  /** What one account used in the hours that begin between two moments (the second excluded), oldest first. Includes what is not yet written. */
  query(account: string, from: number, to: number): Promise<UsageRecord[]>;
}
