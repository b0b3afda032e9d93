/** Calls that were denied, and for each why: the statements that took part and the smallest policy that would allow it. */

import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { Code } from '../from-shell/panel.tsx';
import { ActionForm } from '../resource/action-form.tsx';
import { DetailPage } from '../resource/detail-page.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { Name } from '../resource/name.tsx';
import { ResourceTable } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { read as readPrivately } from '../session/private-api.ts';
import { notify } from '../shell/notices.ts';
import { follow, hrefOf } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { isDenial, newestEvents, type TrailEvent } from '../trail/events.ts';
import { iam, nameOfArn } from './client.ts';
import { messages } from './messages.ts';
import { putInlineAction, type Owner } from './owner.ts';
import type { Check, LayerName, Statement, Suggestion, Why } from './why.ts';

export function DeniedCalls() {
  const t = useText(messages);
  return (
    <ResourceTable<TrailEvent>
      id="iam-denied"
      title={t.denied}
      description={t.deniedText}
      load={async (after) => {
        const { events, next } = await newestEvents({ after });
        return { items: events.filter(isDenial), next };
      }}
      keyOf={({ id }) => id}
      columns={[
        {
          id: 'what',
          header: t.what,
          cell: ({ name, requestId }) => (
            <Link href={hrefOf(['iam', 'denied', requestId])} onFollow={follow}>
              {name}
            </Link>
          ),
          text: ({ name }) => name,
        },
        { id: 'service', header: t.service, cell: ({ source }) => source },
        { id: 'who', header: t.who, cell: ({ who }) => who },
        { id: 'when', header: t.when, cell: ({ time }) => timeText(time), text: ({ time }) => time.getTime() },
        { id: 'why', header: t.why, cell: ({ error }) => error?.message ?? '', width: 520 },
      ]}
      empty={{ title: t.deniedEmpty, text: t.deniedEmptyText }}
    />
  );
}

type Texts = Readonly<Record<keyof (typeof messages)['en'], string>>;

const layerText = (t: Texts, layer: LayerName): string =>
  ({
    identity: t.identity,
    resource: t.resourceLayer,
    trust: t.trustLayer,
    boundary: t.boundary,
    session: t.session,
    serviceControl: t.serviceControl,
    resourceControl: t.resourceControl,
  })[layer];

export function WhyPage({ params }: { params: Params }) {
  const id = params['id']!;
  const t = useText(messages);
  const answer = useAnswer(() => readPrivately<Why>(`why/${encodeURIComponent(id)}`), [id]);
  const why = answer.value;
  return (
    <DetailPage
      name={why ? fill(why.error ? t.whyTitle : t.whyAllowed, { operation: why.operation }) : t.why}
      answer={answer}
      facts={[
        { label: t.who, value: <span className="message">{why?.caller.arn}</span> },
        { label: t.what, value: `${why?.service}:${why?.operation} (${why?.region})` },
        { label: t.when, value: timeText(why?.time) },
        { label: t.source, value: why?.sourceIp },
        { label: t.requestId, value: why?.requestId },
        {
          label: t.outcome,
          value: <span className="message">{why?.error ? `${why.error.code}: ${why.error.message}` : t.reasonAllowed}</span>,
        },
      ]}
    >
      {why && why.checks.length === 0 && why.error && <Alert type="info">{fill(t.beforePolicies, { code: why.error.code })}</Alert>}
      {why?.checks.map((check) => (
        <CheckCard key={`${check.action} ${check.resource}`} check={check} caller={why.caller.arn} />
      ))}
    </DetailPage>
  );
}

