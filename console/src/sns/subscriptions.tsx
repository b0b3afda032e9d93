/** Subscriptions, of one topic or all, and the letters that nobody outside gets. */

import Button from '@cloudscape-design/components/button';
import {
  ConfirmSubscriptionCommand,
  ListSubscriptionsByTopicCommand,
  ListSubscriptionsCommand,
  SubscribeCommand,
  UnsubscribeCommand,
  type Subscription,
} from '@aws-sdk/client-sns';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import type { Action } from '../from-shell/action.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read, type Values } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { read as readPrivately } from '../session/private-api.ts';
import { notify } from '../shell/notices.ts';
import { nameOfArn, sns } from './client.ts';
import { messages } from './messages.ts';

const isConfirmed = ({ SubscriptionArn }: Subscription): boolean => SubscriptionArn?.startsWith('arn:') ?? false;

export function Subscriptions() {
  return <SubscriptionsTable />;
}

export function SubscriptionsTable({ topic }: { topic?: string }) {
  const t = useText(messages);
  const s = useText(shared);
  const [open, setOpen] = useState<'subscribe' | 'confirm'>();
  const [turn, setTurn] = useState(0);
  const done = (): void => {
    setOpen(undefined);
    setTurn(turn + 1);
    notify({ type: 'success', content: s.saved });
  };
  return (
    <>
      <ResourceTable<Subscription>
        id="sns-subscriptions"
        title={t.subscriptions}
        live="sns"
        on={[topic, turn]}
        {...(topic !== undefined && { variant: 'embedded' as const })}
        load={async (after) => {
          const paging = after ? { NextToken: after } : {};
          const { Subscriptions: items = [], NextToken } = await (topic === undefined
            ? sns().send(new ListSubscriptionsCommand(paging))
            : sns().send(new ListSubscriptionsByTopicCommand({ TopicArn: topic, ...paging })));
          return { items, next: NextToken };
        }}
        keyOf={({ SubscriptionArn, Endpoint, TopicArn }) => `${SubscriptionArn} ${Endpoint} ${TopicArn}`}
        columns={[
          { id: 'endpoint', header: t.endpoint, cell: ({ Endpoint }) => Endpoint ?? '–', width: 360 },
          { id: 'protocol', header: t.protocol, cell: ({ Protocol }) => Protocol ?? '–' },
          { id: 'status', header: t.status, cell: (one) => (isConfirmed(one) ? t.confirmed : t.pending) },
          { id: 'topic', header: t.topic, cell: ({ TopicArn }) => nameOfArn(TopicArn ?? '') },
        ]}
        empty={{ title: t.subscriptionsEmpty, text: t.subscriptionsEmptyText }}
        {...(topic !== undefined && {
          create: { text: t.subscribe, onClick: () => setOpen('subscribe') },
          headerExtra: <Button onClick={() => setOpen('confirm')}>{t.confirm}</Button>,
        })}
        remove={{
          nameOf: ({ Endpoint }) => Endpoint ?? '',
          actionsOf: ({ SubscriptionArn }) => [
            { service: 'sns', operation: 'Unsubscribe', command: new UnsubscribeCommand({ SubscriptionArn }) },
          ],
          send: (command) => sns().send(command),
        }}
      />
      {open === 'subscribe' && (
        <ActionForm
          modal
          title={t.subscribe}
          submit={t.subscribe}
          fields={[
            {
              name: 'protocol',
              kind: 'select',
              label: t.protocol,
              required: true,
              options: ['sqs', 'email', 'email-json', 'http', 'https', 'sms'].map((value) => ({ value })),
            },
            { name: 'endpoint', kind: 'text', label: t.endpoint, description: t.endpointHint, required: true },
            {
              name: 'raw',
              kind: 'toggle',
              label: t.raw,
              visible: ({ protocol }) => protocol === 'sqs' || protocol === 'http' || protocol === 'https',
            },
            { name: 'filter', kind: 'json', label: t.filter, rows: 5 },
          ]}
          actionsOf={(values) => [subscribeAction(topic!, values)]}
          send={(command) => sns().send(command)}
          onCancel={() => setOpen(undefined)}
          onDone={done}
        />
      )}
      {open === 'confirm' && (
        <ActionForm
          modal
          title={t.confirm}
          submit={s.confirm}
          fields={[{ name: 'token', kind: 'text', label: t.token, required: true }]}
          actionsOf={(values) => [
            {
              service: 'sns',
              operation: 'ConfirmSubscription',
              command: new ConfirmSubscriptionCommand({ TopicArn: topic, Token: read.text(values, 'token') }),
            },
          ]}
          send={(command) => sns().send(command)}
          onCancel={() => setOpen(undefined)}
          onDone={done}
        />
      )}
    </>
  );
}

function subscribeAction(TopicArn: string, values: Values): Action {
  const [Protocol, Endpoint, filter] = [
    read.text(values, 'protocol') ?? '',
    read.text(values, 'endpoint') ?? '',
    read.text(values, 'filter'),
  ];
  const raw = read.flag(values, 'raw');
  return {
    service: 'sns',
    operation: 'Subscribe',
    command: new SubscribeCommand({
      TopicArn,
      Protocol,
      Endpoint,
      ReturnSubscriptionArn: true,
      Attributes: { ...(raw && { RawMessageDelivery: 'true' }), ...(filter && { FilterPolicy: JSON.stringify(JSON.parse(filter)) }) },
    }),
    terraform: [
      {
        type: 'aws_sns_topic_subscription',
        name: `${nameOfArn(TopicArn)}_${nameOfArn(Endpoint)}`,
        body: {
          topic_arn: TopicArn,
          protocol: Protocol,
          endpoint: Endpoint,
          raw_message_delivery: raw ? true : undefined,
          filter_policy: filter ? { json: JSON.parse(filter) as unknown } : undefined,
        },
      },
    ],
  };
}

type Letter = { id: string; at: string; to: string; kind: string; subject?: string; text?: string; body?: string };

export function Mailbox() {
  const t = useText(messages);
  return (
    <ResourceTable<Letter>
      id="sns-mailbox"
      title={t.mailbox}
      description={t.mailboxText}
      live="sns"
      load={async () => ({ items: (await readPrivately<{ letters: Letter[] }>('mailbox')).letters })}
      keyOf={({ id, at }) => `${at} ${id}`}
      columns={[
        { id: 'to', header: t.to, cell: ({ to }) => to },
        { id: 'kind', header: t.kind, cell: ({ kind }) => kind },
        { id: 'subject', header: t.subject, cell: ({ subject }) => subject ?? '–' },
        { id: 'text', header: t.text, cell: ({ text, body }) => text ?? body ?? '', width: 480 },
        { id: 'at', header: t.at, cell: ({ at }) => timeText(at), text: ({ at }) => at },
      ]}
      empty={{ title: t.mailboxEmpty, text: t.mailboxEmptyText }}
    />
  );
}
