/** The frame around every page, for whoever is signed in. */

import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import Button from '@cloudscape-design/components/button';
import Flashbar from '@cloudscape-design/components/flashbar';
import SideNavigation, { type SideNavigationProps } from '@cloudscape-design/components/side-navigation';
import { lazy, Suspense, useEffect, useState } from 'react';
import { fill, useText, type Language } from '../language/catalogue.ts';
import { visible } from '../language/visible.ts';
import { followChanges } from '../session/changes.ts';
import { useMinutesLeft } from '../session/expiry.ts';
import type { KnownRole } from '../session/roles.ts';
import { sessionEnded, switchedBack, useEnded, useIdentities, useIdentity } from '../session/session.ts';
import { Frame } from './frame.tsx';
import { messages } from './messages.ts';
import { dismiss, notify, useNotices } from './notices.ts';
import { Page } from './page.tsx';
import { follow, hrefOf, usePlace } from './places.ts';
import { routeOf, serviceOf, type ServicePages } from './services.ts';
import { noteVisit, useSettings } from './settings.ts';
import { TopBar } from './top-bar.tsx';

const ServicesMenu = lazy(() => import('./services-menu.tsx').then((module) => ({ default: module.ServicesMenu })));
const Search = lazy(() => import('./search.tsx').then((module) => ({ default: module.Search })));
const SwitchRole = lazy(() => import('../session/switch-role.tsx').then((module) => ({ default: module.SwitchRole })));

/** The pages of the service that one is in. */
function usePages(id: string | undefined): ServicePages | 'loading' | 'failed' | undefined {
  const [loaded, setLoaded] = useState<{ id: string; pages: ServicePages | 'failed' }>();
  useEffect(() => {
    const entry = serviceOf(id);
    if (!entry) return;
    noteVisit(entry.id);
    let wanted = true;
    entry.load().then(
      (pages) => wanted && setLoaded({ id: entry.id, pages }),
      () => wanted && setLoaded({ id: entry.id, pages: 'failed' }),
    );
    return () => void (wanted = false);
  }, [id]);
  if (!serviceOf(id)) return undefined;
  return loaded?.id === id ? loaded?.pages : 'loading';
}

export function Shell() {
  const t = useText(messages);
  const { language } = useSettings();
  const place = usePlace();
  const notices = useNotices();
  const identities = useIdentities();
  const [open, setOpen] = useState<'services' | 'search' | 'role'>();
  const [known, setKnown] = useState<KnownRole>();
  const [id, ...rest] = place.segments;
  const pages = usePages(id);
  const service = serviceOf(id);
  useEffect(followChanges, []);
  useTellOfSession();
  useEffect(() => onSearchKey(() => setOpen('search')), []);
  const here = typeof pages === 'object' ? (rest[0] ?? pages.navigation[0]!.path) : undefined;
  useEffect(() => {
    document.title = [...(rest.at(-1) ? [visible(rest.at(-1)!)] : []), service?.name ?? t.home, t.product].join(' – ');
  });
  const role = identities[1];
  return (
    <>
      <div id="top-bar">
        <TopBar
          onSearch={() => setOpen('search')}
          onServices={() => setOpen('services')}
          onSwitchRole={(one) => {
            setKnown(one);
            setOpen('role');
          }}
        />
        {role && (
          <div className="role-bar" style={{ background: role.colour }}>
            <span>{fill(t.actingAs, { name: role.name, account: role.account })}</span>
            <Button variant="inline-link" onClick={switchedBack}>
              {fill(t.switchBack, { name: identities[0]!.name })}
            </Button>
          </div>
        )}
      </div>
      <Frame
        navigation={
          service && typeof pages === 'object' ? (
            <SideNavigation
              header={{ text: service.name, href: hrefOf([service.id]) }}
              activeHref={hrefOf([service.id, here!])}
              onFollow={follow}
              items={navigationItems(service.id, pages, language)}
            />
          ) : undefined
        }
        breadcrumbs={
          service && typeof pages === 'object' ? (
            <BreadcrumbGroup
              ariaLabel={t.crumbs}
              onFollow={follow}
              items={[
                { text: t.home, href: hrefOf([]) },
                { text: service.name, href: hrefOf([service.id]) },
                ...crumbs(pages, rest.length > 0 ? rest : [here!]).map(({ text, path }) => ({
                  text: text[language],
                  href: hrefOf([service.id, ...path]),
                })),
              ]}
            />
          ) : undefined
        }
        notifications={
          <Flashbar
            stackItems
            items={notices.map((notice) => ({
              ...notice,
              loading: notice.type === 'in-progress',
              type: notice.type === 'in-progress' ? 'info' : notice.type,
              dismissible: notice.dismissible ?? true,
              dismissLabel: t.dismiss,
              onDismiss: () => dismiss(notice.id),
            }))}
          />
        }
      >
        <Page pages={service ? pages : undefined} />
      </Frame>
      <Suspense>
        {open === 'services' && <ServicesMenu onClose={() => setOpen(undefined)} />}
        {open === 'search' && <Search onClose={() => setOpen(undefined)} />}
        {open === 'role' && <SwitchRole known={known} onClose={() => setOpen(undefined)} />}
      </Suspense>
    </>
  );
}

/** Tells before a session ends, and that a role's has ended. */
function useTellOfSession(): void {
  const t = useText(messages);
  const who = useIdentity();
  const minutes = useMinutesLeft();
  const ended = useEnded();
  useEffect(() => {
    if (!who || minutes === undefined) return dismiss('session-ends');
    notify({
      id: 'session-ends',
      type: 'warning',
      header: fill(t.endsSoon, { minutes }),
      content: (
        <>
          {t.endsSoonText}{' '}
          <Button variant="inline-link" onClick={() => sessionEnded(who)}>
            {t.signInAnew}
          </Button>
        </>
      ),
    });
  }, [who, minutes]);
  useEffect(() => {
    if (!ended || !who) return;
    const words = { role: fill(t.roleEnded, { name: ended.name }), now: fill(t.roleEndedText, { name: who.name }) };
    notify({ id: 'role-ended', type: 'warning', header: words.role, content: words.now });
  }, [ended]);
}

/** Lines below their headings. */
function navigationItems(id: string, { navigation }: ServicePages, language: Language): SideNavigationProps.Item[] {
  const items: SideNavigationProps.Item[] = [];
  let section: SideNavigationProps.Item[] = items;
  for (const { path, text, heading } of navigation) {
    if (heading) items.push({ type: 'section', text: heading[language], items: (section = []) });
    section.push({ type: 'link', text: text[language], href: hrefOf([id, path]) });
  }
  return items;
}

/** Ctrl+K, or the Command key of a Mac. */
function onSearchKey(open: () => void): () => void {
  const listen = (event: KeyboardEvent): void => {
    // In a terminal it is the shell's.
    if (event.key !== 'k' || !(event.ctrlKey || event.metaKey) || (event.target as HTMLElement).closest('.terminal')) return;
    event.preventDefault();
    open();
  };
  addEventListener('keydown', listen);
  return () => removeEventListener('keydown', listen);
}

/** Every beginning of the place that is a page itself. */
function crumbs(
  pages: ServicePages,
  segments: readonly string[],
): { text: Readonly<Record<'en' | 'ko', string>>; path: readonly string[] }[] {
  return segments.flatMap((segment, at) => {
    const path = segments.slice(0, at + 1);
    const found = routeOf(pages, path);
    if (!found) return [];
    const named = pages.navigation.find((item) => item.path === path.join('/'))?.text ?? found.route.crumb;
    return [{ text: named ?? { en: visible(segment), ko: visible(segment) }, path }];
  });
}
