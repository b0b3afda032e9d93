/** What is kept of CPU credits: the account of each instance, what families do by default, and who was given launch credits. */

import type { ReadTransaction, WriteTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';
import type { InstanceType } from '../instance-types/instance-type.ts';
import type { Place } from '../resource.ts';
import type { CreditMode, Credits } from './credits.ts';

export type CreditAccount = Place &
  Credits & {
    instance: string;
    type: string;
    mode: CreditMode;
    /** The run that it is about: when the instance was launched. */
    run: number;
    /** What is written here was so at this moment of cloud time. */
    at: number;
    /** The machine's process, and the seconds of processor time that it had taken by then. */
    process?: number;
    seconds: number;
    /** The instance stands still since then. */
    stopped?: number;
  };

export const creditAccounts = table<CreditAccount>('ec2/credit-accounts', { key: (row) => [row.account, row.region, row.instance] });

export type DefaultCredits = Place & { family: string; credits: CreditMode };

export const defaultCredits = table<DefaultCredits>('ec2/default-credits', { key: (row) => [row.account, row.region, row.family] });

/** How instances of a family are launched in an account where the launch does not say it. Undefined for a family without credits. */
export async function defaultMode(
  tx: ReadTransaction,
  { account, region }: Place,
  { family }: Pick<InstanceType, 'family'>,
): Promise<CreditMode | undefined> {
  if (!family.burstable) return undefined;
  return (await defaultCredits.get(tx, account, region, family.name))?.credits ?? family.burstable.credits;
}

export type LaunchGrant = Place & { at: number; instance: string };

export const launchGrants = table<LaunchGrant>('ec2/launch-credits', { key: (row) => [row.account, row.region, row.at, row.instance] });

const day = 24 * 3_600_000;
/** Starts with launch credits in an account and region, in any 24 hours. */
const grantsPerDay = 100;

/**
 * The credits with which a standard instance starts; none for those of an account that has had too many within a day.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances-standard-mode-concepts.html#launch-credits
 */
export async function grantLaunchCredits(
  tx: WriteTransaction,
  { account, region }: Place,
  instance: string,
  { family, vcpus }: InstanceType,
  now: number,
): Promise<number> {
  const credits = (family.burstable?.launchCreditsPerVcpu ?? 0) * vcpus;
  if (credits === 0) return 0;
  for (const { row } of await launchGrants.between(tx, [account, region], [account, region, now - day]))
    await launchGrants.delete(tx, account, region, row.at, row.instance);
  if ((await launchGrants.scan(tx, [account, region], { limit: grantsPerDay })).length === grantsPerDay) return 0;
  await launchGrants.put(tx, { account, region, at: now, instance });
  return credits;
}
