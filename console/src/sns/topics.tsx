/** All topics of a region, and the page that makes one. */

import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import { CreateTopicCommand, DeleteTopicCommand, ListTopicsCommand, type Topic } from '@aws-sdk/client-sns';
import { fill, useText } from '../language/catalogue.ts';
import type { Action } from '../from-shell/action.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read, type Values } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { ResourceTable } from '../resource/resource-table.tsx';
import { tagMap } from '../resource/tag-map.ts';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import { nameOfArn, sns } from './client.ts';
import { messages } from './messages.ts';

const topicName = /^[\w-]{1,256}(\.fifo)?$/;

export function Topics() {
  const t = useText(messages);
  const create = (): void => goTo(hrefOf(['sns', 'create']));
  return (
    <ResourceTable<Topic>
      id="sns-topics"
      title={t.topics}
      live="sns"
      load={async (after) => {
        const { Topics: items = [], NextToken } = await sns().send(new ListTopicsCommand({ ...(after && { NextToken: after }) }));
        return { items, next: NextToken };
      }}
      keyOf={({ TopicArn }) => TopicArn!}
      columns={[
        {
          id: 'name',
          header: t.name,
          cell: ({ TopicArn }) => (
            <Link href={hrefOf(['sns', 'topics', TopicArn!])} onFollow={follow}>
              {nameOfArn(TopicArn!)}
            </Link>
          ),
          text: ({ TopicArn }) => nameOfArn(TopicArn!),
        },
        { id: 'type', header: t.type, cell: ({ TopicArn }) => (TopicArn!.endsWith('.fifo') ? t.fifo : t.standard) },
        { id: 'arn', header: t.arn, cell: ({ TopicArn }) => TopicArn!, width: 460 },
      ]}
      empty={{ title: t.topicsEmpty, text: t.topicsEmptyText, action: <Button onClick={create}>{t.createTopic}</Button> }}
      create={{ text: t.createTopic, onClick: create }}
      remove={{
        nameOf: ({ TopicArn }) => nameOfArn(TopicArn!),
        actionsOf: ({ TopicArn }) => [{ service: 'sns', operation: 'DeleteTopic', command: new DeleteTopicCommand({ TopicArn }) }],
        send: (command) => sns().send(command),
        warning: t.deleteTopicWarning,
      }}
    />
  );
}

function createActions(values: Values): Action[] {
  const fifo = values['type'] === 'fifo';
  const name = read.text(values, 'name') ?? '';
  const [display, key, Tags] = [read.text(values, 'displayName'), read.text(values, 'kmsKey'), read.tags(values)];
  const Attributes = {
    ...(fifo && { FifoTopic: 'true', ContentBasedDeduplication: String(read.flag(values, 'dedupe')) }),
    ...(display && { DisplayName: display }),
    ...(key && { KmsMasterKeyId: key }),
  };
  return [
    {
      service: 'sns',
      operation: 'CreateTopic',
      command: new CreateTopicCommand({ Name: name, Attributes, ...(Tags && { Tags }) }),
      terraform: [
        {
          type: 'aws_sns_topic',
          name,
          body: {
            name,
            fifo_topic: fifo ? true : undefined,
            content_based_deduplication: fifo ? read.flag(values, 'dedupe') : undefined,
            display_name: display,
            kms_master_key_id: key,
            tags: Tags && tagMap(Tags),
          },
        },
      ],
    },
  ];
}

export function CreateTopic() {
  const t = useText(messages);
  const s = useText(shared);
  return (
    <ActionForm
      title={t.createTopic}
      submit={t.createTopic}
      fields={[
        {
          name: 'type',
          kind: 'tiles',
          label: t.type,
          required: true,
          options: [
            { value: 'standard', label: t.standard },
            { value: 'fifo', label: t.fifo },
          ],
        },
        {
          name: 'name',
          kind: 'text',
          label: t.name,
          description: t.nameHint,
          required: true,
          pattern: topicName,
          check: (value, { type }) => (topicName.test(value) && (type === 'fifo') === value.endsWith('.fifo') ? undefined : t.nameFault),
        },
        { name: 'displayName', kind: 'text', label: t.displayName },
        { name: 'dedupe', kind: 'toggle', label: t.dedupe, visible: ({ type }) => type === 'fifo' },
        { name: 'kmsKey', kind: 'text', label: t.kmsKey },
        { name: 'tags', kind: 'tags', label: t.tags, section: t.tags },
      ]}
      actionsOf={createActions}
      send={(command) => sns().send(command)}
      onCancel={() => goTo(hrefOf(['sns', 'topics']))}
      onDone={([output], values) => {
        notify({ type: 'success', content: fill(s.created, { name: read.text(values, 'name')! }) });
        goTo(hrefOf(['sns', 'topics', (output as { TopicArn: string }).TopicArn]));
      }}
    />
  );
}
