/** Commands of Run Command, and what became of them on each instance: records. */

import type { ReadTransaction } from '../../../store/store.ts';
import { table } from '../../../store/table.ts';

export type RunCommand = {
  account: string;
  region: string;
  /** A UUID. */
  id: string;
  document: string;
  /** As the caller gave them. */
  parameters: Record<string, string[]>;
  comment: string;
  targets: { Key: string; Values: string[] }[];
  instances: string[];
  requestedAt: number;
  /** Until when it is delivered. */
  expiresAt: number;
  timeoutSeconds: number;
};

const endings = ['Success', 'Failed', 'TimedOut', 'Cancelled'] as const;

export type Invocation = {
  account: string;
  region: string;
  command: string;
  instance: string;
  requestedAt: number;
  status: 'Pending' | 'InProgress' | 'Cancelling' | (typeof endings)[number];
  /** What AWS tells beside the status: `Delivery Timed Out`. */
  details: string;
  /** -1 until it has one. */
  code: number;
  startedAt?: number;
  endedAt?: number;
  output: string;
  errors: string;
};

export const commands = table<RunCommand, 'byTime'>('ssm/commands', {
  key: (row) => [row.account, row.region, row.id],
  indexes: { byTime: (row) => [row.account, row.region, row.requestedAt, row.id] },
});

export const isOver = ({ status }: Invocation): boolean => (endings as readonly string[]).includes(status);

export const invocations = table<Invocation, 'work' | 'byTime'>('ssm/command-invocations', {
  key: (row) => [row.account, row.region, row.command, row.instance],
  indexes: {
    work: (row) => (isOver(row) ? undefined : [row.account, row.region, row.command, row.instance]),
    byTime: (row) => [row.account, row.region, row.requestedAt, row.command, row.instance],
  },
});

export async function invocationsOf(tx: ReadTransaction, { account, region, id }: RunCommand): Promise<Invocation[]> {
  return (await invocations.scan(tx, [account, region, id])).map(({ row }) => row);
}

/** Of a whole command, by those of its instances: https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html */
export function statusOf(of: readonly Invocation[]): Invocation['status'] {
  const has = (status: Invocation['status']): boolean => of.some((one) => one.status === status);
  if (!of.every(isOver)) return has('Cancelling') ? 'Cancelling' : of.every((one) => one.status === 'Pending') ? 'Pending' : 'InProgress';
  return (['Cancelled', 'TimedOut', 'Failed'] as const).find(has) ?? 'Success';
}
