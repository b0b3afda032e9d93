/** The rows of a table as they are found and sorted. Of long lists both are made ready in slices too short to be felt. */

import { useEffect, useMemo, useRef, useState } from 'react';
import type { Column } from './resource-table.tsx';
import { sortedInSteps } from './sorted-in-steps.ts';

export type Sort = { /** The column's id. */ by: string; descending: boolean };

const sliceMilliseconds = 8;
/** Shorter lists are sorted at once. */
const longRowsMin = 1_000;

/** Keys are what is compared: a collator takes many times as long as folding letters once, and hardly orders otherwise. */
type Row = { keys: (string | number)[]; words: string };

/** `all` and `columns` may be new arrays at every turn; the rows are worked out anew only where they have changed. */
export function useRows<Item>(
  columns: readonly Column<Item>[],
  all: readonly Item[],
  { text, sort }: { text: string; sort: Sort | undefined },
): readonly Item[] {
  const known = useRef(new WeakMap<object, Row>());
  const rowOf = (item: Item): Row => {
    if (typeof item !== 'object' || item === null) return madeRow(columns, item);
    let row = known.current.get(item);
    if (row === undefined) known.current.set(item, (row = madeRow(columns, item)));
    return row;
  };
  useEffect(() => {
    let at = 0;
    return inSlices(() => {
      if (at >= all.length) return false;
      rowOf(all[at++]!);
      return true;
    });
  }, [all]);
  const sorted = useSorted(all, sort && columns.findIndex(({ id }) => id === sort.by), rowOf);
  return useMemo(() => {
    const wanted = text.trim().toLowerCase();
    const found = wanted === '' ? sorted : sorted.filter((item) => rowOf(item).words.includes(wanted));
    return sort?.descending ? found.toReversed() : found;
  }, [sorted, text, sort?.descending]);
}

/** Until a long list is sorted it stays as it was. */
function useSorted<Item>(all: readonly Item[], column: number | undefined, rowOf: (item: Item) => Row): readonly Item[] {
  const [ready, setReady] = useState<{ all: readonly Item[]; column: number; items: readonly Item[] }>();
  const compared = (a: Item, b: Item): number => compare(rowOf(a).keys[column!]!, rowOf(b).keys[column!]!);
  const unsorted = column === undefined || column < 0;
  const isLong = all.length >= longRowsMin;
  const atOnce = useMemo(() => (unsorted || isLong ? all : all.toSorted(compared)), [all, column]);
  useEffect(() => {
    if (unsorted || !isLong) return undefined;
    const steps = sortedInSteps(all, compared);
    return inSlices(() => {
      const { done, value } = steps.next();
      if (done) setReady({ all, column, items: value });
      return !done;
    });
  }, [all, column]);
  if (unsorted || !isLong) return atOnce;
  return ready?.column === column && ready.all === all ? ready.items : (ready?.items ?? all);
}

/** Does steps until there are none, and lets the browser draw in between. Returns what ends it before. */
function inSlices(step: () => boolean): () => void {
  const slice = (): void => {
    const end = performance.now() + sliceMilliseconds;
    while (performance.now() < end) if (!step()) return;
    timer = setTimeout(slice);
  };
  let timer = setTimeout(slice);
  return () => clearTimeout(timer);
}

function madeRow<Item>(columns: readonly Column<Item>[], item: Item): Row {
  const values = columns.map((column) => valueOf(column, item));
  return {
    keys: values.map((value) => (typeof value === 'number' ? value : value.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase())),
    words: values.join('\n').toLowerCase(),
  };
}

function valueOf<Item>(column: Column<Item>, item: Item): string | number {
  if (column.text) return column.text(item);
  const cell = column.cell(item);
  return typeof cell === 'string' || typeof cell === 'number' ? cell : '';
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [one, other] = [String(a), String(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}
