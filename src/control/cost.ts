/**
 * GET /_haneul/cost: what a month costs so far, and is expected to, for the owner of the cloud. `?month=2026-11` (this one when absent),
 * `?account=` for one account's own bill instead of one for all together, and `?of=` for what of it is about a service or a resource.
 * POST `{ freeTier: 'first-year' | 'always' | 'none' }` says which free allowances there are. Amounts are dollars as decimal text.
 */

import { charges, type Payer } from '../framework/billing/bill.ts';
import { shortText } from '../framework/billing/decimal.ts';
import { foreseen } from '../framework/billing/foresight.ts';
import { dayOf, dayText, monthOf, readDay } from '../framework/billing/month.ts';
import type { Charge } from '../framework/billing/rate.ts';
import { freeTierOf, freeTiers, setFreeTier, type FreeTierSetting } from '../framework/billing/settings.ts';
import type { HttpRequest } from '../framework/http-message.ts';
import type { ControlledCloud } from './controlled-cloud.ts';
import { badRequest, readJson } from './message.ts';

type Metered = Pick<ControlledCloud, 'store' | 'meter' | 'clock'>;

export type CostLine = {
  account: string;
  region: string;
  service: string;
  usageType: string;
  operation: string;
  /** What it is for, in words. */
  about: string;
  quantity: string;
  unit: string;
  /** Dollars a unit. */
  rate: string;
  amount: string;
  free?: 'always' | 'first-year';
  /** The rate is that of us-east-1, since the region's own is not known. */
  borrowed?: true;
  /** No price list has this usage type. */
  unknown?: true;
};

export type CostAnswer = {
  /** `2026-11` */
  month: string;
  /** The moment up to which use is counted; cloud time, ISO 8601. */
  until: string;
  freeTier: FreeTierSetting;
  total: string;
  /** Of the whole month; absent where it is over, or where no whole day has been counted yet. */
  forecast?: string;
  accounts: { account: string; amount: string }[];
  services: { service: string; amount: string; forecast?: string }[];
  /** The dearest first. */
  resources: { resource: string; service: string; amount: string }[];
  days: { day: string; amount: string }[];
  /** The dearest first. */
  lines: CostLine[];
};

const resourcesMax = 1_000;
const linesMax = 10_000;

export async function showCost(cloud: Metered, request: HttpRequest): Promise<CostAnswer> {
  const query = new URLSearchParams(request.rawQuery);
  const now = cloud.clock.now();
  const month = readMonth(query.get('month'), now);
  const account = query.get('account');
  const payer: Payer = account === null ? 'all' : { account };
  const about = isAbout(query.get('of'));
  const until = Math.min(month.to, now);
  const bill = summary();
  // A day of which the clock stands in the midst is counted up to now.
  for await (const charge of charges(cloud, payer, { from: month.from, to: until })) if (about(charge)) bill.add(charge);
  const ahead = month.to > now ? await expected(cloud, payer, now, month.to, about) : undefined;
  return {
    month: dayText(month.from).slice(0, 7),
    until: new Date(until).toISOString(),
    freeTier: await cloud.store.read((tx) => freeTierOf(tx)),
    ...bill.answer(ahead),
  };
}

export async function changeCost(cloud: Metered, request: HttpRequest): Promise<{ freeTier: FreeTierSetting }> {
  const { freeTier } = await readJson(request);
  const known = freeTiers.find((each) => each === freeTier);
  if (!known) throw badRequest(`freeTier must be one of ${freeTiers.join(', ')}`);
  await cloud.store.write((tx) => setFreeTier(tx, known));
  return { freeTier: known };
}

function readMonth(text: string | null, now: number) {
  if (text === null) return monthOf(now);
  const from = /^\d{4}-\d{2}$/.test(text) ? readDay(text) : undefined;
  if (from === undefined) throw badRequest('month must be a month such as 2026-11');
  if (from > now) throw badRequest(`${text} has not begun`);
  return monthOf(from);
}

/** A service by its folder, its code or its name; a resource by its ARN or the end of it: its name or id. */
function isAbout(of: string | null): (charge: Charge) => boolean {
  if (of === null) return () => true;
  const wanted = of.toLowerCase();
  return ({ service, product, resource, usageType }) =>
    [service, product.code, product.name, resource, usageType].some((text) => text.toLowerCase() === wanted) ||
    (resource !== '' && [':', '/'].some((mark) => resource.toLowerCase().endsWith(mark + wanted)));
}

