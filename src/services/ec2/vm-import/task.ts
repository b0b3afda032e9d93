/** What tasks of importing and exporting have in common: their records, and how they are carried on. https://docs.aws.amazon.com/vm-import/latest/userguide/ */

import type { Reconciler, ReconcilerContext } from '../../../framework/reconciler.ts';
import type { Tag } from '../../../framework/tags.ts';
import type { Table } from '../../../store/table.ts';
import { forgetEnded } from '../forgetting.ts';
import { dropWorkDisks } from './carrying.ts';

export type VmTask = {
  account: string;
  region: string;
  id: string;
  created: number;
  state: 'active' | 'completed' | 'deleting' | 'deleted';
  /** What it is at, or why it came to nothing. */
  message?: string;
  /** Percent, while it is active. */
  progress: number;
  /** With whose rights objects are read and written. */
  roleArn: string;
  description: string;
  /** It is over, and is forgotten a week later. */
  ended?: number;
  tags?: Tag[];
};

export const taskKey = ({ account, region, id }: VmTask): string[] => [account, region, id];

/** `work` holds those that are not over, `ended` the others, by when they ended. */
export const taskIndexes = {
  work: (row: VmTask): string[] | undefined => (row.ended === undefined ? taskKey(row) : undefined),
  ended: ({ ended }: VmTask): number[] | undefined => (ended === undefined ? undefined : [ended]),
};

const shownMilliseconds = 7 * 24 * 3_600_000;

type Kept<Row extends VmTask, More extends string> = {
  /** Of the reconciler. */
  name: string;
  table: Table<Row, 'work' | 'ended' | More>;
  /** Its ids begin with it: `import-ami`. */
  prefix: string;
  /** Goes on until the task is at its end, or has been cancelled. */
  carryOn: (context: ReconcilerContext, row: Row) => Promise<void>;
  /** Ends one that was cancelled. */
  giveUp: (context: ReconcilerContext, row: Row) => Promise<void>;
};

/** One task after the other; each leaves no disk behind. */
export function taskReconciler<Row extends VmTask, More extends string>({
  name,
  table,
  prefix,
  carryOn,
  giveUp,
}: Kept<Row, More>): Reconciler {
  return {
    name,
    watches: [table],
    async run(context) {
      for (const { row } of await context.store.read((tx) => table.scanIndex(tx, 'work'))) {
        context.signal.throwIfAborted();
        await (row.state === 'deleting' ? giveUp(context, row) : carryOn(context, row));
        await dropWorkDisks(context, prefix);
      }
      await dropWorkDisks(context, prefix);
      const nextAt = await forgetEnded(context, table, {
        index: 'ended',
        until: (row) => row.ended! + shownMilliseconds,
        forget: (tx, row) => table.delete(tx, ...taskKey(row)),
      });
      return nextAt === undefined ? undefined : { nextAt };
    },
  };
}
