/** Where the console begins: the sign-in page, or the shell for whoever is signed in. */

import '@cloudscape-design/global-styles/index.css';
import './console.css';
import { I18nProvider, type I18nProviderProps } from '@cloudscape-design/components/i18n';
import { lazy, StrictMode, Suspense, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { useIdentity } from './session/session.ts';
import { SignInPage } from './session/sign-in-page.tsx';
import { onSystemMode, showAppearance } from './shell/appearance.ts';
import { settings, useSettings } from './shell/settings.ts';

const Shell = lazy(() => import('./shell/shell.tsx').then((module) => ({ default: module.Shell })));

/** What Cloudscape's own components say. */
const componentMessages = {
  en: () => import('@cloudscape-design/components/i18n/messages/all.en'),
  ko: () => import('@cloudscape-design/components/i18n/messages/all.ko'),
};

function Console() {
  const identity = useIdentity();
  const chosen = useSettings();
  const [texts, setTexts] = useState<I18nProviderProps.Messages>();
  useEffect(() => showAppearance(chosen), [chosen]);
  useEffect(() => onSystemMode(() => showAppearance(settings())), []);
  useEffect(() => {
    let wanted = true;
    void componentMessages[chosen.language]().then((module) => wanted && setTexts(module.default));
    return () => void (wanted = false);
  }, [chosen.language]);
  if (!texts) return null;
  return (
    <I18nProvider locale={chosen.language} messages={[texts]}>
      {identity ? (
        <Suspense fallback={null}>
          <Shell key={chosen.language} />
        </Suspense>
      ) : (
        <SignInPage />
      )}
    </I18nProvider>
  );
}

showAppearance(settings());
createRoot(document.getElementById('console')!).render(
  <StrictMode>
    <Console />
  </StrictMode>,
);