/** What each service is expected to cost from today to the end of the month, beyond what today has cost already. */
async function expected(cloud: Metered, payer: Payer, now: number, to: number, about: (charge: Charge) => boolean) {
  const byService = new Map<string, bigint>();
  let any = false;
  for await (const charge of foreseen(cloud, payer, now, { from: now, to })) {
    any = true;
    if (!about(charge)) continue;
    byService.set(charge.product.name, (byService.get(charge.product.name) ?? 0n) + charge.amount);
  }
  return any ? { byService, today: dayOf(now) } : undefined;
}

type Line = { charge: Charge; quantity: bigint; amount: bigint };

function summary() {
  let total = 0n;
  const sums = { accounts: new Map<string, bigint>(), services: new Map<string, bigint>(), days: new Map<number, bigint>() };
  /** Of the days before today, which a forecast goes on from. */
  const daysOfServices = new Map<string, Map<number, bigint>>();
  const resources = new Map<string, { charge: Charge; amount: bigint }>();
  const lines = new Map<string, Line>();
  const plus = <Key>(map: Map<Key, bigint>, key: Key, amount: bigint): void => void map.set(key, (map.get(key) ?? 0n) + amount);
  return {
    add(charge: Charge): void {
      const { account, region, usageType, operation, rate, free = '', product, day, resource, amount, quantity } = charge;
      total += amount;
      plus(sums.accounts, account, amount);
      plus(sums.services, product.name, amount);
      plus(sums.days, day, amount);
      let days = daysOfServices.get(product.name);
      if (!days) daysOfServices.set(product.name, (days = new Map()));
      plus(days, day, amount);
      const owner = `${product.name}\n${resource}`;
      const seen = resources.get(owner);
      if (seen) seen.amount += amount;
      else resources.set(owner, { charge, amount });
      const key = `${account}\n${region}\n${product.name}\n${usageType}\n${operation}\n${rate}\n${free}`;
      const line = lines.get(key);
      if (line) {
        line.quantity += quantity;
        line.amount += amount;
      } else lines.set(key, { charge, quantity, amount });
    },
    answer(
      ahead: Awaited<ReturnType<typeof expected>>,
    ): Pick<CostAnswer, 'total' | 'forecast' | 'accounts' | 'services' | 'resources' | 'days' | 'lines'> {
      const before = (service: string): bigint =>
        [...(daysOfServices.get(service) ?? [])].reduce((sum, [day, amount]) => (day < ahead!.today ? sum + amount : sum), 0n);
      const names = new Set([...sums.services.keys(), ...(ahead?.byService.keys() ?? [])]);
      const services = [...names].map((service) => ({
        service,
        so: sums.services.get(service) ?? 0n,
        ...(ahead && { all: before(service) + (ahead.byService.get(service) ?? 0n) }),
      }));
      const dearest = <Each extends { amount: bigint }>(all: Iterable<Each>): Each[] =>
        [...all].sort((a, b) => (a.amount === b.amount ? 0 : a.amount < b.amount ? 1 : -1));
      return {
        total: shortText(total),
        ...(ahead && { forecast: shortText(services.reduce((sum, { all = 0n }) => sum + all, 0n)) }),
        accounts: [...sums.accounts].map(([account, amount]) => ({ account, amount: shortText(amount) })),
        services: services
          .sort((a, b) => (a.so === b.so ? a.service.localeCompare(b.service) : a.so < b.so ? 1 : -1))
          .map(({ service, so, all }) => ({ service, amount: shortText(so), ...(all !== undefined && { forecast: shortText(all) }) })),
        resources: dearest(resources.values())
          .slice(0, resourcesMax)
          .map(({ charge, amount }) => ({ resource: charge.resource, service: charge.product.name, amount: shortText(amount) })),
        days: [...sums.days].map(([day, amount]) => ({ day: dayText(day), amount: shortText(amount) })),
        lines: dearest(lines.values()).slice(0, linesMax).map(lineOf),
      };
    },
  };
}

function lineOf({ charge, quantity, amount }: Line): CostLine {
  const { account, region, product, usageType, operation, about, unit, rate, free, borrowed, unknown } = charge;
  return {
    ...{ account, region, service: product.name, usageType, operation, about, unit, rate },
    ...{ quantity: shortText(quantity), amount: shortText(amount) },
    ...(free && { free }),
    ...(borrowed && { borrowed }),
    ...(unknown && { unknown }),
  };
}
