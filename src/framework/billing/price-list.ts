/** Every price, and which of them a record of the meter falls under. */

import type { UsageRecord } from '../meter.ts';
import { billUnits, flat, type BillUnit, type Price, type Product } from './price.ts';
import { dynamodb, firehose, kinesis } from './products/databases-and-streams.ts';
import { compute, computeSavingsPlans, ec2Other, vpc } from './products/ec2.ts';
import { cloudwatch, kms, sns, sqs, ssm } from './products/messages-and-keys.ts';
import { glacier, s3 } from './products/s3.ts';
import { transferPrices } from './products/transfer.ts';

/** What is billed for calls themselves: a usage type of the price list, or nothing where calls are free. */
type CallBilling = (operation: string) => string | undefined;

type Billed = {
  /** The first one takes what no list knows. */
  products: readonly Product[];
  call: CallBilling;
};

const freeOfCharge: CallBilling = () => undefined;

/** S3 bills deletions and cancelled uploads nothing, writes and listings more than reads: https://aws.amazon.com/s3/pricing/ */
const s3Call: CallBilling = (operation) =>
  /^(?:Delete|Abort)/.test(operation) || operation === 'RestoreObject'
    ? undefined
    : /^(?:Put|Copy|Post|List|Create|Complete|Upload)/.test(operation)
      ? 'Requests-Tier1'
      : 'Requests-Tier2';

/** Calls about messages are metered by the queue, in steps of 64 KiB. */
const sqsCall: CallBilling = (operation) =>
  /^(?:Send|Receive|Delete|ChangeMessageVisibility)Message|^ChangeMessageVisibility/.test(operation) ? undefined : 'Requests-RBP';

const withTransfer = (product: Product): Product => ({ ...product, prices: [...product.prices, ...transferPrices] });
const s3Billed: Billed = { products: [withTransfer(s3)], call: s3Call };

/** By the service's folder. What is not here costs nothing. */
const billed: Readonly<Record<string, Billed>> = {
  s3: s3Billed,
  's3-control': { ...s3Billed, call: freeOfCharge },
  glacier: { products: [withTransfer(glacier)], call: (operation) => (operation.startsWith('Upload') ? 'Requests-Tier1' : undefined) },
  dynamodb: { products: [dynamodb], call: freeOfCharge },
  'dynamodb-streams': { products: [dynamodb], call: (operation) => (operation === 'GetRecords' ? 'Streams-Requests' : undefined) },
  kinesis: { products: [kinesis], call: freeOfCharge },
  firehose: { products: [firehose], call: freeOfCharge },
  sqs: { products: [sqs], call: sqsCall },
  sns: { products: [sns], call: () => 'Requests-Tier1' },
  kms: { products: [kms], call: () => 'KMS-Requests' },
  savingsplans: { products: [computeSavingsPlans], call: freeOfCharge },
  ssm: { products: [ssm], call: freeOfCharge },
  'cloudwatch-logs': { products: [cloudwatch], call: freeOfCharge },
  ec2: { products: [compute, withTransfer(ec2Other), vpc], call: freeOfCharge },
};

/** Every product that is sold, once. */
export const products: readonly Product[] = [...new Set(Object.values(billed).flatMap((each) => each.products))];

export type Priced = {
  product: Product;
  price: Price;
  /** No list has this usage type: it is shown, at no charge, rather than forgotten. */
  unknown?: true;
};

type Use = Pick<UsageRecord, 'service' | 'operation' | 'usageType' | 'unit' | 'rate' | 'unbilled'>;

const listed = new Map(
  Object.entries(billed).map(([service, each]) => [
    service,
    new Map(each.products.flatMap((product) => product.prices.map((price): [string, Priced] => [price.usageType, { product, price }]))),
  ]),
);

/** Prices that came with their use, and usage types that no list has; few, and the same again and again. */
const made = new Map<string, Priced>();
const madeMax = 10_000;

/** The price of a record's use; undefined where it is on no bill. */
export function pricedBy(use: Use): Priced | undefined {
  const of = Object.hasOwn(billed, use.service) ? billed[use.service]! : undefined;
  if (use.unbilled || !of) return undefined;
  const usageType = use.usageType === 'Requests' ? of.call(use.operation) : use.usageType;
  if (usageType === undefined) return undefined;
  const known = listed.get(use.service)!.get(usageType);
  if (known && use.rate === undefined && isCountedIn(use.unit, known.price.unit)) return known;
  const key = `${use.service}\n${usageType}\n${use.unit}\n${use.rate ?? ''}`;
  let priced = made.get(key);
  if (!priced) {
    const dollars = use.rate === undefined ? undefined : decimal(use.rate);
    const about = known?.price.about ?? usageType;
    const price: Price = { usageType, unit: unitOf(use.unit), about, tiers: flat(dollars ?? '0'), everywhere: true };
    priced = { product: known?.product ?? of.products[0]!, price, ...(dollars === undefined && { unknown: true }) };
    if (made.size >= madeMax) made.clear();
    made.set(key, priced);
  }
  return priced;
}

/** A rate as picodollars hold it; undefined where it is no decimal number. */
const decimal = (text: string): string | undefined => /^\d+(?:\.\d{1,12})?/.exec(/^\d+(?:\.\d+)?$/.exec(text)?.[0] ?? '')?.[0];

/** A list's price for an hour says nothing of bytes. */
function isCountedIn(unit: Use['unit'], bill: BillUnit): boolean {
  const { of } = billUnits[bill];
  return of === unit || (of === 'Requests' && unit === 'Count') || (of === 'Count' && unit === 'Requests');
}

function unitOf(unit: Use['unit']): BillUnit {
  switch (unit) {
    case 'Bytes':
      return 'GB';
    case 'ByteHours':
      return 'GB-Mo';
    case 'Seconds':
      return 'Hrs';
    case 'Requests':
      return 'Requests';
    case 'Count':
      return 'Units';
  }
}
