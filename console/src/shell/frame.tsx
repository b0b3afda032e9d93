/** Where things stand on the page: navigation at the side (over the page on a phone), the way back, notices, the page itself. */

import Button from '@cloudscape-design/components/button';
import { useEffect, useState, type ReactNode } from 'react';
import { useText } from '../language/catalogue.ts';
import { messages } from './messages.ts';
import { usePlace } from './places.ts';
import { choose, useSettings } from './settings.ts';

/** Cloudscape's AppLayout does this and much that the console has no use for (drawers, split panels), at a sixth of the first load. */
export function Frame({
  navigation,
  breadcrumbs,
  notifications,
  children,
}: {
  navigation: ReactNode;
  breadcrumbs: ReactNode;
  notifications: ReactNode;
  children: ReactNode;
}) {
  const t = useText(messages);
  const { navigationOpen } = useSettings();
  const place = usePlace();
  const [overPage, setOverPage] = useState(false);
  useEffect(() => setOverPage(false), [place]);
  const narrow = (): boolean => matchMedia('(max-width: 800px)').matches;
  const toggle = (): void => (narrow() ? setOverPage(!overPage) : choose({ navigationOpen: !navigationOpen }));
  return (
    <div className="frame" data-navigation={navigation ? (navigationOpen ? 'open' : 'closed') : 'none'} data-over={overPage}>
      {navigation && (
        <nav className="frame-navigation" aria-label={t.navigation}>
          <div className="frame-close">
            <Button variant="icon" iconName="close" ariaLabel={t.closeNavigation} onClick={toggle} />
          </div>
          {navigation}
        </nav>
      )}
      {/* A click beside the open navigation closes it; the button inside does the same for the keyboard. */}
      {overPage && <div className="frame-shade" aria-hidden="true" onClick={() => setOverPage(false)} />}
      <main className="frame-page">
        {(navigation || breadcrumbs) && (
          <div className="frame-crumbs">
            {navigation && (
              <span className="frame-open">
                <Button variant="icon" iconName="menu" ariaLabel={t.openNavigation} onClick={toggle} />
              </span>
            )}
            {breadcrumbs}
          </div>
        )}
        <section className="frame-notices" aria-label={t.notifications} aria-live="polite">
          {notifications}
        </section>
        {children}
      </main>
    </div>
  );
}
