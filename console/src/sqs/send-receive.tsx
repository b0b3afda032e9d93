/** Sending by hand, and looking at what waits: taking it (poll) or only peeking at it. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { ChangeMessageVisibilityCommand, DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import type { Action } from '../from-shell/action.ts';
import { FromShell } from '../from-shell/panel.tsx';
import { asShown } from '../from-shell/sending.ts';
import { ActionButton } from '../resource/action-button.tsx';
import { ActionForm } from '../resource/action-form.tsx';
import { tellFailure } from '../resource/failure.tsx';
import { read, type Values } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { Name } from '../resource/name.tsx';
import { Empty } from '../resource/resource-table.tsx';
import { messages as shared } from '../resource/messages.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { privateSession, read as readPrivately } from '../session/private-api.ts';
import { notify } from '../shell/notices.ts';
import { settings } from '../shell/settings.ts';
import { sqs } from './client.ts';
import { messages } from './messages.ts';

type Message = {
  id: string;
  body: string;
  sentAt: number;
  receives: string;
  /** Only of messages that were taken. */
  receipt?: string;
};

type Raw = { MessageId?: string; Body?: string; Attributes?: Record<string, string>; ReceiptHandle?: string };

const fromRaw = ({ MessageId = '', Body = '', Attributes = {}, ReceiptHandle }: Raw): Message => ({
  id: MessageId,
  body: Body,
  sentAt: Number(Attributes['SentTimestamp']),
  receives: Attributes['ApproximateReceiveCount'] ?? '0',
  ...(ReceiptHandle && { receipt: ReceiptHandle }),
});

export function SendReceive({ url, fifo, onChange }: { url: string; fifo: boolean; onChange(): void }) {
  const t = useText(messages);
  const s = useText(shared);
  const session = useAnswer(privateSession, []);
  const [found, setFound] = useState<readonly Message[]>([]);
  const [chosen, setChosen] = useState<readonly Message[]>([]);
  const [busy, setBusy] = useState<'poll' | 'peek'>();
  const [sending, setSending] = useState(false);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      tellFailure(error, s.failed);
    } finally {
      setBusy(undefined);
    }
  };
  const taking = new ReceiveMessageCommand({
    ...{ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 },
    MessageSystemAttributeNames: ['All'],
  });
  const poll = (): Promise<void> =>
    attempt(async () => {
      setBusy('poll');
      const { Messages = [] } = await sqs().send(asShown(taking));
      const taken = Messages.map(fromRaw);
      setFound((before) => [...taken, ...before.filter(({ id, receipt }) => receipt && !taken.some((one) => one.id === id))]);
      setChosen([]);
      onChange();
    });
  const peek = (): Promise<void> =>
    attempt(async () => {
      setBusy('peek');
      const query = new URLSearchParams({ QueueUrl: url, Region: settings().region, ShowInvisible: 'true', ShowDelayed: 'true' });
      const { Messages } = await readPrivately<{ Messages: Raw[] }>(`messages?${query.toString()}`);
      setFound(Messages.map(fromRaw));
      setChosen([]);
    });
  const gone = (): void => {
    setFound((before) => before.filter((one) => !chosen.includes(one)));
    setChosen([]);
    onChange();
  };
  const takenChosen = chosen.length > 0 && chosen.every(({ receipt }) => receipt);
  return (
    <>
      <Table
        items={found}
        trackBy="id"
        selectionType="multi"
        selectedItems={chosen}
        onSelectionChange={({ detail }) => setChosen(detail.selectedItems)}
        ariaLabels={{
          selectionGroupLabel: s.selection,
          allItemsSelectionLabel: () => s.selection,
          itemSelectionLabel: (_state, { id }) => id,
          tableLabel: t.sendReceive,
        }}
        empty={<Empty title={t.noMessages} text={t.pollText} />}
        wrapLines
        header={
          <Header
            variant="h2"
            description={found.length > 0 && !found[0]!.receipt ? t.peekText : t.pollText}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <ActionButton
                  text={t.release}
                  disabled={!takenChosen}
                  actionsOf={() => chosen.map(({ receipt }) => releaseAction(url, receipt))}
                  send={(command) => sqs().send(command)}
                  onDone={gone}
                />
                <ActionButton
                  text={t.deleteMessages}
                  disabled={!takenChosen}
                  said={fill(t.deletedMessages, { count: chosen.length })}
                  actionsOf={() => chosen.map(({ receipt }) => deletionOf(url, receipt))}
                  send={(command) => sqs().send(command)}
                  onDone={gone}
                />
                {session.value?.owner && (
                  <Button loading={busy === 'peek'} onClick={() => void peek()}>
                    {t.peek}
                  </Button>
                )}
                <Button loading={busy === 'poll'} onClick={() => void poll()}>
                  {t.poll}
                </Button>
                <Button variant="primary" onClick={() => setSending(true)}>
                  {t.send}
                </Button>
              </SpaceBetween>
            }
          >
            {t.sendReceive}
          </Header>
        }
        columnDefinitions={[
          {
            id: 'body',
            header: t.messageBody,
            cell: ({ body }) => (
              <Box variant="code">
                <Name>{body}</Name>
              </Box>
            ),
          },
          { id: 'id', header: t.messageId, cell: ({ id }) => id, width: 310 },
          { id: 'sent', header: t.sentAt, cell: ({ sentAt }) => timeText(sentAt), width: 200 },
          { id: 'receives', header: t.receives, cell: ({ receives }) => receives, width: 110 },
        ]}
      />
      <FromShell actions={[{ service: 'sqs', operation: 'ReceiveMessage', command: taking }]} />
      {sending && (
        <ActionForm
          modal
          title={t.send}
          submit={t.send}
          fields={[
            { name: 'body', kind: 'textarea', label: t.body, required: true },
            ...(fifo
              ? ([
                  { name: 'group', kind: 'text', label: t.group, required: true },
                  { name: 'dedupeId', kind: 'text', label: t.dedupeId },
                ] as const)
              : ([{ name: 'delay', kind: 'number', label: t.delay, min: 0, max: 900 }] as const)),
          ]}
          actionsOf={(values) => [sendAction(url, values)]}
          send={(command) => sqs().send(command)}
          onCancel={() => setSending(false)}
          onDone={([output]) => {
            setSending(false);
            notify({ type: 'success', content: fill(t.sent, { id: (output as { MessageId: string }).MessageId }) });
            onChange();
          }}
        />
      )}
    </>
  );
}

function releaseAction(QueueUrl: string, ReceiptHandle: string | undefined): Action {
  const command = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
  return { service: 'sqs', operation: 'ChangeMessageVisibility', command };
}

function deletionOf(QueueUrl: string, ReceiptHandle: string | undefined): Action {
  return { service: 'sqs', operation: 'DeleteMessage', command: new DeleteMessageCommand({ QueueUrl, ReceiptHandle }) };
}

function sendAction(url: string, values: Values): Action {
  const [delay, group, dedupe] = [read.number(values, 'delay'), read.text(values, 'group'), read.text(values, 'dedupeId')];
  return {
    service: 'sqs',
    operation: 'SendMessage',
    command: new SendMessageCommand({
      QueueUrl: url,
      MessageBody: read.text(values, 'body') ?? '',
      ...(delay !== undefined && { DelaySeconds: delay }),
      ...(group !== undefined && { MessageGroupId: group }),
      ...(dedupe !== undefined && { MessageDeduplicationId: dedupe }),
    }),
  };
}
