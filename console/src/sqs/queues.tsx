/** All queues of a region, and the page that makes one. */

import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import { DeleteQueueCommand, GetQueueAttributesCommand, ListQueuesCommand } from '@aws-sdk/client-sqs';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import { nameOfArn, nameOfUrl, sqs } from './client.ts';
import { messages } from './messages.ts';
import { createActions, createFields, type Attributes } from './queue-form.ts';

type Queue = { url: string; name: string; attributes: Attributes };

async function loadQueues(after: string | undefined): Promise<{ items: Queue[]; next?: string | undefined }> {
  const { QueueUrls = [], NextToken } = await sqs().send(new ListQueuesCommand({ MaxResults: 100, ...(after && { NextToken: after }) }));
  const items = await Promise.all(
    QueueUrls.map(async (url) => {
      // Whoever may list queues may not see into each of them.
      const found = await sqs()
        .send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }))
        .then(({ Attributes }) => Attributes ?? {})
        .catch((): Attributes => ({}));
      return { url, name: nameOfUrl(url), attributes: found };
    }),
  );
  return { items, next: NextToken };
}

export function Queues() {
  const t = useText(messages);
  const count = (name: keyof Attributes) => (queue: Queue) => Number(queue.attributes[name] ?? 0);
  const create = (): void => goTo(hrefOf(['sqs', 'create']));
  return (
    <ResourceTable<Queue>
      id="sqs-queues"
      title={t.queues}
      live="sqs"
      load={loadQueues}
      keyOf={({ name }) => name}
      columns={[
        {
          id: 'name',
          header: t.name,
          cell: ({ name }) => (
            <Link href={hrefOf(['sqs', 'queues', name])} onFollow={follow}>
              {name}
            </Link>
          ),
          text: ({ name }) => name,
        },
        { id: 'type', header: t.type, cell: ({ name }) => (name.endsWith('.fifo') ? t.fifo : t.standard) },
        { id: 'available', header: t.available, cell: count('ApproximateNumberOfMessages') },
        { id: 'inFlight', header: t.inFlight, cell: count('ApproximateNumberOfMessagesNotVisible') },
        { id: 'delayed', header: t.delayed, cell: count('ApproximateNumberOfMessagesDelayed'), hidden: true },
        { id: 'deadLetter', header: t.deadLetter, cell: (queue) => deadLetterOf(queue) ?? t.none },
        {
          id: 'encryption',
          header: t.encryption,
          cell: ({ attributes }) =>
            attributes.KmsMasterKeyId ? t.kms : attributes.SqsManagedSseEnabled === 'true' ? t.sse : t.noEncryption,
        },
        {
          id: 'created',
          header: t.created,
          cell: ({ attributes }) => timeText(Number(attributes.CreatedTimestamp) * 1_000),
          text: ({ attributes }) => Number(attributes.CreatedTimestamp),
        },
      ]}
      empty={{ title: t.emptyTitle, text: t.emptyText, action: <Button onClick={create}>{t.createQueue}</Button> }}
      create={{ text: t.createQueue, onClick: create }}
      remove={{
        nameOf: ({ name }) => name,
        actionsOf: ({ url }) => [{ service: 'sqs', operation: 'DeleteQueue', command: new DeleteQueueCommand({ QueueUrl: url }) }],
        send: (command) => sqs().send(command),
      }}
    />
  );
}

function deadLetterOf({ attributes }: Queue): string | undefined {
  if (!attributes.RedrivePolicy) return undefined;
  const { deadLetterTargetArn } = JSON.parse(attributes.RedrivePolicy) as { deadLetterTargetArn?: string };
  return deadLetterTargetArn && nameOfArn(deadLetterTargetArn);
}

export function CreateQueue() {
  const t = useText(messages);
  const s = useText(shared);
  return (
    <ActionForm
      title={t.createQueue}
      description={t.createText}
      fields={createFields(t)}
      submit={t.createQueue}
      actionsOf={createActions}
      send={(command) => sqs().send(command)}
      onCancel={() => goTo(hrefOf(['sqs', 'queues']))}
      onDone={(_outputs, values) => {
        const name = read.text(values, 'name')!;
        notify({ type: 'success', content: fill(s.created, { name }) });
        goTo(hrefOf(['sqs', 'queues', name]));
      }}
    />
  );
}
