/** The home page: where to go, what runs, what time it is here, and what happened lately. */

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Grid from '@cloudscape-design/components/grid';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { lazy, Suspense } from 'react';
import { useText } from '../language/catalogue.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { privateSession } from '../session/private-api.ts';
import { follow, hrefOf } from '../shell/places.ts';
import { services } from '../shell/services.ts';
import { useSettings } from '../shell/settings.ts';
import { messages } from './messages.ts';

/** Loaded apart, with the client of Cost Explorer. */
const CostCard = lazy(() => import('../cost-explorer/card.tsx').then((module) => ({ default: module.CostCard })));

/** What asks for more is loaded once the page is there. */
const Clock = lazy(() => import('./clock.tsx').then((module) => ({ default: module.Clock })));
const Trail = lazy(() => import('./trail.tsx').then((module) => ({ default: module.Trail })));
const FirstSteps = lazy(() => import('./first-steps.tsx').then((module) => ({ default: module.FirstSteps })));

/** For the owner alone. */
const Health = lazy(() => import('./health.tsx').then((module) => ({ default: module.Health })));
const Faults = lazy(() => import('./faults.tsx').then((module) => ({ default: module.Faults })));

export function Home() {
  const t = useText(messages);
  const session = useAnswer(privateSession, []);
  const owner = session.value?.owner ?? false;
  const wide = { default: 12, m: 8 };
  const narrow = { default: 12, m: 4 };
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={t.welcomeText}>
          {t.welcome}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Grid gridDefinition={[{ colspan: wide }, { colspan: narrow }]}>
          <SpaceBetween size="l">
            <ServiceTiles />
            <Suspense>
              <Trail />
            </Suspense>
          </SpaceBetween>
          <SpaceBetween size="l">
            <Suspense>
              <Clock owner={owner} />
            </Suspense>
            <Suspense>
              <CostCard />
            </Suspense>
            <Suspense>
              <FirstSteps />
            </Suspense>
            {owner && (
              <Suspense>
                <Faults />
              </Suspense>
            )}
            {owner && (
              <Suspense>
                <Health />
              </Suspense>
            )}
            {session.value && !owner && (
              <Box color="text-body-secondary" fontSize="body-s">
                {t.ownerOnly}
              </Box>
            )}
          </SpaceBetween>
        </Grid>
      </SpaceBetween>
    </ContentLayout>
  );
}

function ServiceTiles() {
  const t = useText(messages);
  const { favourites, language } = useSettings();
  const sorted = [...services].sort((a, b) => Number(favourites.includes(b.id)) - Number(favourites.includes(a.id)));
  return (
    <Container header={<Header variant="h2">{t.services}</Header>}>
      <div className="tiles">
        {sorted.map(({ id, name, about }) => (
          <div key={id} className="tile">
            <Link variant="primary" fontSize="heading-s" href={hrefOf([id])} onFollow={follow}>
              {name}
            </Link>
            <Box variant="small" display="block">
              {about[language]}
            </Box>
          </div>
        ))}
      </div>
    </Container>
  );
}
