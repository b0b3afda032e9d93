/** Rating against a slow, obvious model, and what must hold of every bill. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DayOfUsage } from '../meter.ts';
import { micros, picodollars, roundedHalfUp } from './decimal.ts';
import { monthOf } from './month.ts';
import { meterUnitsPer, type Tier } from './price.ts';
import { pricedBy, products } from './price-list.ts';
import { rate, tiersOf, type Charge } from './rate.ts';

const month = monthOf(Date.parse('2026-11-01'));
const day = 86_400_000;
const free = { always: true, firstYearUntil: month.from + 20 * day };

/** Use that makes every kind of pool: tiers, allowances for always and for a year, shared ones, and rates of its own. */
const kinds = [
  { service: 's3', usageType: 'TimedStorage-ByteHrs', unit: 'ByteHours', most: 2 ** 59 },
  { service: 's3', usageType: 'DataTransfer-Out-Bytes', unit: 'Bytes', most: 2 ** 48 },
  { service: 'glacier', usageType: 'DataTransfer-Out-Bytes', unit: 'Bytes', most: 2 ** 48 },
  { service: 'sqs', usageType: 'Requests-RBP', unit: 'Requests', most: 2e11 },
  { service: 'sqs', usageType: 'Requests-FIFO-RBP', unit: 'Requests', most: 2e6 },
  { service: 'ec2', usageType: 'BoxUsage:t3.micro', unit: 'Seconds', most: 3e6 },
  { service: 'ec2', usageType: 'BoxUsage:t2.micro', unit: 'Seconds', most: 3e6 },
  { service: 'ec2', usageType: 'SpotUsage:m5.large', unit: 'Seconds', most: 1e6, rate: '0.0351' },
  { service: 'dynamodb', usageType: 'WriteRequestUnits', unit: 'Count', most: 1e9 },
] as const;

const record = fc
  .record({
    kind: fc.constantFrom(...kinds),
    day: fc.integer({ min: 0, max: 29 }),
    account: fc.constantFrom('000000000000', '111111111111'),
    region: fc.constantFrom('us-east-1', 'ap-northeast-2', 'eu-south-2'),
    resource: fc.constantFrom('', 'a', 'b'),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    whole: fc.boolean(),
  })
  .map(({ kind: { most, ...kind }, share, whole, day: number, ...rest }): DayOfUsage => {
    const quantity = share * share * most;
    return { ...rest, ...kind, operation: 'Use', day: month.from + number * day, quantity: whole ? Math.round(quantity) : quantity };
  });
const records = fc.array(record, { maxLength: 60 }).map((all) => all.sort((a, b) => a.day - b.day));

const sum = (charges: Iterable<Charge>): bigint => [...charges].reduce((total, { amount }) => total + amount, 0n);

/** What so much of one pool costs, by tiers, exactly but for the last rounding. */
function costOf(tiers: readonly Tier[], used: bigint, per: bigint): bigint {
  let exact = 0n;
  let from = 0n;
  for (const [dollars, to] of tiers) {
    const end = to === undefined || BigInt(to) * per > used ? used : BigInt(to) * per;
    if (end > from) exact += (end - from) * picodollars(dollars);
    from = end;
  }
  return roundedHalfUp(exact, per);
}

test('a bill is what each pool of its use costs as a whole', () => {
  fc.assert(
    fc.property(records, (all) => {
      const pools = new Map<string, { used: bigint; per: bigint; tiers: readonly Tier[] }>();
      for (const each of all) {
        const { price } = pricedBy(each)!;
        const per = meterUnitsPer(price.unit, month.hours) * 1_000_000n;
        const key = `${each.region} ${price.climbsWith ?? `${each.service} ${price.usageType}`}`;
        const pool = pools.get(key) ?? { used: 0n, per, tiers: tiersOf(price, each.region) };
        pools.set(key, { ...pool, used: pool.used + micros(each.quantity) });
      }
      const expected = [...pools.values()].reduce((total, { tiers, used, per }) => total + costOf(tiers, used, per), 0n);
      assert.equal(sum(rate(all, month, { always: false })), expected);
    }),
  );
});

test('however it is grouped, a bill adds up, and no part of it is negative', () => {
  fc.assert(
    fc.property(records, (all) => {
      const charges = [...rate(all, month, free)];
      assert.ok(charges.every(({ amount, quantity }) => amount >= 0n && quantity >= 0n));
      for (const by of ['day', 'account', 'region', 'usageType', 'resource', 'rate'] as const) {
        const groups = Map.groupBy(charges, (charge) => charge[by]);
        assert.equal(
          [...groups.values()].reduce((total, group) => total + sum(group), 0n),
          sum(charges),
        );
      }
    }),
  );
});

test('cutting records in two changes no bill; more use, or no free allowances, never makes one cheaper', () => {
  fc.assert(
    fc.property(records, record, (all, more) => {
      const halves = all.flatMap((each) => {
        const first = Math.floor(each.quantity / 2);
        return [
          { ...each, quantity: first },
          { ...each, quantity: each.quantity - first },
        ];
      });
      const whole = all.map((each) => ({ ...each, quantity: Math.floor(each.quantity) }));
      const halved = halves.map((each) => ({ ...each, quantity: Math.floor(each.quantity) }));
      assert.equal(sum(rate(halved, month, free)), sum(rate(whole, month, free)));
      assert.ok(sum(rate(all, month, { always: false })) >= sum(rate(all, month, free)));
      assert.ok(sum(rate([...all, { ...more, day: month.to - day }], month, free)) >= sum(rate(all, month, free)));
    }),
  );
});

test('accounts that are billed together pay no more than apart without allowances', () => {
  const descending = products.every(({ prices }) =>
    prices.every(({ tiers }) => tiers.every(([dollars], at) => at === 0 || picodollars(dollars) <= picodollars(tiers[at - 1]![0]))),
  );
  assert.ok(descending);
  fc.assert(
    fc.property(records, (all) => {
      const apart = [...Map.groupBy(all, ({ account }) => account).values()];
      const together = sum(rate(all, month, { always: false }));
      const each = apart.reduce((total, one) => total + sum(rate(one, month, { always: false })), 0n);
      // A rounding for each pool and account.
      assert.ok(together <= each + BigInt(2 * kinds.length * 3));
    }),
  );
});
