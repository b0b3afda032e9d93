/** What a reader has chosen: language, light or dark, density, favourites. Kept in this browser; nothing of it is secret. */

import { createState, useWatched } from './state.ts';

export type Settings = {
  language: 'en' | 'ko';
  mode: 'light' | 'dark' | 'system';
  density: 'comfortable' | 'compact';
  region: string;
  favourites: readonly string[];
  recent: readonly string[];
  navigationOpen: boolean;
};

const key = 'haneul-console';
const recentMax = 6;

const defaults: Settings = {
  language: navigator.language.startsWith('ko') ? 'ko' : 'en',
  mode: 'system',
  density: 'comfortable',
  region: 'us-east-1',
  favourites: [],
  recent: [],
  navigationOpen: true,
};

function read(): Settings {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Settings>) };
  } catch {
    // Storage that is switched off or filled by something else: the defaults do.
    return defaults;
  }
}

const state = createState<Settings>(read(), (value) => {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Without storage a choice lasts until the page is closed.
  }
});

export const settings = (): Settings => state.get();
export const useSettings = (): Settings => useWatched(state);
export function choose(change: Partial<Settings>): void {
  state.set({ ...state.get(), ...change });
}

/** The newest first. */
export function noteVisit(service: string): void {
  const { recent } = state.get();
  if (recent[0] !== service) choose({ recent: [service, ...recent.filter((one) => one !== service)].slice(0, recentMax) });
}

/** Per table: columns, page size. */
export function tableChoices<T extends object>(id: string, fallback: T): T {
  try {
    return { ...fallback, ...(JSON.parse(localStorage.getItem(`${key}-table-${id}`) ?? '{}') as Partial<T>) };
  } catch {
    // As above.
    return fallback;
  }
}

export function keepTableChoices(id: string, choices: object): void {
  try {
    localStorage.setItem(`${key}-table-${id}`, JSON.stringify(choices));
  } catch {
    // As above.
  }
}
