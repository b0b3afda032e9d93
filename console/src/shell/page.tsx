/** The page of a place: the home page, or the service's own, loaded when first visited. */

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import Spinner from '@cloudscape-design/components/spinner';
import { lazy, Suspense } from 'react';
import { useText } from '../language/catalogue.ts';
import { messages } from './messages.ts';
import { PageGuard } from './page-guard.tsx';
import { goTo, hrefOf, usePlace } from './places.ts';
import { routeOf, type ServicePages } from './services.ts';
import { useSettings } from './settings.ts';

const Home = lazy(() => import('../home/home.tsx').then((module) => ({ default: module.Home })));

export function Page({ pages }: { pages: ServicePages | 'loading' | 'failed' | undefined }) {
  const t = useText(messages);
  const place = usePlace();
  const { region } = useSettings();
  const [service, ...rest] = place.segments;
  if (service !== undefined && pages === 'loading') return <Waiting />;
  if (pages === 'failed') return <Fault />;
  const found = typeof pages === 'object' ? routeOf(pages, rest.length > 0 ? rest : [pages.navigation[0]!.path]) : undefined;
  if (service !== undefined && !found)
    return (
      <ContentLayout header={<Header variant="h1">{t.notFound}</Header>}>
        <Box variant="p">{t.notFoundText}</Box>
        <Button onClick={() => goTo(hrefOf([]))}>{t.goHome}</Button>
      </ContentLayout>
    );
  const Routed = found?.route.page;
  return (
    <PageGuard key={`${place.segments.join('/')} ${region}`} fallback={<Fault />}>
      <Suspense fallback={<Waiting />}>{Routed ? <Routed params={found.params} /> : <Home />}</Suspense>
    </PageGuard>
  );
}

function Waiting() {
  const t = useText(messages);
  return (
    <Box textAlign="center" padding="xxxl">
      <Spinner size="large" />
      <span className="unseen">{t.loading}</span>
    </Box>
  );
}

function Fault() {
  const t = useText(messages);
  return (
    <ContentLayout header={<Header variant="h1">{t.failedPage}</Header>}>
      <Alert type="error" action={<Button onClick={() => location.reload()}>{t.reload}</Button>}>
        {t.failedPageText}
      </Alert>
    </ContentLayout>
  );
}
