/** Moving messages of a dead-letter queue back: the queues that fail into it, tasks and their progress. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import {
  CancelMessageMoveTaskCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { useState } from 'react';
import { FromShell } from '../from-shell/panel.tsx';
import { asShown } from '../from-shell/sending.ts';
import { useText } from '../language/catalogue.ts';
import { ActionButton } from '../resource/action-button.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { timeText } from '../resource/format.ts';
import { useAnswer, useUntil } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { follow, hrefOf } from '../shell/places.ts';
import { nameOfUrl, sqs } from './client.ts';
import { messages } from './messages.ts';

export function Redrive({ url, arn }: { url: string; arn: string }) {
  const t = useText(messages);
  const [problem, setProblem] = useState<unknown>();
  const sources = useAnswer(
    async () => (await sqs().send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: url }))).queueUrls ?? [],
    [url],
    'sqs',
  );
  const tasks = useAnswer(
    async () => (await sqs().send(new ListMessageMoveTasksCommand({ SourceArn: arn, MaxResults: 10 }))).Results ?? [],
    [arn],
    'sqs',
  );
  useUntil(tasks, !(tasks.value ?? []).some(({ Status }) => Status === 'RUNNING' || Status === 'CANCELLING'));
  const start = new StartMessageMoveTaskCommand({ SourceArn: arn });
  const run = async (work: Promise<unknown>, done?: string): Promise<void> => {
    setProblem(undefined);
    try {
      await work;
      if (done) notify({ type: 'success', content: done });
      tasks.reload();
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description={t.redriveText}
            actions={
              <Button
                variant="primary"
                disabled={(sources.value?.length ?? 0) === 0}
                onClick={() => void run(sqs().send(asShown(start)), t.redriveStarted)}
              >
                {t.startRedrive}
              </Button>
            }
          >
            {t.redrive}
          </Header>
        }
      >
        <SpaceBetween size="s">
          <Box variant="awsui-key-label">{t.sources}</Box>
          {sources.value?.length === 0 && <Box color="text-body-secondary">{t.none}</Box>}
          {sources.value?.map((source) => (
            <Link key={source} href={hrefOf(['sqs', 'queues', nameOfUrl(source)])} onFollow={follow}>
              {nameOfUrl(source)}
            </Link>
          ))}
          {(sources.error ?? tasks.error ?? problem) !== undefined && <FailureAlert error={sources.error ?? tasks.error ?? problem} />}
        </SpaceBetween>
      </Container>
      <FromShell actions={[{ service: 'sqs', operation: 'StartMessageMoveTask', command: start }]} />
      <Table
        header={<Header variant="h2">{t.tasks}</Header>}
        items={tasks.value ?? []}
        loading={tasks.loading && !tasks.value}
        empty={<Box color="text-body-secondary">{t.noTasks}</Box>}
        columnDefinitions={[
          { id: 'status', header: t.status, cell: ({ Status, FailureReason }) => [Status, FailureReason].filter(Boolean).join(': ') },
          {
            id: 'moved',
            header: t.moved,
            width: 320,
            cell: ({ ApproximateNumberOfMessagesMoved: moved = 0, ApproximateNumberOfMessagesToMove: all = 0 }) => (
              <ProgressBar value={all === 0 ? 100 : (moved / all) * 100} additionalInfo={`${moved} / ${all}`} ariaLabel={t.moved} />
            ),
          },
          { id: 'started', header: t.startedAt, cell: ({ StartedTimestamp }) => timeText(StartedTimestamp) },
          {
            id: 'cancel',
            header: '',
            cell: ({ Status, TaskHandle }) =>
              Status === 'RUNNING' && TaskHandle ? (
                <ActionButton
                  variant="inline-link"
                  text={t.cancelRedrive}
                  actionsOf={() => [
                    { service: 'sqs', operation: 'CancelMessageMoveTask', command: new CancelMessageMoveTaskCommand({ TaskHandle }) },
                  ]}
                  send={(command) => sqs().send(command)}
                  onDone={tasks.reload}
                />
              ) : null,
          },
        ]}
      />
    </SpaceBetween>
  );
}
