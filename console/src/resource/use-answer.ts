/** What a page has asked of the API: loading, there, or failed; asked again when the service changes. */

import { useCallback, useEffect, useRef, useState } from 'react';
import { onChange } from '../session/changes.ts';
import { useIdentity } from '../session/session.ts';
import { useSettings } from '../shell/settings.ts';

export type Answer<T> = { value?: T; error?: unknown; loading: boolean; reload(): void };

/**
 * Asks when the page opens, whenever `on` changes, and when the event stream tells of a change in `live`. The last answer stays while a
 * new one is on its way.
 */
export function useAnswer<T>(ask: () => Promise<T>, on: readonly unknown[], live?: string): Answer<T> {
  const identity = useIdentity();
  const { region } = useSettings();
  const [state, setState] = useState<{ value?: T; error?: unknown; loading: boolean }>({ loading: true });
  const latest = useRef(0);
  const asked = useRef(ask);
  asked.current = ask;
  const load = useCallback(() => {
    const turn = ++latest.current;
    setState(({ value }) => ({ ...(value !== undefined && { value }), loading: true }));
    asked.current().then(
      (value) => turn === latest.current && setState({ value, loading: false }),
      (error: unknown) => turn === latest.current && setState({ error, loading: false }),
    );
  }, []);
  useEffect(() => {
    latest.current++;
    setState({ loading: true });
    load();
    return () => void latest.current++;
  }, [load, identity, region, ...on]);
  useEffect(() => (live === undefined ? undefined : onChange(live, load)), [live, load]);
  return { ...state, reload: load };
}

const againMilliseconds = 1_000;

/** Asks again while something is on its way to another state (a stream that is being made): no call ends that, so no hint tells of it. */
export function useUntil({ value, loading, reload }: Answer<unknown>, settled: boolean): void {
  useEffect(() => {
    if (value === undefined || loading || settled) return;
    const timer = setTimeout(reload, againMilliseconds);
    return () => clearTimeout(timer);
  }, [value, loading, settled, reload]);
}
