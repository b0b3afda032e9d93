/** One topic: its subscriptions, publishing by hand, its policy and tags. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import {
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-sns';
import { useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { Copyable, DetailPage, JsonView } from '../resource/detail-page.tsx';
import { read } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { tagActions } from '../resource/tag-actions.ts';
import { TagsTab } from '../resource/tags.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import type { Params } from '../shell/services.ts';
import { nameOfArn, sns } from './client.ts';
import { messages } from './messages.ts';
import { SubscriptionsTable } from './subscriptions.tsx';

export function TopicPage({ params }: { params: Params }) {
  const arn = params['arn']!;
  const t = useText(messages);
  const s = useText(shared);
  const [open, setOpen] = useState<'publish' | 'edit'>();
  const answer = useAnswer(async () => (await sns().send(new GetTopicAttributesCommand({ TopicArn: arn }))).Attributes ?? {}, [arn], 'sns');
  const attributes = answer.value ?? {};
  const close = (): void => setOpen(undefined);
  return (
    <>
      <DetailPage
        name={nameOfArn(arn)}
        answer={answer}
        actions={
          <>
            <Button onClick={() => setOpen('edit')}>{s.edit}</Button>
            <Button variant="primary" onClick={() => setOpen('publish')}>
              {t.publish}
            </Button>
          </>
        }
        facts={[
          { label: t.arn, value: <Copyable text={arn} /> },
          { label: t.type, value: arn.endsWith('.fifo') ? t.fifo : t.standard },
          { label: t.displayName, value: attributes['DisplayName'] || '–' },
          { label: t.owner, value: attributes['Owner'] },
          { label: t.confirmed, value: attributes['SubscriptionsConfirmed'] },
          { label: t.pending, value: attributes['SubscriptionsPending'] },
        ]}
        tabs={[
          { id: 'subscriptions', label: t.subscriptions, content: <SubscriptionsTable topic={arn} /> },
          {
            id: 'policy',
            label: t.policy,
            content: (
              <Container header={<Header variant="h2">{t.policy}</Header>}>
                {attributes['Policy'] ? (
                  <JsonView value={JSON.parse(attributes['Policy'])} />
                ) : (
                  <Box color="text-body-secondary">{s.none}</Box>
                )}
              </Container>
            ),
          },
          {
            id: 'tags',
            label: t.tags,
            content: (
              <TagsTab
                live="sns"
                load={async () =>
                  ((await sns().send(new ListTagsForResourceCommand({ ResourceArn: arn }))).Tags ?? []).map(({ Key, Value }) => ({
                    Key: Key!,
                    Value: Value!,
                  }))
                }
                actionsOf={({ set, removed }) =>
                  tagActions('sns', {
                    set: set.length > 0 && ['TagResource', new TagResourceCommand({ ResourceArn: arn, Tags: [...set] })],
                    removed: removed.length > 0 && ['UntagResource', new UntagResourceCommand({ ResourceArn: arn, TagKeys: [...removed] })],
                  })
                }
                send={(command) => sns().send(command)}
              />
            ),
          },
        ]}
      />
      {open === 'publish' && <Publish arn={arn} onClose={close} />}
      {open === 'edit' && (
        <ActionForm
          modal
          title={t.editAttributes}
          submit={s.save}
          fields={[
            { name: 'displayName', kind: 'text', label: t.displayName, initial: attributes['DisplayName'] ?? '' },
            {
              name: 'policy',
              kind: 'json',
              label: t.policy,
              required: true,
              rows: 16,
              initial: JSON.stringify(JSON.parse(attributes['Policy'] ?? '{}'), null, 2),
            },
          ]}
          actionsOf={(values) => {
            const wanted = {
              DisplayName: read.text(values, 'displayName') ?? '',
              Policy: JSON.stringify(JSON.parse(read.text(values, 'policy') ?? '{}')),
            };
            return Object.entries(wanted)
              .filter(([name, value]) => name === 'DisplayName' || value !== JSON.stringify(JSON.parse(attributes['Policy'] ?? '{}')))
              .map(([AttributeName, AttributeValue]) => ({
                service: 'sns' as const,
                operation: 'SetTopicAttributes',
                command: new SetTopicAttributesCommand({ TopicArn: arn, AttributeName, AttributeValue }),
              }));
          }}
          send={(command) => sns().send(command)}
          onCancel={close}
          onDone={() => {
            close();
            notify({ type: 'success', content: s.saved });
            answer.reload();
          }}
        />
      )}
    </>
  );
}

function Publish({ arn, onClose }: { arn: string; onClose(): void }) {
  const t = useText(messages);
  const fifo = arn.endsWith('.fifo');
  return (
    <ActionForm
      modal
      title={t.publish}
      submit={t.publish}
      fields={[
        { name: 'subject', kind: 'text', label: t.subject },
        { name: 'message', kind: 'textarea', label: t.message, required: true },
        ...(fifo
          ? ([
              { name: 'group', kind: 'text', label: t.group, required: true },
              { name: 'dedupeId', kind: 'text', label: t.dedupeId },
            ] as const)
          : []),
      ]}
      actionsOf={(values) => {
        const [subject, group, dedupe] = [read.text(values, 'subject'), read.text(values, 'group'), read.text(values, 'dedupeId')];
        return [
          {
            service: 'sns',
            operation: 'Publish',
            command: new PublishCommand({
              TopicArn: arn,
              Message: read.text(values, 'message') ?? '',
              ...(subject && { Subject: subject }),
              ...(group && { MessageGroupId: group }),
              ...(dedupe && { MessageDeduplicationId: dedupe }),
            }),
          },
        ];
      }}
      send={(command) => sns().send(command)}
      onCancel={onClose}
      onDone={([output]) => {
        onClose();
        notify({ type: 'success', content: fill(t.published, { id: (output as { MessageId: string }).MessageId }) });
      }}
    />
  );
}
