/** The reconciler of CPU credits: counts what instances of the t families use, lets them have what they may, and charges what they owe. */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { instanceTypes } from '../instance-types/instance-type.ts';
import { instances, instancesIn, type Instance } from '../instances/instance.ts';
import { creditAccounts, grantLaunchCredits, type CreditAccount } from './credit-record.ts';
import { minutesPerHour, processorsAllowed, settle, type CreditMode } from './credits.ts';

const lookEveryMilliseconds = 1000;
const minute = 60_000;
const secondsPerCredit = 60;
/** What has been used since the last record, and is in the machine's own count until then. */
const recordedCredits = 0.1;

export const creditKeeper: Reconciler = {
  name: 'ec2/cpu-credits',
  watches: [instances],
  everyReal: lookEveryMilliseconds,
  async run(context) {
    const running = await context.store.read(async (tx) => (await instancesIn(tx, ['running'])).filter(isBurstable));
    for (const row of running) {
      context.signal.throwIfAborted();
      await follow(context, row);
    }
    const times = running.length > 0 ? [context.clock.now() + minute] : [];
    const runs = new Set(running.map(({ id }) => id));
    for (const { row } of await context.store.read((tx) => creditAccounts.scan(tx))) {
      if (runs.has(row.instance)) continue;
      const until = await stopOrForget(context, row);
      if (until !== undefined) times.push(until);
    }
    return times.length > 0 ? { nextAt: Math.min(...times) } : undefined;
  },
};

export const isBurstable = (row: Pick<Instance, 'type'>): boolean => instanceTypes.get(row.type)?.family.burstable !== undefined;

/** As it was launched or changed; those of older Haneuls follow their family. */
export const modeOf = (row: Pick<Instance, 'type' | 'credits'>): CreditMode =>
  row.credits ?? instanceTypes.get(row.type)?.family.burstable?.credits ?? 'standard';

/** The account as it is now, written down when enough has changed, and what the machine may have for it. */
async function follow(context: ReconcilerContext, row: Instance): Promise<void> {
  const { host, store, clock } = context;
  const state = await host.machines.look(row.id);
  if (state?.state !== 'running') return;
  const seconds = await host.machines.processorSeconds(row.id);
  const seen = { process: state.process, seconds: seconds ?? 0, now: clock.now() };
  const known = await store.read((tx) => creditAccounts.get(tx, row.account, row.region, row.id));
  // Most looks find nothing to write down.
  const calm = known && isGoingOn(known, row) ? progress(known, row, seen) : undefined;
  const { next, charged } = calm && !calm.isNews ? calm : await store.write((tx) => recorded(tx, row, seen), 'relaxed');
  charge(context, next, charged);
  await host.machines.limitProcessors(row.id, processorsAllowed(next, instanceTypes.get(row.type)!, next.mode));
}

type Seen = { process: number; seconds: number; now: number };
type Followed = { next: CreditAccount; charged: number };

const isGoingOn = (present: CreditAccount, row: Instance): boolean => present.run === row.launched && present.stopped === undefined;

/** Written down before it is charged: a crash in between forgets rather than charging twice. */
async function recorded(tx: WriteTransaction, row: Instance, seen: Seen): Promise<Followed> {
  const present = await creditAccounts.get(tx, row.account, row.region, row.id);
  if (!present) return { next: await opened(tx, row, seen), charged: 0 };
  if (isGoingOn(present, row)) {
    const { next, charged } = progress(present, row, seen);
    await creditAccounts.put(tx, next);
    return { next, charged };
  }
  const { next: stood, charged } = halted(present, seen.now);
  if (!stood) return { next: await opened(tx, row, seen), charged };
  const { stopped: _until, ...kept } = stood;
  const next: CreditAccount = { ...kept, type: row.type, mode: modeOf(row), run: row.launched, at: seen.now, ...machineOf(seen) };
  await creditAccounts.put(tx, next);
  return { next, charged };
}

const machineOf = ({ process, seconds }: Seen) => ({ process, seconds });

