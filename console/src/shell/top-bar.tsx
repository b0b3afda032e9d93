/** The bar above everything: services, region, settings, and who is signed in. */

import TopNavigation, { type TopNavigationProps } from '@cloudscape-design/components/top-navigation';
import { fill, useText } from '../language/catalogue.ts';
import { knownRoles, type KnownRole } from '../session/roles.ts';
import { goOnAs, signedOut, signInBeside, switchedBack, useIdentities, useOthers } from '../session/session.ts';
import logo from '../wordmark.svg';
import { messages } from './messages.ts';
import { goTo, hrefOf } from './places.ts';
import { regions } from './regions.ts';
import { choose, useSettings, type Settings } from './settings.ts';

type Choose = (id: string) => void;

export function TopBar({
  onSearch,
  onServices,
  onSwitchRole,
}: {
  onSearch(): void;
  onServices(): void;
  onSwitchRole(known?: KnownRole): void;
}) {
  const t = useText(messages);
  const settings = useSettings();
  const identities = useIdentities();
  const who = identities.at(-1)!;
  const region = regions.find(({ id }) => id === settings.region);
  const others = useOthers();
  const roles = knownRoles(identities[0]!.arn);
  const named = ({ name, account: id }: { name: string; account: string }): string => fill(t.roleAt, { name, account: id });
  const account: Choose = (id) => {
    const [kind, at] = id.split(':');
    if (kind === 'session') goOnAs(others[Number(at)]!);
    if (kind === 'role') onSwitchRole(roles[Number(at)]);
    if (id === 'beside') signInBeside();
    if (id === 'sign-out') signedOut();
    if (id === 'switch-back' || id === 'now') switchedBack();
    if (id === 'switch-role') onSwitchRole();
  };
  const utilities: TopNavigationProps.Utility[] = [
    { type: 'button', iconName: 'search', text: t.searchShort, ariaLabel: t.search, disableUtilityCollapse: true, onClick: onSearch },
    { type: 'button', iconName: 'grid-view', text: t.services, disableUtilityCollapse: true, onClick: onServices },
    {
      type: 'menu-dropdown',
      text: region?.name ?? settings.region,
      title: t.region,
      ariaLabel: `${t.region}: ${region?.name ?? ''} ${settings.region}`,
      items: regions.map(({ id, name }) => ({ id, text: name, description: id })),
      onItemClick: ({ detail }) => {
        choose({ region: detail.id });
        const { pathname, search } = location;
        const query = new URLSearchParams(search);
        query.set('region', detail.id);
        goTo(`${pathname}?${query.toString()}`, { replace: true });
      },
    },
    {
      type: 'menu-dropdown',
      iconName: 'settings',
      ariaLabel: t.settings,
      title: t.settings,
      items: settingItems(t, settings),
      onItemClick: ({ detail }) => {
        const [name, value] = detail.id.split(':') as ['language' | 'mode' | 'density', string];
        choose({ [name]: value });
      },
    },
    {
      type: 'menu-dropdown',
      iconName: 'user-profile',
      text: who.name,
      description: fill(t.accountId, { id: who.account }),
      ariaLabel: `${t.account}: ${who.name}`,
      items: [
        {
          id: 'sessions',
          text: t.sessions,
          items: [
            { id: 'now', text: named(identities[0]!), iconName: 'check', disabled: identities.length === 1 },
            ...others.map((chain, at) => ({ id: `session:${at}`, text: named(chain.at(-1)!) })),
            { id: 'beside', text: t.signInBeside },
          ],
        },
        ...(roles.length > 0
          ? [
              {
                id: 'roles',
                text: t.knownRoles,
                items: roles.map(({ role, account: id, colour }, at) => ({
                  id: `role:${at}`,
                  text: named({ name: role, account: id }),
                  iconSvg: <Dot colour={colour} />,
                })),
              },
            ]
          : []),
        { id: 'switch-role', text: t.switchRole },
        ...(identities.length > 1 ? [{ id: 'switch-back', text: fill(t.switchBack, { name: identities[0]!.name }) }] : []),
        { id: 'sign-out', text: t.signOut },
      ],
      onItemClick: ({ detail }) => account(detail.id),
    },
  ];
  return (
    <TopNavigation
      identity={{
        href: hrefOf([]),
        logo: { src: logo, alt: t.product },
        onFollow: (event) => {
          event.preventDefault();
          goTo(hrefOf([]));
        },
      }}
      utilities={utilities}
      i18nStrings={{
        overflowMenuTriggerText: t.more,
        overflowMenuTitleText: t.more,
        overflowMenuBackIconAriaLabel: t.close,
        overflowMenuDismissIconAriaLabel: t.close,
      }}
    />
  );
}

/** The colour of a role's badge. */
function Dot({ colour }: { colour: string }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <circle cx="8" cy="8" r="6" fill={colour} stroke="none" />
    </svg>
  );
}

/** Each setting, with a mark at what is chosen. */
function settingItems(t: Readonly<Record<keyof (typeof messages)['en'], string>>, settings: Settings) {
  const item = (name: 'language' | 'mode' | 'density', value: string, text: string) => ({
    id: `${name}:${value}`,
    text,
    ...(settings[name] === value && { iconName: 'check' as const }),
  });
  return [
    { id: 'language', text: t.language, items: [item('language', 'en', 'English'), item('language', 'ko', '한국어')] },
    {
      id: 'mode',
      text: t.appearance,
      items: [item('mode', 'light', t.light), item('mode', 'dark', t.dark), item('mode', 'system', t.system)],
    },
    {
      id: 'density',
      text: t.density,
      items: [item('density', 'comfortable', t.comfortable), item('density', 'compact', t.compact)],
    },
  ];
}
