/** The question and its answer: two ends, a port, and in plain words whether the packet arrives and what stops it. */

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Link from '@cloudscape-design/components/link';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useEffect, useRef, useState } from 'react';
import { FromShell } from '../from-shell/panel.tsx';
import { fill, useText } from '../language/catalogue.ts';
import { FailureAlert } from '../resource/failure.tsx';
import { Name } from '../resource/name.tsx';
import { follow, hrefOf } from '../shell/places.ts';
import { messages } from './messages-map.ts';
import { actionsOf, portOf, questionOf, type Asked, type Step, type Verdict } from './reach.ts';
import type { MapInstance } from './vpc-map-data.ts';

type Ends = { from: MapInstance | undefined; to: MapInstance | undefined };
type Texts = Readonly<Record<keyof (typeof messages)['en'], string>>;

export function ReachPanel({
  asked,
  ends,
  result,
  onChange,
  onAgain,
}: {
  asked: Asked;
  ends: Ends;
  result: { verdict?: Verdict; error?: unknown; busy: boolean };
  onChange(change: Partial<Asked>): void;
  onAgain(): void;
}) {
  const t = useText(messages);
  const [port, setPort] = useState(asked.port ?? '');
  useEffect(() => setPort(asked.port ?? ''), [asked.port]);
  const sound = portOf(port) !== undefined;
  const question = questionOf(asked);
  const complete = ends.from !== undefined && ends.to !== undefined;
  const submit = (): void => void (sound && onChange({ port }));
  return (
    <section className="reach" aria-label={t.question}>
      <SpaceBetween size="m">
        <Box variant="h3" padding="n">
          {t.question}
        </Box>
        <div className="reach-ends">
          <End label={t.from} end={ends.from} none={t.pickFrom} />
          <End label={t.to} end={ends.to} none={ends.from ? t.pickTo : '–'} />
        </div>
        {ends.from && (
          <div className="actions">
            {ends.to && (
              <Button iconName="refresh" onClick={onAgain}>
                {t.ask}
              </Button>
            )}
            {ends.to && <Button onClick={() => onChange({ from: asked.to, to: asked.from })}>{t.swap}</Button>}
            <Button onClick={() => onChange({ from: undefined, to: undefined, port: undefined })}>{t.clear}</Button>
          </div>
        )}
        {complete && (
          <div className="reach-port">
            <FormField label={t.protocol}>
              <SegmentedControl
                label={t.protocol}
                selectedId={asked.protocol}
                options={[
                  { id: 'tcp', text: 'TCP' },
                  { id: 'udp', text: 'UDP' },
                ]}
                onChange={({ detail }) => onChange({ protocol: detail.selectedId as 'tcp' | 'udp' })}
              />
            </FormField>
            <FormField label={t.port} {...(!sound && { errorText: t.portFault })}>
              <Input
                value={port}
                inputMode="numeric"
                onChange={({ detail }) => setPort(detail.value)}
                onBlur={submit}
                onKeyDown={({ detail }) => detail.key === 'Enter' && submit()}
              />
            </FormField>
          </div>
        )}
        <div aria-live="polite">
          {result.busy && <StatusIndicator type="loading">{t.asking}</StatusIndicator>}
          {result.error !== undefined && <FailureAlert error={result.error} />}
          {complete && result.verdict && !result.busy && <Answer asked={asked} ends={ends} verdict={result.verdict} t={t} />}
        </div>
        {question && <FromShell actions={actionsOf(question)} />}
      </SpaceBetween>
    </section>
  );
}

function End({ label, end, none }: { label: string; end: MapInstance | undefined; none: string }) {
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      {end ? (
        <>
          <Link href={hrefOf(['ec2', 'instances', end.id])} onFollow={follow}>
            <Name>{end.name || end.id}</Name>
          </Link>
          <Box variant="small" display="block">
            {end.address}
          </Box>
        </>
      ) : (
        <Box color="text-body-secondary">{none}</Box>
      )}
    </div>
  );
}

function Answer({ asked, ends, verdict, t }: { asked: Asked; ends: Ends; verdict: Verdict; t: Texts }) {
  const place = useRef<HTMLDivElement>(null);
  // On a phone the answer lies below the picture. Browsers of late give a promise back, which React would call as the effect's end.
  useEffect(() => {
    place.current?.scrollIntoView({ block: 'nearest' });
  }, [verdict]);
  const words = {
    from: ends.from!.name || ends.from!.id,
    to: ends.to!.name || ends.to!.id,
    protocol: asked.protocol.toUpperCase(),
    port: asked.port ?? '',
    id: verdict.stop?.id ?? '',
  };
  return (
    <SpaceBetween size="m">
      <div ref={place} />
      <Alert type={verdict.reached ? 'success' : 'error'} header={<Name>{fill(verdict.reached ? t.yes : t.no, words)}</Name>}>
        {verdict.stop && <Name>{fill(reasonOf(verdict.stop, t), words)}</Name>}
      </Alert>
      <div>
        <Box variant="awsui-key-label">{t.way}</Box>
        <ol className="reach-way">
          <li>
            <StatusIndicator>{`${words.from}: ${t.begins}`}</StatusIndicator>
          </li>
          {verdict.steps.map((step, at) => (
            <li key={at}>
              <StatusIndicator type={step.passed ? 'success' : 'error'}>
                <WayPart step={step} t={t} /> {step.passed ? (step.kind === 'interface' ? t.arrives : t.passes) : t.stops}
              </StatusIndicator>
            </li>
          ))}
        </ol>
      </div>
    </SpaceBetween>
  );
}

/** A part of the way; where there is a page for it, the way there. */
function WayPart({ step, t }: { step: Step; t: Texts }) {
  const pages = { 'security-group': 'security-groups', 'route-table': 'route-tables' } as const;
  const names: Partial<Record<Step['kind'], string>> = { 'security-group': t.group, 'route-table': t.table, 'network-acl': t.acl };
  const page = step.kind === 'security-group' || step.kind === 'route-table' ? pages[step.kind] : undefined;
  return (
    <>
      {names[step.kind]}{' '}
      {step.id.split(', ').map((id) =>
        page ? (
          <Link key={id} href={hrefOf(['ec2', page, id])} onFollow={follow}>
            {id}
          </Link>
        ) : (
          <span key={id}>{id}</span>
        ),
      )}
      :
    </>
  );
}

function reasonOf({ kind, direction, isAnswer }: Step, t: Texts): string {
  if (kind === 'network-acl' && isAnswer) return t.stopAclAnswer;
  if (kind === 'network-acl') return direction === 'egress' ? t.stopAclOut : t.stopAclIn;
  if (kind === 'security-group') return direction === 'egress' ? t.stopGroupOut : t.stopGroupIn;
  const others: Partial<Record<Step['kind'], string>> = {
    'route-table': t.stopRoute,
    interface: t.stopInterface,
    'internet-gateway': t.stopGateway,
    'nat-gateway': t.stopNat,
    peering: t.stopPeering,
  };
  return others[kind] ?? t.stopOther;
}
