/** Records of what is over: shown for a while, then forgotten. */

import type { ReconcilerContext } from '../../framework/reconciler.ts';
import type { WriteTransaction } from '../../store/store.ts';
import type { Table } from '../../store/table.ts';

const rowsPerPage = 200;

type Ended<Row, Index> = {
  /** In which rows lie by when they ended. */
  index: Index;
  /** Until when one is shown, cloud time. */
  until: (row: Row) => number;
  forget: (tx: WriteTransaction, row: Row) => Promise<unknown>;
};

/** Forgets those that are shown no more. Resolves to when the next one is due, if there is one. */
export async function forgetEnded<Row extends object, Index extends string>(
  { store, clock }: ReconcilerContext,
  table: Table<Row, Index>,
  { index, until, forget }: NoInfer<Ended<Row, Index>>,
): Promise<number | undefined> {
  for (;;) {
    const page = await store.read((tx) => table.scanIndex(tx, index, [], { limit: rowsPerPage }));
    const due = page.filter(({ row }) => until(row) <= clock.now());
    if (due.length > 0)
      await store.write(async (tx) => {
        for (const { row } of due) await forget(tx, row);
      });
    if (due.length < page.length) return until(page[due.length]!.row);
    if (page.length < rowsPerPage) return undefined;
  }
}
