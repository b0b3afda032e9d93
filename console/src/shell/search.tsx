/** Search over everything: resources of all services by name, id, tag and ARN, through the list calls that one may make. */

import Box from '@cloudscape-design/components/box';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { matches, matchingTag, type Finder, type Found } from './finder.ts';
import { messages } from './messages.ts';
import { goTo, hrefOf } from './places.ts';
import { services, type ServiceEntry } from './services.ts';
import { useSettings } from './settings.ts';
import { Name } from '../resource/name.tsx';

/** How much of each list is looked at, and how many lists are asked for at once. */
const entriesMax = 5_000;
const atOnce = 4;
const shownMax = 20;
const lettersMin = 2;

type Listed = { service: ServiceEntry; finder: Finder; found: readonly Found[]; state: 'asked' | 'whole' | 'cut' | 'refused' };

export function Search({ onClose }: { onClose(): void }) {
  const t = useText(messages);
  const { language } = useSettings();
  const [typed, setTyped] = useState('');
  const wanted = useDeferredValue(typed.trim());
  const asked = wanted.length >= lettersMin;
  const lists = useLists(asked);
  // Each letter is shown at once; what it finds may come after it.
  const groups = useMemo(() => (asked ? groupsOf(lists, wanted) : []), [asked, lists, wanted]);
  const open = ({ to }: Found): void => {
    onClose();
    goTo(hrefOf(to));
  };
  const busy = asked && lists.some(({ state }) => state === 'asked');
  const refused = lists.filter(({ state }) => state === 'refused');
  const cut = lists.filter(({ state }) => state === 'cut');
  return (
    <Modal visible size="large" header={t.search} closeAriaLabel={t.close} onDismiss={onClose}>
      <SpaceBetween size="l">
        <Input
          type="search"
          autoFocus
          value={typed}
          placeholder={t.searchPlaceholder}
          ariaLabel={t.search}
          onChange={({ detail }) => setTyped(detail.value)}
          onKeyDown={({ detail }) => detail.key === 'Enter' && groups[0] && open(groups[0].hits[0]!)}
        />
        {!asked && <Box color="text-body-secondary">{t.searchText}</Box>}
        {groups.map(({ service, finder, hits }) => (
          <Group key={finder.id} title={`${service.name} · ${finder.kind[language]}`} hits={hits} wanted={wanted} onOpen={open} />
        ))}
        <div aria-live="polite">
          {busy && <StatusIndicator type="loading">{t.searching}</StatusIndicator>}
          {asked && !busy && groups.length === 0 && <Box color="text-body-secondary">{fill(t.nothingFound, { text: wanted })}</Box>}
        </div>
        {asked && refused.length > 0 && (
          <Box variant="small">{fill(t.notSearched, { names: refused.map(({ finder }) => finder.kind[language]).join(', ') })}</Box>
        )}
        {asked && cut.length > 0 && (
          <Box variant="small">
            {fill(t.searchCut, { count: entriesMax, names: cut.map(({ finder }) => finder.kind[language]).join(', ') })}
          </Box>
        )}
      </SpaceBetween>
    </Modal>
  );
}

function Group({ title, hits, wanted, onOpen }: { title: string; hits: readonly Found[]; wanted: string; onOpen(found: Found): void }) {
  const t = useText(messages);
  return (
    <section aria-label={title}>
      <Box variant="h3" padding={{ bottom: 'xxs' }}>
        {title}
      </Box>
      <ul className="hits">
        {hits.slice(0, shownMax).map((found) => {
          const tag = matchingTag(found, wanted);
          return (
            <li key={`${found.id} ${found.to.join('/')}`}>
              <Link
                href={hrefOf(found.to)}
                onFollow={(event) => {
                  event.preventDefault();
                  onOpen(found);
                }}
              >
                <Name>{found.name || found.id}</Name>
              </Link>
              {found.name && <Box variant="small">{found.id}</Box>}
              {tag !== undefined && (
                <Box variant="small">
                  <Name>{tag}</Name>
                </Box>
              )}
            </li>
          );
        })}
      </ul>
      {hits.length > shownMax && <Box variant="small">{fill(t.moreFound, { count: hits.length - shownMax })}</Box>}
    </section>
  );
}

function groupsOf(lists: readonly Listed[], wanted: string) {
  return lists.map((list) => ({ ...list, hits: list.found.filter((one) => matches(one, wanted)) })).filter(({ hits }) => hits.length > 0);
}

/** Lists of all services, asked for once somebody looks for something, and given up when the window closes. */
function useLists(wanted: boolean): readonly Listed[] {
  const [lists, setLists] = useState<readonly Listed[]>([]);
  const [begun, setBegun] = useState(wanted);
  if (wanted && !begun) setBegun(true);
  useEffect(() => {
    if (!begun) return;
    const stop = new AbortController();
    const tell = (id: string, change: (list: Listed) => Partial<Listed>): void =>
      setLists((before) => before.map((list) => (list.finder.id === id ? { ...list, ...change(list) } : list)));
    void (async () => {
      const known = await Promise.all(
        services.map(async (service) =>
          ((await service.search?.()) ?? []).map((finder): Listed => ({ service, finder, found: [], state: 'asked' })),
        ),
      );
      if (stop.signal.aborted) return;
      const all = known.flat();
      setLists(all);
      const waiting = [...all];
      const work = async (): Promise<void> => {
        for (let next = waiting.shift(); next && !stop.signal.aborted; next = waiting.shift()) await ask(next.finder, stop.signal, tell);
      };
      await Promise.all(Array.from({ length: atOnce }, work));
    })();
    return () => stop.abort();
  }, [begun]);
  return lists;
}

async function ask(
  finder: Finder,
  signal: AbortSignal,
  tell: (id: string, change: (list: Listed) => Partial<Listed>) => void,
): Promise<void> {
  let count = 0;
  try {
    for await (const page of finder.pages(signal)) {
      if (signal.aborted) return;
      count += page.length;
      tell(finder.id, ({ found }) => ({ found: [...found, ...page].slice(0, entriesMax) }));
      if (count >= entriesMax) return tell(finder.id, () => ({ state: 'cut' }));
    }
    tell(finder.id, () => ({ state: 'whole' }));
  } catch {
    // Most often for want of the right to list: the window says which lists it could not look at.
    if (!signal.aborted) tell(finder.id, () => ({ state: 'refused' }));
  }
}