function CheckCard({ check, caller }: { check: Check; caller: string }) {
  const t = useText(messages);
  const reason = check.allowed
    ? t.reasonAllowed
    : check.effect === 'explicitDeny'
      ? t.reasonExplicit
      : fill(t.reasonImplicit, { layer: check.layer ? layerText(t, check.layer) : t.policies, action: check.action });
  return (
    <Container
      header={
        <Header variant="h2" description={<span className="message">{check.resource}</span>}>
          {check.action}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <StatusIndicator type={check.allowed ? 'success' : 'error'}>{reason}</StatusIndicator>
        {check.explanation && (
          <SpaceBetween size="s">
            <Box variant="h3">{t.statements}</Box>
            {check.explanation.layers.every(({ policies }) => policies.length === 0) && (
              <Box color="text-body-secondary">{t.noStatements}</Box>
            )}
            {check.explanation.layers.map((layer) => (
              <div key={`${layer.layer} ${layer.level ?? ''}`}>
                <Box variant="awsui-key-label">{layerText(t, layer.layer)}</Box>
                {layer.policies.length === 0 && <Box color="text-body-secondary">{t.noStatements}</Box>}
                <ul className="names">
                  {layer.policies.flatMap(({ policy, statements }) =>
                    statements.map((statement) => (
                      <li key={`${policy} ${statement.index}`}>
                        <StatementLine policy={policy} statement={statement} />
                      </li>
                    )),
                  )}
                </ul>
              </div>
            ))}
          </SpaceBetween>
        )}
        {check.explanation?.suggestions.map((suggestion) => (
          <SuggestionCard key={suggestion.layer} suggestion={suggestion} caller={caller} />
        ))}
      </SpaceBetween>
    </Container>
  );
}

function StatementLine({ policy, statement }: { policy: string; statement: Statement }) {
  const t = useText(messages);
  const name = policy.startsWith('arn:') ? nameOfArn(policy) : policy;
  const unmet = (statement.conditions ?? []).map(({ operator, key, wanted, actual }) =>
    fill(t.conditionNot, {
      operator,
      key,
      wanted: wanted.join(', '),
      actual: actual === undefined ? t.absent : [actual].flat().join(', '),
    }),
  );
  return (
    <SpaceBetween direction="horizontal" size="xs">
      <Badge color={statement.effect === 'Allow' ? 'green' : 'red'}>{statement.effect}</Badge>
      <Name>{`${name} #${statement.sid ?? statement.index + 1}`}</Name>
      {statement.matched ? (
        <StatusIndicator type={statement.effect === 'Allow' ? 'success' : 'error'}>{t.fits}</StatusIndicator>
      ) : (
        <Box color="text-body-secondary">{unmet.length > 0 ? unmet.join('; ') : fill(t.fitsNot, { part: statement.failed ?? '' })}</Box>
      )}
    </SpaceBetween>
  );
}

/** Whose identity policies a suggestion would go into: a user's or, for a session, its role's. */
function ownerOf(caller: string): Owner | undefined {
  const user = /^arn:aws:iam::\d{12}:user\/(?:.*\/)?([^/]+)$/.exec(caller)?.[1];
  if (user) return { kind: 'user', name: user };
  const role = /^arn:aws:sts::\d{12}:assumed-role\/([^/]+)\//.exec(caller)?.[1];
  return role ? { kind: 'role', name: role } : undefined;
}

function SuggestionCard({ suggestion, caller }: { suggestion: Suggestion; caller: string }) {
  const t = useText(messages);
  const s = useText(shared);
  const [adding, setAdding] = useState(false);
  const owner = suggestion.layer === 'identity' ? ownerOf(caller) : undefined;
  const document = JSON.stringify(suggestion.policy, null, 2);
  return (
    <SpaceBetween size="xs">
      <Box variant="h3">{t.suggestion}</Box>
      <Box color="text-body-secondary">{fill(t.suggestionText, { layer: layerText(t, suggestion.layer) })}</Box>
      <Code text={document} />
      {owner && <Button onClick={() => setAdding(true)}>{fill(t.addToUser, { name: owner.name })}</Button>}
      {owner && adding && (
        <ActionForm
          modal
          title={fill(t.addToUser, { name: owner.name })}
          submit={s.confirm}
          fields={[
            { name: 'name', kind: 'text', label: t.inlineName, required: true, initial: 'Allowed', pattern: /^[\w+=,.@-]{1,128}$/ },
            { name: 'document', kind: 'policy', label: t.document, required: true, initial: document },
          ]}
          actionsOf={(values) => [putInlineAction(owner, read.text(values, 'name') ?? '', JSON.parse(read.text(values, 'document') ?? ''))]}
          send={(command) => iam().send(command)}
          onCancel={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            notify({ type: 'success', content: t.added });
          }}
        />
      )}
    </SpaceBetween>
  );
}
