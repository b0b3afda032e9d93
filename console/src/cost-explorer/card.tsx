/** The card on the home page: what this month costs so far, and for what. */

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useText } from '../language/catalogue.ts';
import { FailureAlert } from '../resource/failure.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { follow, hrefOf } from '../shell/places.ts';
import { useSettings } from '../shell/settings.ts';
import { dollarsText, monthText } from './amounts.ts';
import { thisMonth } from './costs.ts';
import { messages } from './messages.ts';

const servicesShown = 4;

export function CostCard() {
  const t = useText(messages);
  const { language } = useSettings();
  const { value, error } = useAnswer(thisMonth, []);
  const isDenied = error instanceof Error && error.name.startsWith('AccessDenied');
  return (
    <Container
      header={
        <Header variant="h2" {...(value && { description: monthText(value.month, language) })}>
          {t.thisMonth}
        </Header>
      }
    >
      {error !== undefined && (isDenied ? <Box color="text-body-secondary">{t.notAllowed}</Box> : <FailureAlert error={error} />)}
      {value && (
        <SpaceBetween size="s">
          <KeyValuePairs
            columns={2}
            items={[
              { label: t.soFar, value: dollarsText(value.total) },
              { label: t.forecast, value: value.forecast === undefined ? t.forecastLater : dollarsText(value.forecast) },
            ]}
          />
          {value.services.slice(0, servicesShown).map(({ keys: [service], amount }) => (
            <Box key={service} variant="small" display="block">
              {service}: {dollarsText(amount)}
            </Box>
          ))}
          <Link href={hrefOf(['cost-explorer', 'bill'])} onFollow={follow}>
            {t.toBill}
          </Link>
        </SpaceBetween>
      )}
    </Container>
  );
}
