/** One log group: its streams, its events, its tags. */

import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import {
  CreateLogStreamCommand,
  DeleteLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type LogStream,
} from '@aws-sdk/client-cloudwatch-logs';
import { useState } from 'react';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { ConfirmDelete } from '../resource/confirm.tsx';
import { Copyable, DetailPage } from '../resource/detail-page.tsx';
import { read } from '../resource/fields.ts';
import { bytesText, timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { Name } from '../resource/name.tsx';
import { ResourceTable } from '../resource/resource-table.tsx';
import { tagList, tagMap } from '../resource/tag-map.ts';
import { tagActions } from '../resource/tag-actions.ts';
import { TagsTab } from '../resource/tags.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { logs } from './client.ts';
import { LogEvents } from './events.tsx';
import { deletionOf } from './groups.tsx';
import { messages } from './messages.ts';
import { retentionAction, retentionField, retentionText } from './retention.ts';

async function loadGroup(name: string) {
  const { logGroups = [] } = await logs().send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
  const found = logGroups.find(({ logGroupName }) => logGroupName === name);
  if (!found) throw Object.assign(new Error('The specified log group does not exist.'), { name: 'ResourceNotFoundException' });
  return found;
}

export function LogGroupPage({ params }: { params: Params }) {
  const name = params['name']!;
  const t = useText(messages);
  const s = useText(shared);
  const answer = useAnswer(() => loadGroup(name), [name], 'logs');
  const group = answer.value;
  const [open, setOpen] = useState<'delete' | 'retention'>();
  const arn = group?.logGroupArn ?? group?.arn?.replace(/:\*$/, '') ?? '';
  return (
    <>
      <DetailPage
        name={name}
        answer={answer}
        actions={
          <>
            <Button onClick={() => setOpen('retention')}>{t.changeRetention}</Button>
            <Button onClick={() => setOpen('delete')}>{s.delete}</Button>
          </>
        }
        facts={[
          { label: t.arn, value: <Copyable text={arn} /> },
          { label: t.retention, value: retentionText(group?.retentionInDays, t) },
          { label: t.stored, value: bytesText(group?.storedBytes) },
          { label: t.created, value: timeText(group?.creationTime) },
        ]}
        tabs={[
          { id: 'streams', label: t.streams, content: <LogStreams group={name} /> },
          { id: 'events', label: t.events, content: <LogEvents group={name} /> },
          { id: 'tags', label: s.tags, content: <Tags arn={arn} /> },
        ]}
      />
      {open === 'delete' && (
        <ConfirmDelete
          items={[name]}
          nameOf={String}
          actionsOf={() => [deletionOf(name)]}
          send={(command) => logs().send(command)}
          warning={t.deleteGroupWarning}
          onCancel={() => setOpen(undefined)}
          onDone={() => goTo(hrefOf(['cloudwatch-logs', 'groups']))}
        />
      )}
      {open === 'retention' && (
        <ActionForm
          modal
          title={t.changeRetention}
          submit={s.save}
          fields={[retentionField(t, group?.retentionInDays)]}
          actionsOf={(values) => [retentionAction(name, read.text(values, 'retention') ?? 'ever')]}
          send={(command) => logs().send(command)}
          onCancel={() => setOpen(undefined)}
          onDone={() => {
            setOpen(undefined);
            notify({ type: 'success', content: s.saved });
            answer.reload();
          }}
        />
      )}
    </>
  );
}

function Tags({ arn }: { arn: string }) {
  return (
    <TagsTab
      live="logs"
      load={async () => {
        const { tags = {} } = await logs().send(new ListTagsForResourceCommand({ resourceArn: arn }));
        return tagList(tags);
      }}
      actionsOf={({ set, removed }) =>
        tagActions('cloudwatch-logs', {
          set: set.length > 0 && ['TagResource', new TagResourceCommand({ resourceArn: arn, tags: tagMap(set) })],
          removed: removed.length > 0 && ['UntagResource', new UntagResourceCommand({ resourceArn: arn, tagKeys: [...removed] })],
        })
      }
      send={(command) => logs().send(command)}
    />
  );
}

function LogStreams({ group }: { group: string }) {
  const t = useText(messages);
  const s = useText(shared);
  const [creating, setCreating] = useState(false);
  const streamDeletion = (logStreamName: string): Action & { command: DeleteLogStreamCommand } => ({
    ...{ service: 'cloudwatch-logs', operation: 'DeleteLogStream' },
    command: new DeleteLogStreamCommand({ logGroupName: group, logStreamName }),
  });
  return (
    <>
      <ResourceTable<LogStream>
        id="log-streams"
        variant="embedded"
        title={t.streams}
        live="logs"
        load={async (nextToken) => {
          const asked = { logGroupName: group, orderBy: 'LastEventTime' as const, descending: true, limit: 50 };
          const page = await logs().send(new DescribeLogStreamsCommand({ ...asked, ...(nextToken && { nextToken }) }));
          return { items: page.logStreams ?? [], next: page.nextToken };
        }}
        keyOf={({ logStreamName }) => logStreamName!}
        columns={[
          {
            id: 'name',
            header: t.name,
            cell: ({ logStreamName }) => (
              <Link href={hrefOf(['cloudwatch-logs', 'groups', group, 'streams', logStreamName!])} onFollow={follow}>
                <Name>{logStreamName}</Name>
              </Link>
            ),
            text: ({ logStreamName }) => logStreamName!,
          },
          {
            id: 'last',
            header: t.lastEvent,
            cell: ({ lastEventTimestamp }) => timeText(lastEventTimestamp),
            text: ({ lastEventTimestamp }) => lastEventTimestamp ?? 0,
          },
          {
            id: 'first',
            header: t.firstEvent,
            cell: ({ firstEventTimestamp }) => timeText(firstEventTimestamp),
            text: ({ firstEventTimestamp }) => firstEventTimestamp ?? 0,
          },
          { id: 'created', header: t.created, cell: ({ creationTime }) => timeText(creationTime), hidden: true },
        ]}
        empty={{ title: t.streamsEmpty, text: t.streamsEmptyText }}
        create={{ text: t.createStream, onClick: () => setCreating(true) }}
        remove={{
          nameOf: ({ logStreamName }) => logStreamName!,
          actionsOf: ({ logStreamName }) => [streamDeletion(logStreamName!)],
          send: (command) => logs().send(command),
          warning: t.deleteStreamWarning,
        }}
      />
      {creating && (
        <ActionForm
          modal
          title={t.createStream}
          submit={t.createStream}
          fields={[{ name: 'name', kind: 'text', label: t.name, required: true, pattern: /^[^:*]{1,512}$/ }]}
          actionsOf={(values) => [
            {
              service: 'cloudwatch-logs',
              operation: 'CreateLogStream',
              command: new CreateLogStreamCommand({ logGroupName: group, logStreamName: read.text(values, 'name') }),
            },
          ]}
          send={(command) => logs().send(command)}
          onCancel={() => setCreating(false)}
          onDone={(_outputs, values) => {
            setCreating(false);
            notify({ type: 'success', content: fill(s.created, { name: read.text(values, 'name')! }) });
          }}
        />
      )}
    </>
  );
}
