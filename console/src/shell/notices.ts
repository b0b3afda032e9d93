/** What happened, in the bar above the page: done, failed, under way. */

import type { ReactNode } from 'react';
import { createState, useWatched } from './state.ts';

export type Notice = {
  id: string;
  type: 'success' | 'error' | 'info' | 'warning' | 'in-progress';
  header?: ReactNode;
  content?: ReactNode;
  dismissible?: boolean;
};

const noticesMax = 20;
const state = createState<readonly Notice[]>([]);
let last = 0;

export const useNotices = (): readonly Notice[] => useWatched(state);

/** Shows a notice; one with a known id takes the place of the older. */
export function notify(notice: Omit<Notice, 'id'> & { id?: string }): string {
  const id = notice.id ?? `notice-${++last}`;
  const others = state.get().filter((one) => one.id !== id);
  state.set([{ ...notice, id }, ...others].slice(0, noticesMax));
  return id;
}

export function dismiss(id: string): void {
  state.set(state.get().filter((one) => one.id !== id));
}
