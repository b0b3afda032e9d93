/** Tasks that S3 does by a queue of its own: a job writes a row for each into a table that both watch, and reads the outcome there. */

import type { Principal } from '../../../../framework/principal.ts';
import type { ReconcilerContext } from '../../../../framework/reconciler.ts';
import type { Table } from '../../../../store/table.ts';
import type { Job, JobTask } from '../../tables.ts';
import type { TaskResult } from './execute.ts';

/** What both kinds of rows have in common. */
export type AskedRow = { job: string; number: number; bucket: string; key: string; version?: string; principal: Principal };

export type Asked = {
  /** Asks S3 for what it was not asked for yet. Resolves with the results of all tasks once every one is there. */
  results(
    context: ReconcilerContext,
    job: Job,
    tasks: readonly JobTask[],
    asker: () => Promise<Principal>,
  ): Promise<TaskResult[] | undefined>;
  /** Their results are kept: nobody asks for these any more. */
  forget(context: ReconcilerContext, job: Job, tasks: readonly JobTask[]): Promise<void>;
  /** What a job that was stopped asked for, and will not read. */
  forgetAll(context: ReconcilerContext, job: Job): Promise<void>;
};

/** `ask` makes the row of a task, `resultOf` reads its outcome: undefined while there is none. */
export function askedBy<Row extends AskedRow, Index extends string>(
  table: Table<Row, Index>,
  ask: (row: AskedRow, job: Job) => Row,
  resultOf: (row: Row, job: Job) => TaskResult | undefined,
): Asked {
  return {
    async results({ store }, job, tasks, asker) {
      const keys = tasks.map(({ number }) => [job.id, number]);
      const present = await store.read((tx) => table.getMany(tx, keys));
      if (present.includes(undefined)) {
        const principal = await asker();
        await store.write(async (tx) => {
          for (const { number, bucket, key, version } of tasks) {
            if (await table.get(tx, job.id, number)) continue;
            await table.put(tx, ask({ job: job.id, number, bucket, key, ...(version !== undefined && { version }), principal }, job));
          }
        });
        return undefined;
      }
      const results = present.map((row) => resultOf(row!, job)).filter((result) => result !== undefined);
      return results.length === tasks.length ? results : undefined;
    },
    async forget({ store }, { id }, tasks) {
      await store.write(async (tx) => {
        for (const { number } of tasks) await table.delete(tx, id, number);
      }, 'relaxed');
    },
    async forgetAll({ store }, { id }) {
      await store.write(async (tx) => {
        for (const { row } of await table.scan(tx, [id])) await table.delete(tx, id, row.number);
      }, 'relaxed');
    },
  };
}
