/** What runs, for the owner of the cloud: services, background work, memory. */

import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactNode } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { FailureAlert } from '../resource/failure.tsx';
import { bytesText } from '../resource/format.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { read } from '../session/private-api.ts';
import { messages } from './messages.ts';
import { spanText } from './spans.ts';

type Status = {
  version: string;
  uptimeMilliseconds: number;
  residentBytes: number;
  dataDirectory: string;
  services: { running: string[]; available: string[] };
  reconcilers: { name: string; state: 'idle' | 'running' | 'failing' | 'elsewhere'; lastError?: string }[];
};

export function Health() {
  const t = useText(messages);
  const { value: status, error } = useAnswer(() => read<Status>('status'), []);
  if (error !== undefined) return <FailureAlert error={error} />;
  const failing = status?.reconcilers.filter(({ state }) => state === 'failing') ?? [];
  const working = status?.reconcilers.filter(({ state }) => state === 'running').length ?? 0;
  const fact = (label: string, value: ReactNode): ReactNode => (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <span className="message">{value}</span>
    </div>
  );
  return (
    <Container header={<Header variant="h2">{t.health}</Header>}>
      {status && (
        <SpaceBetween size="s">
          {fact(t.version, `Haneul ${status.version}`)}
          {fact(t.uptime, spanText(status.uptimeMilliseconds))}
          {fact(t.memory, bytesText(status.residentBytes))}
          {fact(t.data, status.dataDirectory)}
          {fact(t.servicesRunning, status.services.running.join(', ') || '–')}
          {fact(
            t.reconcilers,
            <SpaceBetween size="xxs">
              {failing.length === 0 ? (
                <StatusIndicator>{`${t.allWell} (${status.reconcilers.length})`}</StatusIndicator>
              ) : (
                <StatusIndicator type="error">{fill(t.failing, { count: failing.length })}</StatusIndicator>
              )}
              {failing.map(({ name, lastError }) => (
                <Box key={name} variant="small">
                  {name}: {lastError}
                </Box>
              ))}
              {working > 0 && <StatusIndicator type="in-progress">{fill(t.working, { count: working })}</StatusIndicator>}
            </SpaceBetween>,
          )}
        </SpaceBetween>
      )}
    </Container>
  );
}