async function opened(tx: WriteTransaction, row: Instance, seen: Seen): Promise<CreditAccount> {
  const { account, region, id, type } = row;
  const mode = modeOf(row);
  const launch = mode === 'standard' ? await grantLaunchCredits(tx, row, id, instanceTypes.get(type)!, seen.now) : 0;
  const next: CreditAccount = {
    ...{ account, region, instance: id, type, mode, run: row.launched, at: seen.now, ...machineOf(seen), saved: 0, launch, surplus: 0 },
  };
  await creditAccounts.put(tx, next);
  return next;
}

/** The account of a run that goes on, now. */
function progress(present: CreditAccount, row: Instance, seen: Seen): Followed & { isNews: boolean } {
  const before = present.process === seen.process ? present.seconds : 0;
  const used = Math.max(0, seen.seconds - before) / secondsPerCredit;
  const milliseconds = Math.max(0, seen.now - present.at);
  const settled = settle(present, instanceTypes.get(present.type)!, present.mode, { milliseconds, used });
  const mode = modeOf(row);
  const { charged, ...credits } = remoded(settled, present.mode, mode);
  return {
    next: { ...present, ...credits, mode, at: seen.now, ...machineOf(seen) },
    charged,
    isNews: present.process !== seen.process || present.mode !== mode || charged > 0 || used >= recordedCredits,
  };
}

/** What becomes standard pays what it owes; what becomes unlimited loses its launch credits. */
function remoded<Settled extends { launch: number; surplus: number; charged: number }>(
  settled: Settled,
  from: CreditMode,
  to: CreditMode,
): Settled {
  if (from === to) return settled;
  if (to === 'unlimited') return { ...settled, launch: 0 };
  return { ...settled, surplus: 0, charged: settled.charged + settled.surplus };
}

/** One that stands still owes nothing longer, and keeps what its family lets it keep; nothing is left of the account where that is nothing. */
function halted(present: CreditAccount, now: number): { next: CreditAccount | undefined; charged: number } {
  if (present.stopped !== undefined) return { next: present, charged: 0 };
  const type = instanceTypes.get(present.type)!;
  // What it has used since the last look went with its machine.
  const milliseconds = Math.max(0, now - present.at);
  const { charged, surplus, ...credits } = settle(present, type, present.mode, { milliseconds, used: 0 });
  const keeps = type.family.burstable!.keptMilliseconds > 0;
  const next = keeps ? { ...present, ...credits, launch: 0, surplus: 0, at: now, stopped: now } : undefined;
  return { next, charged: charged + surplus };
}

type Stood = { charged: number; /** When the account is to be forgotten. */ until?: number };

/** Resolves to when the account of one that stands still is to be forgotten. */
async function stopOrForget(context: ReconcilerContext, seen: CreditAccount): Promise<number | undefined> {
  const { charged, until } = await context.store.write((tx) => stand(tx, seen, context.clock.now()));
  charge(context, seen, charged);
  return until;
}

async function stand(tx: WriteTransaction, { account, region, instance: id }: CreditAccount, now: number): Promise<Stood> {
  const present = await creditAccounts.get(tx, account, region, id);
  const row = await instances.get(tx, account, region, id);
  // Its run is looked after elsewhere, or is about to begin.
  if (!present || row?.state === 'running' || (row?.state === 'pending' && present.stopped !== undefined)) return { charged: 0 };
  const { next, charged } = halted(present, now);
  const { keptMilliseconds } = instanceTypes.get(present.type)!.family.burstable!;
  const until = (next?.stopped ?? now) + keptMilliseconds;
  if (next && until > now && row && row.state !== 'terminated' && row.state !== 'shutting-down') {
    if (next !== present) await creditAccounts.put(tx, next);
    return { charged, until };
  }
  await creditAccounts.delete(tx, account, region, id);
  return { charged };
}

/** https://aws.amazon.com/ec2/pricing/on-demand/: by the vCPU-hour. */
function charge({ meter, clock }: ReconcilerContext, { account, region, instance, type }: CreditAccount, credits: number): void {
  if (credits <= 0) return;
  meter.record({
    ...{ account, region, service: 'ec2', operation: 'RunInstances', at: clock.now(), usageType: `CPUCredits:${type.split('.')[0]}` },
    ...{ quantity: (credits / minutesPerHour) * 3600, unit: 'Seconds', resource: `arn:aws:ec2:${region}:${account}:instance/${instance}` },
  });
}
