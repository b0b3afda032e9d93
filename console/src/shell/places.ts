/** Where in the console one is: every place is an address, so that links, the back button and reload keep it. */

import { createState, useWatched } from './state.ts';
import { choose, settings } from './settings.ts';

export const base = '/_console/';

export type Place = { /** Decoded segments below the base. */ segments: readonly string[]; query: URLSearchParams };

function current(): Place {
  const query = new URLSearchParams(location.search);
  const region = query.get('region');
  if (region !== null && /^[a-z]{2}(-[a-z]+)+-\d$/.test(region) && region !== settings().region) choose({ region });
  const path = location.pathname.startsWith(base) ? location.pathname.slice(base.length) : '';
  return { segments: path.split('/').filter(Boolean).map(decoded), query };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not the console's own writing; shown as it is.
    return segment;
  }
}

const state = createState<Place>(current());
addEventListener('popstate', () => state.set(current()));

export const usePlace = (): Place => useWatched(state);
export const place = (): Place => state.get();

/** The address of a place; the region goes along. */
export function hrefOf(segments: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const search = new URLSearchParams({ region: settings().region });
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') search.set(name, value);
  return `${base}${segments.map(encodeURIComponent).join('/')}?${search.toString()}`;
}

/** Goes to an address of ours without loading the page anew. */
export function goTo(href: string, options: { replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, '', href);
  else {
    history.pushState(null, '', href);
    scrollTo(0, 0);
  }
  state.set(current());
}

/** Changes the query of this place only: the tab, the folder. */
export function setQuery(change: Readonly<Record<string, string | undefined>>, options: { replace?: boolean } = { replace: true }): void {
  const query: Record<string, string | undefined> = Object.fromEntries(state.get().query);
  goTo(hrefOf(state.get().segments, { ...query, ...change }), options);
}

/** What a list is filtered by stands in its address, so that reload and links keep it; nothing else of the page depends on it. */
export function keepFound(text: string): void {
  const query = new URLSearchParams(location.search);
  if (text.trim() === '') query.delete('find');
  else query.set('find', text);
  history.replaceState(history.state, '', `${location.pathname}?${query.toString()}`);
}

export function wasFound(): string {
  return new URLSearchParams(location.search).get('find') ?? '';
}

/** For Cloudscape's onFollow: our own links stay in the page, those of others and with modifier keys are the browser's. */
export function follow(event: { detail: { href?: string; external?: boolean }; preventDefault(): void }): void {
  const { href, external } = event.detail;
  if (external || href === undefined || !href.startsWith(base)) return;
  event.preventDefault();
  goTo(href);
}
