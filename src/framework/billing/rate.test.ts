/** The rates of examples that were computed by hand, after AWS's price pages. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DayOfUsage } from '../meter.ts';
import { dollarText, fractionText, micros, picodollars } from './decimal.ts';
import { aYearLater, monthOf, readDay } from './month.ts';
import { pricedBy, products } from './price-list.ts';
import { billUnits } from './price.ts';
import { rate, type Charge, type FreeTier } from './rate.ts';

const november = monthOf(Date.parse('2026-11-05'));
const gigabyte = 2 ** 30;
const none: FreeTier = { always: false };

const use = (part: Partial<DayOfUsage>): DayOfUsage => ({
  ...{ day: november.from, account: '000000000000', region: 'us-east-1', service: 's3', operation: 'PutObject', usageType: 'Requests' },
  ...{ resource: '', unit: 'Requests', quantity: 1 },
  ...part,
});

const total = (charges: Iterable<Charge>): bigint => [...charges].reduce((sum, { amount }) => sum + amount, 0n);
const cost = (records: DayOfUsage[], free = none, month = november): string => dollarText(total(rate(records, month, free)));

test('storage is paid by GB-months, whatever the length of the month, and climbs its tiers', () => {
  const stored = (gigabytes: number, hours: number) =>
    use({ usageType: 'TimedStorage-ByteHrs', unit: 'ByteHours', quantity: gigabytes * gigabyte * hours });
  assert.equal(cost([stored(100, 720)]), '2.3000000000');
  assert.equal(cost([stored(100, 672)], none, monthOf(Date.parse('2027-02-01'))), '2.3000000000');
  assert.equal(cost([stored(100, 360)]), '1.1500000000');
  // 50 TB at 0.023, 450 TB at 0.022, 10 TB at 0.021
  assert.equal(cost([stored(510 * 1024, 720)]), '11530.2400000000');
});

test('requests are paid by what they do', () => {
  const calls = (service: string, operation: string, quantity: number) => use({ service, operation, quantity });
  assert.equal(cost([calls('s3', 'PutObject', 10_000)]), '0.0500000000');
  assert.equal(cost([calls('s3', 'GetObject', 10_000)]), '0.0040000000');
  assert.equal(cost([calls('s3', 'DeleteObject', 10_000)]), '0.0000000000');
  assert.equal(cost([calls('sqs', 'CreateQueue', 1_000_000)]), '0.4000000000');
  // Metered by the queue, once.
  assert.deepEqual([...rate([calls('sqs', 'SendMessage', 5), calls('ec2', 'RunInstances', 5)], november, none)], []);
  assert.equal(cost([calls('kms', 'Decrypt', 30_000)], { always: true }), '0.0300000000');
});

test('free allowances come first, over all regions together, and end with the first year', () => {
  const hours = (region: string, count: number, type = 't3.micro') =>
    use({ service: 'ec2', region, usageType: `BoxUsage:${type}`, unit: 'Seconds', quantity: count * 3600, operation: 'RunInstances' });
  const firstYear: FreeTier = { always: true, firstYearUntil: november.to };
  const charges = [
    ...rate([hours('us-east-1', 700), hours('ap-northeast-2', 100), hours('us-east-1', 10, 't2.micro')], november, firstYear),
  ];
  assert.deepEqual(
    charges.map(({ usageType, free, quantity, rate: dollars, amount }) => [
      usageType,
      free,
      fractionText(quantity, 10n ** 12n, 0),
      dollars,
      dollarText(amount, 4),
    ]),
    [
      ['BoxUsage:t3.micro', 'first-year', '700', '0', '0.0000'],
      ['APN2-BoxUsage:t3.micro', 'first-year', '50', '0', '0.0000'],
      ['APN2-BoxUsage:t3.micro', undefined, '50', '0.013', '0.6500'],
      ['BoxUsage:t2.micro', undefined, '10', '0.0116', '0.1160'],
    ],
  );
  assert.equal(cost([hours('us-east-1', 700)], { always: true, firstYearUntil: november.from }), '7.2800000000');
});

test('bytes to the internet climb together, whoever sends them', () => {
  const sent = (service: string, gigabytes: number) =>
    use({ service, usageType: 'DataTransfer-Out-Bytes', unit: 'Bytes', quantity: gigabytes * gigabyte });
  // 100 GB free, 10,240 GB at 0.09, 760 GB at 0.085
  assert.equal(cost([sent('s3', 6000), sent('ec2', 5100)], { always: true }), '986.2000000000');
});

test('a rate that comes with its use is the one, and use without a price is shown at none', () => {
  const spot = use({ service: 'ec2', usageType: 'SpotUsage:t3.micro', unit: 'Seconds', quantity: 7200, rate: '0.0031' });
  assert.equal(cost([spot, { ...spot, rate: '0.0033', quantity: 3600 }]), '0.0095000000');
  assert.equal(cost([{ ...spot, rate: '0.003333333333333333' }]), '0.0066666667');
  assert.equal([...rate([{ ...spot, rate: '1e-3' }], november, none)][0]?.unknown, true);
  const [strange] = rate([use({ usageType: 'Strange-Bytes', unit: 'Bytes', quantity: 5 })], november, none);
  assert.deepEqual([strange?.unknown, strange?.amount, strange?.product.code], [true, 0n, 'AmazonS3']);
  assert.deepEqual([...rate([{ ...spot, unbilled: true }], november, none)], []);
});

test('a region without figures of its own says so', () => {
  const [there] = rate([use({ region: 'eu-south-2' })], november, none);
  const [here] = rate([use({ region: 'eu-central-1' })], november, none);
  assert.deepEqual([there?.usageType, there?.rate, there?.borrowed], ['EUS2-Requests-Tier1', '0.000005', true]);
  assert.deepEqual([here?.usageType, here?.rate, here?.borrowed], ['EUC1-Requests-Tier1', '0.0000054', undefined]);
});

test('the price list is well formed: every price is exact, tiers rise, and no product has a usage type twice', () => {
  assert.ok(products.length >= 12);
  for (const { code, name, prices } of products) {
    const seen = new Set<string>();
    for (const { usageType, unit, tiers, elsewhere } of prices) {
      assert.ok(!seen.has(usageType), `${code} has ${usageType} twice`);
      seen.add(usageType);
      assert.ok(Object.hasOwn(billUnits, unit), name);
      for (const each of [tiers, ...Object.values(elsewhere ?? {})]) {
        assert.equal(each.at(-1)![1], undefined);
        each.reduce((last, [dollars, to = Infinity]) => {
          assert.ok(picodollars(dollars) >= 0n && to > last, `${code} ${usageType}`);
          return to;
        }, 0);
      }
    }
  }
  assert.equal(pricedBy(use({ service: 'iam' })), undefined);
});

test('decimals are read and written exactly', () => {
  assert.equal(picodollars('0.0000004'), 400_000n);
  assert.equal(dollarText(400_000n), '0.0000004000');
  assert.equal(dollarText(5_000_000_000n, 2), '0.01');
  assert.equal(dollarText(-1_005_000_000_000n, 2), '-1.01');
  assert.throws(() => picodollars('1e-7'), RangeError);
  assert.equal(micros(0.1 + 0.2), 300_000n);
  assert.equal(micros(-1), 0n);
  assert.equal(micros(9_007_199_254_740_991), 9_007_199_254_740_991_000_000n);
  assert.equal(readDay('2026-02-30'), undefined);
  assert.equal(readDay('2026-02'), Date.parse('2026-02-01'));
  assert.equal(aYearLater(Date.parse('2028-02-29T10:00:00Z')), Date.parse('2029-03-01T10:00:00Z'));
});
