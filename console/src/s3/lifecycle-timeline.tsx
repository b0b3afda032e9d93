/** Lifecycle rules drawn: what class an object is in from which day of its age, and when it is deleted. */

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { LifecycleRule } from '@aws-sdk/client-s3';
import { fill, useText } from '../language/catalogue.ts';
import { datesText, stopsOf, type Stop } from './lifecycle-rules.ts';
import { messages } from './messages-lifecycle.ts';
import { Name } from '../resource/name.tsx';

export function Timeline({ rules }: { rules: readonly LifecycleRule[] }) {
  const t = useText(messages);
  const drawn = rules.filter(({ Status }) => Status === 'Enabled');
  return (
    <Container
      header={
        <Header variant="h2" description={t.timeLineText}>
          {t.timeLine}
        </Header>
      }
    >
      {drawn.length === 0 && <Box color="text-body-secondary">{t.timeLineEmpty}</Box>}
      <SpaceBetween size="l">
        {drawn.map((rule) => (
          <section key={rule.ID} aria-label={rule.ID}>
            <Box variant="h3">
              <Name>{rule.ID}</Name>
            </Box>
            <Line begin={t.uploaded} title={t.currentVersions} stops={stopsOf(rule, false)} />
            <Line begin={t.becameNoncurrent} title={t.noncurrentVersions} stops={stopsOf(rule, true)} />
            {datesText(rule).map((text) => (
              <Box key={text} variant="small" display="block">
                {text}
              </Box>
            ))}
            {rule.AbortIncompleteMultipartUpload && (
              <Box variant="small">
                {fill(t.day, { day: rule.AbortIncompleteMultipartUpload.DaysAfterInitiation ?? 0 })}: {t.isGivenUp}
              </Box>
            )}
          </section>
        ))}
      </SpaceBetween>
    </Container>
  );
}

/** Each part is as wide as its days, but wide enough to be read; what comes last has no end. */
function Line({ title, begin, stops }: { title: string; begin: string; stops: readonly Stop[] }) {
  const t = useText(messages);
  if (stops.length === 0) return null;
  const parts: readonly (Stop & { first?: boolean })[] = [{ day: 0, first: true }, ...stops];
  const last = stops.at(-1)!.day;
  const said = (part: Stop & { first?: boolean }): string =>
    part.first ? begin : part.class === undefined ? t.isDeleted : fill(t.movesTo, { name: part.class });
  return (
    <>
      <Box variant="awsui-key-label">{title}</Box>
      <ol className="timeline" aria-label={title}>
        {parts.map((part, at) => (
          <li
            key={`${part.day} ${part.class ?? ''}`}
            data-class={part.first ? 'STANDARD' : (part.class ?? 'deleted')}
            style={{ flexGrow: Math.max(1, (parts[at + 1]?.day ?? last * 1.2) - part.day) }}
          >
            <b>{fill(t.day, { day: part.day })}</b>
            <span>{said(part)}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
