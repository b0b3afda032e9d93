/** To whose hours a commitment goes, by hand and as a property. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { UsageRecord } from '../meter.ts';
import { picodollars } from './decimal.ts';
import { applyPlans, eligibleUse, type Covered } from './savings-plans-applied.ts';
import { planRate, type SavingsPlan } from './savings-plans.ts';

const hour = Date.parse('2026-11-03T05:00:00Z');

const plan = (more: Partial<SavingsPlan> = {}): SavingsPlan => ({
  ...{ account: '1', id: 'plan', offering: 'o', type: 'Compute', years: 1, payment: 'No Upfront' },
  ...{ commitment: '0.1', upfront: '0', recurring: '0.1', bought: hour, start: hour, tags: [] },
  ...more,
});
const use = (type: string, more: Partial<UsageRecord> = {}): UsageRecord => ({
  ...{ hour, account: '1', region: 'us-east-1', service: 'ec2', operation: 'RunInstances', unit: 'Seconds', quantity: 3600 },
  ...{ usageType: `BoxUsage:${type}`, resource: type },
  ...more,
});
const told = (all: readonly Covered[]) => all.map(({ plan: id, record, quantity }) => [id, record.resource, Number(quantity) / 3.6e9]);

test('plans for a family come first, and are for their region and family alone', () => {
  const family = plan({ id: 'family', type: 'EC2Instance', region: 'us-east-1', family: 'm5', commitment: '0.12096' });
  const uses = [use('c5.large'), use('m5.large', { quantity: 2 * 3600 }), use('m5.large', { region: 'us-west-2', resource: 'west' })];
  // 0.096 * 0.63 = 0.06048: two hours. 0.1 less 0.0612 for c5.large (0.085 * 0.72) leaves 0.0388 for m5.large at 0.06912.
  const covered = told(applyPlans([plan(), family], uses));
  assert.deepEqual(covered.slice(0, 2), [
    ['family', 'm5.large', 2],
    ['plan', 'c5.large', 1],
  ]);
  assert.equal(covered[2]![1], 'west');
  assert.ok(Math.abs((covered[2]![2] as number) - 0.0388 / 0.06912) < 1e-9);
});

test('within a plan what it makes cheapest by share comes first, then what has the lowest rate', () => {
  const uses = [use('m5.large'), use('c5.large'), use('r5.large')];
  const shares: Record<string, bigint> = { 'm5.large': 80n, 'c5.large': 70n, 'r5.large': 70n };
  const covered = applyPlans([plan({ commitment: '10' })], uses, (_plan, { record, rate }) => (rate * shares[record.resource]!) / 100n);
  assert.deepEqual(
    covered.map(({ record }) => record.resource),
    ['c5.large', 'r5.large', 'm5.large'],
  );
});

test('a plan pays in its term, for instances on demand and idle reserved capacity, never for spot, reserved or free hours', () => {
  const outside = [use('m5.large', { hour: hour - 3_600_000 }), use('m5.large', { hour: hour + 365 * 86_400_000 })];
  assert.deepEqual(applyPlans([plan()], outside), []);
  const others = [
    use('m5.large', { rate: '0' }),
    use('', { usageType: 'SpotUsage:m5.large', rate: '0.03' }),
    use('', { usageType: 'HostBoxUsage:m5.large', rate: '0' }),
    use('', { usageType: 'EBS:VolumeUsage.gp3', unit: 'ByteHours' }),
    use('', { usageType: 'HeavyUsage:m5.large', rate: '0.06' }),
  ];
  assert.deepEqual(applyPlans([plan()], others), []);
  const taken = [use('', { usageType: 'UnusedBox:m5.large' }), use('', { usageType: 'DedicatedUsage:t3.nano', rate: '0.0055' })];
  assert.equal(applyPlans([plan()], taken).length, 2);
});

test('no hour is paid twice, no commitment is exceeded, and what is left of both fits nothing', () => {
  const types = ['t3.micro', 'm5.large', 'c5.xlarge', 'r5.2xlarge'];
  const anyUse = fc.record({
    type: fc.constantFrom(...types),
    region: fc.constantFrom('us-east-1', 'eu-west-1'),
    hours: fc.integer({ min: 0, max: 3 }),
    quantity: fc.integer({ min: 1, max: 36_000 }),
  });
  const anyPlan = fc.record({
    type: fc.constantFrom('Compute' as const, 'EC2Instance' as const),
    years: fc.constantFrom(1 as const, 3 as const),
    commitment: fc.integer({ min: 1, max: 2_000 }).map((cents) => (cents / 1000).toFixed(3)),
    family: fc.constantFrom('t3', 'm5', 'c5'),
  });
  fc.assert(
    fc.property(fc.array(anyUse, { maxLength: 12 }), fc.array(anyPlan, { maxLength: 4 }), (given, bought) => {
      const records = given.map(({ type, region, hours, quantity }, at) =>
        use(type, { region, quantity, hour: hour + hours * 3_600_000, resource: String(at) }),
      );
      const plans = bought.map(({ type, family, ...rest }, at) =>
        plan({ ...rest, type, id: String(at), ...(type === 'EC2Instance' && { region: 'us-east-1', family }) }),
      );
      const all = applyPlans(plans, records);
      for (const record of records) {
        const paid = all.filter((one) => one.record === record).reduce((sum, { quantity }) => sum + quantity, 0n);
        assert.ok(paid <= BigInt(record.quantity) * 1_000_000n);
      }
      for (const one of plans)
        for (const at of new Set(records.map((record) => record.hour))) {
          const mine = all.filter((each) => each.plan === one.id && each.record.hour === at);
          const exact = mine.reduce((sum, { quantity, record }) => sum + quantity * planRate(one, eligibleUse(record)!.rate), 0n);
          const left = picodollars(one.commitment) * 3_600_000_000n - exact;
          assert.ok(left >= 0n);
          const waiting = records.filter(
            (record) =>
              record.hour === at &&
              (one.type === 'Compute' || (record.region === one.region && record.usageType.includes(`:${one.family}.`))) &&
              all.filter((each) => each.record === record).reduce((sum, { quantity }) => sum + quantity, 0n) <
                BigInt(record.quantity) * 1_000_000n,
          );
          for (const record of waiting)
            assert.ok(left < planRate(one, eligibleUse(record)!.rate), 'less than a millionth of a second fits');
        }
    }),
  );
});
