/** One queue: its facts, its messages, its settings. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Link from '@cloudscape-design/components/link';
import {
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { ConfirmDelete } from '../resource/confirm.tsx';
import { Copyable, DetailPage, JsonView } from '../resource/detail-page.tsx';
import { secondsText, timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { tagList, tagMap } from '../resource/tag-map.ts';
import { tagActions } from '../resource/tag-actions.ts';
import { TagsTab } from '../resource/tags.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { nameOfArn, sqs } from './client.ts';
import { messages } from './messages.ts';
import { editActions, settingFields, type Attributes } from './queue-form.ts';
import { Redrive } from './redrive.tsx';
import { SendReceive } from './send-receive.tsx';

async function loadQueue(name: string): Promise<{ url: string; attributes: Attributes }> {
  const { QueueUrl: url } = await sqs().send(new GetQueueUrlCommand({ QueueName: name }));
  const { Attributes = {} } = await sqs().send(new GetQueueAttributesCommand({ QueueUrl: url!, AttributeNames: ['All'] }));
  return { url: url!, attributes: Attributes };
}

export function Queue({ params }: { params: Params }) {
  const name = params['name']!;
  const t = useText(messages);
  const s = useText(shared);
  const answer = useAnswer(() => loadQueue(name), [name], 'sqs');
  const [open, setOpen] = useState<'edit' | 'delete' | 'purge'>();
  const { url = '', attributes = {} } = answer.value ?? {};
  const fifo = name.endsWith('.fifo');
  const close = (): void => setOpen(undefined);
  const redrive = JSON.parse(attributes.RedrivePolicy ?? '{}') as { deadLetterTargetArn?: string; maxReceiveCount?: number };
  const deadLetter = redrive.deadLetterTargetArn && nameOfArn(redrive.deadLetterTargetArn);
  return (
    <>
      <DetailPage
        name={name}
        answer={answer}
        actions={
          <>
            <Button iconName="refresh" ariaLabel={s.refresh} onClick={answer.reload} />
            <Button onClick={() => setOpen('edit')}>{s.edit}</Button>
            <Button onClick={() => setOpen('purge')}>{t.purge}</Button>
            <Button onClick={() => setOpen('delete')}>{s.delete}</Button>
          </>
        }
        facts={[
          { label: t.type, value: fifo ? t.fifo : t.standard },
          { label: t.arn, value: <Copyable text={attributes.QueueArn ?? ''} /> },
          { label: t.url, value: <Copyable text={url} /> },
          { label: t.available, value: attributes.ApproximateNumberOfMessages },
          { label: t.inFlight, value: attributes.ApproximateNumberOfMessagesNotVisible },
          { label: t.delayed, value: attributes.ApproximateNumberOfMessagesDelayed },
          { label: t.visibility, value: secondsText(attributes.VisibilityTimeout) },
          { label: t.retention, value: secondsText(attributes.MessageRetentionPeriod) },
          { label: t.created, value: timeText(Number(attributes.CreatedTimestamp) * 1_000) },
          {
            label: t.deadLetter,
            value: deadLetter ? (
              <Link href={hrefOf(['sqs', 'queues', deadLetter])} onFollow={follow}>
                {`${deadLetter} (${redrive.maxReceiveCount})`}
              </Link>
            ) : (
              t.none
            ),
          },
        ]}
        tabs={[
          { id: 'messages', label: t.sendReceive, content: <SendReceive url={url} fifo={fifo} onChange={answer.reload} /> },
          { id: 'redrive', label: t.redrive, content: <Redrive url={url} arn={attributes.QueueArn ?? ''} /> },
          {
            id: 'policy',
            label: t.policy,
            content: (
              <Container header={<Header variant="h2">{t.policy}</Header>}>
                {attributes.Policy ? <JsonView value={JSON.parse(attributes.Policy)} /> : <Box color="text-body-secondary">{t.none}</Box>}
              </Container>
            ),
          },
          { id: 'tags', label: s.tags, content: <QueueTags url={url} /> },
        ]}
      />
      {open === 'edit' && (
        <ActionForm
          modal
          title={t.edit}
          fields={settingFields(t, attributes, fifo)}
          submit={s.save}
          actionsOf={(values) => editActions(url, fifo, attributes, values)}
          send={(command) => sqs().send(command)}
          onCancel={close}
          onDone={() => {
            close();
            notify({ type: 'success', content: s.saved });
            answer.reload();
          }}
        />
      )}
      {open === 'purge' && (
        <ActionForm
          modal
          title={fill(t.purgeTitle, { name })}
          description={t.purgeText}
          fields={[]}
          submit={t.purge}
          actionsOf={() => [{ service: 'sqs', operation: 'PurgeQueue', command: new PurgeQueueCommand({ QueueUrl: url }) }]}
          send={(command) => sqs().send(command)}
          onCancel={close}
          onDone={() => {
            close();
            notify({ type: 'success', content: t.purged });
            answer.reload();
          }}
        />
      )}
      {open === 'delete' && (
        <ConfirmDelete
          items={[name]}
          nameOf={String}
          actionsOf={() => [{ service: 'sqs', operation: 'DeleteQueue', command: new DeleteQueueCommand({ QueueUrl: url }) }]}
          send={(command) => sqs().send(command)}
          onCancel={close}
          onDone={() => goTo(hrefOf(['sqs', 'queues']))}
        />
      )}
    </>
  );
}

function QueueTags({ url }: { url: string }) {
  return (
    <TagsTab
      live="sqs"
      load={async () => {
        const { Tags = {} } = await sqs().send(new ListQueueTagsCommand({ QueueUrl: url }));
        return tagList(Tags);
      }}
      actionsOf={({ set, removed }) =>
        tagActions('sqs', {
          set: set.length > 0 && ['TagQueue', new TagQueueCommand({ QueueUrl: url, Tags: tagMap(set) })],
          removed: removed.length > 0 && ['UntagQueue', new UntagQueueCommand({ QueueUrl: url, TagKeys: [...removed] })],
        })
      }
      send={(command) => sqs().send(command)}
    />
  );
}
