/** What a reader has chosen of a table, kept for the next visit: for each user, since each has other things to look at. */

import { useState } from 'react';
import { identity } from '../session/session.ts';
import { keepTableChoices, tableChoices } from '../shell/settings.ts';
import type { Sort } from './table-rows.ts';

export type Choices = {
  pageSize: number;
  /** Ids of the columns to be seen; undefined for those that the table itself shows. */
  columns: readonly string[] | undefined;
  wrapLines: boolean;
  sort: Sort | undefined;
  /** Texts to filter by, the newest first. */
  filters: readonly string[];
};

const untouched: Choices = { pageSize: 20, columns: undefined, wrapLines: false, sort: undefined, filters: [] };

export function useChoices(table: string): [Choices, (change: Partial<Choices>) => void] {
  const id = `${identity().arn} ${table}`;
  const [choices, setChoices] = useState<Choices>(() => tableChoices(id, untouched));
  const choose = (change: Partial<Choices>): void => {
    const chosen = { ...choices, ...change };
    setChoices(chosen);
    keepTableChoices(id, chosen);
  };
  return [choices, choose];
}
