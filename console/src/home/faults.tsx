/** Faults, for the owner of the cloud: zones that are down, and what was done to the spot market. The same as `haneul fault`. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { lazy, Suspense, useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { FailureAlert, tellFailure } from '../resource/failure.tsx';
import { timeText } from '../resource/format.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { read, write } from '../session/private-api.ts';
import { notify } from '../shell/notices.ts';
import { settings } from '../shell/settings.ts';
import { messages } from './messages-faults.ts';

/** Loaded with the first zone that somebody takes down. */
const TakeDown = lazy(() => import('./take-down.tsx').then((module) => ({ default: module.TakeDown })));

type Zones = { zones: { zone: string; state: 'up' | 'down'; since: string; destroyed?: string }[] };
type Spot = { spot?: { prices: { zone: string; type: string; dollarsPerHour: number; since: string }[] } };

async function loadFaults() {
  const [{ zones }, { spot }, all] = await Promise.all([
    read<Zones>('faults'),
    read<Spot>('faults/spot'),
    read<{ zones: string[] }>(`zones/${settings().region}`),
  ]);
  return { zones: all.zones.map((name) => ({ name, fault: zones.find(({ zone }) => zone === name) })), prices: spot?.prices ?? [] };
}

export function Faults() {
  const t = useText(messages);
  const answer = useAnswer(loadFaults, []);
  const [taking, setTaking] = useState<string>();
  const [busy, setBusy] = useState(false);
  const change = async (path: string, body: object, done: string): Promise<void> => {
    setBusy(true);
    try {
      await write(path, body);
      notify({ type: 'success', content: done });
      answer.reload();
    } catch (error) {
      tellFailure(error);
    } finally {
      setBusy(false);
      setTaking(undefined);
    }
  };
  return (
    <Container
      header={
        <Header variant="h2" description={t.faultsText}>
          {t.faults}
        </Header>
      }
    >
      {answer.error !== undefined && <FailureAlert error={answer.error} />}
      <ul className="zones">
        {answer.value?.zones.map(({ name, fault }) => {
          const isDown = fault?.state === 'down';
          return (
            <li key={name}>
              <div>
                <StatusIndicator type={isDown ? 'error' : 'success'}>
                  {name}: {isDown ? t.down : t.up}
                </StatusIndicator>
                {fault && (isDown || fault.destroyed) && (
                  <Box variant="small">
                    {fault.destroyed
                      ? fill(t.destroyed, { time: timeText(fault.destroyed) })
                      : fill(t.since, { time: timeText(fault.since) })}
                  </Box>
                )}
              </div>
              <Button
                disabled={busy}
                ariaLabel={`${isDown ? t.bringUp : t.takeDown} ${name}`}
                onClick={() =>
                  isDown ? void change('faults', { zone: name, state: 'up' }, fill(t.isUp, { zone: name })) : setTaking(name)
                }
              >
                {isDown ? t.bringUp : t.takeDown}
              </Button>
            </li>
          );
        })}
        {answer.value?.prices.map(({ zone, type, dollarsPerHour }) => (
          <li key={`${zone} ${type}`}>
            <StatusIndicator type="warning">{fill(t.price, { zone, type, dollars: dollarsPerHour })}</StatusIndicator>
            <Button
              disabled={busy}
              onClick={() => void change('faults/spot', { zone, type, dollarsPerHour: null }, fill(t.toMarketDone, { zone, type }))}
            >
              {t.toMarket}
            </Button>
          </li>
        ))}
      </ul>
      {taking !== undefined && (
        <Suspense>
          <TakeDown
            zone={taking}
            busy={busy}
            onCancel={() => setTaking(undefined)}
            onConfirm={(destroy) =>
              void change('faults', { zone: taking, state: 'down', ...(destroy && { destroy }) }, fill(t.isDown, { zone: taking }))
            }
          />
        </Suspense>
      )}
    </Container>
  );
}
