/** A resource in detail: its name, what may be done with it, its facts, its tabs. */

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Tabs from '@cloudscape-design/components/tabs';
import type { ReactNode } from 'react';
import { useText } from '../language/catalogue.ts';
import { visible, visibleJson } from '../language/visible.ts';
import { setQuery, usePlace } from '../shell/places.ts';
import { FailureAlert } from './failure.tsx';
import { messages } from './messages.ts';
import { drawn, Name } from './name.tsx';
import type { Answer } from './use-answer.ts';

export type Fact = { label: string; value: ReactNode };
export type DetailTab = { id: string; label: string; content: ReactNode };

export function DetailPage({
  name,
  actions,
  facts,
  tabs,
  answer,
  children,
}: {
  name: string;
  actions?: ReactNode;
  facts?: readonly Fact[];
  tabs?: readonly DetailTab[];
  /** What the page stands on: while it loads or when it failed, that is shown instead. */
  answer?: Pick<Answer<unknown>, 'error' | 'loading' | 'value'>;
  children?: ReactNode;
}) {
  const t = useText(messages);
  const { query } = usePlace();
  const header = (
    <Header variant="h1" {...(actions !== undefined && { actions: <div className="actions">{actions}</div> })}>
      <Name>{name}</Name>
    </Header>
  );
  if (answer?.error !== undefined)
    return (
      <ContentLayout header={header}>
        <FailureAlert error={answer.error} />
      </ContentLayout>
    );
  if (answer && answer.value === undefined)
    return (
      <ContentLayout header={header}>
        <Box textAlign="center" padding="xxl">
          <Spinner size="large" /> <Box color="text-body-secondary">{t.loading}</Box>
        </Box>
      </ContentLayout>
    );
  const tab = query.get('tab');
  return (
    <ContentLayout header={header}>
      <SpaceBetween size="l">
        {facts && facts.length > 0 && (
          <Container header={<Header variant="h2">{t.details}</Header>}>
            <KeyValuePairs columns={3} items={facts.map(({ label, value }) => ({ label: visible(label), value: drawn(value ?? '–') }))} />
          </Container>
        )}
        {children}
        {tabs && tabs.length > 0 && (
          <Tabs
            activeTabId={tabs.some(({ id }) => id === tab) ? tab! : tabs[0]!.id}
            onChange={({ detail }) => setQuery({ tab: detail.activeTabId })}
            tabs={tabs.map(({ id, label, content }) => ({ id, label, content }))}
          />
        )}
      </SpaceBetween>
    </ContentLayout>
  );
}

/** A value that one copies: an ARN, an address. */
export function Copyable({ text }: { text: string }) {
  const t = useText(messages);
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      copyButtonAriaLabel={t.copyArn}
      copySuccessText={t.copied}
      copyErrorText={t.notCopied}
    />
  );
}

export function JsonView({ value }: { value: unknown }) {
  return <Box variant="pre">{typeof value === 'string' ? visible(value) : visibleJson(JSON.stringify(value, null, 2) ?? '')}</Box>;
}
