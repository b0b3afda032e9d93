/** All log groups of a region, and the form that makes one. */

import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import { CreateLogGroupCommand, DeleteLogGroupCommand, DescribeLogGroupsCommand, type LogGroup } from '@aws-sdk/client-cloudwatch-logs';
import type { Action } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { read } from '../resource/fields.ts';
import { bytesText, timeText } from '../resource/format.ts';
import { messages as shared } from '../resource/messages.ts';
import { Name } from '../resource/name.tsx';
import { ResourceTable } from '../resource/resource-table.tsx';
import { tagMap } from '../resource/tag-map.ts';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import { logs } from './client.ts';
import { messages } from './messages.ts';
import { retentionAction, retentionField, retentionText } from './retention.ts';

export function deletionOf(logGroupName: string): Action & { command: DeleteLogGroupCommand } {
  return { service: 'cloudwatch-logs', operation: 'DeleteLogGroup', command: new DeleteLogGroupCommand({ logGroupName }) };
}

export function LogGroups() {
  const t = useText(messages);
  const create = (): void => goTo(hrefOf(['cloudwatch-logs', 'create']));
  return (
    <ResourceTable<LogGroup>
      id="log-groups"
      title={t.groups}
      live="logs"
      load={async (nextToken) => {
        const page = await logs().send(new DescribeLogGroupsCommand({ limit: 50, ...(nextToken && { nextToken }) }));
        return { items: page.logGroups ?? [], next: page.nextToken };
      }}
      keyOf={({ logGroupName }) => logGroupName!}
      columns={[
        {
          id: 'name',
          header: t.name,
          cell: ({ logGroupName }) => (
            <Link href={hrefOf(['cloudwatch-logs', 'groups', logGroupName!])} onFollow={follow}>
              <Name>{logGroupName}</Name>
            </Link>
          ),
          text: ({ logGroupName }) => logGroupName!,
        },
        {
          id: 'retention',
          header: t.retention,
          cell: ({ retentionInDays }) => retentionText(retentionInDays, t),
          text: ({ retentionInDays }) => retentionInDays ?? Number.MAX_SAFE_INTEGER,
        },
        { id: 'stored', header: t.stored, cell: ({ storedBytes }) => bytesText(storedBytes), text: ({ storedBytes }) => storedBytes ?? 0 },
        {
          id: 'created',
          header: t.created,
          cell: ({ creationTime }) => timeText(creationTime),
          text: ({ creationTime }) => creationTime ?? 0,
        },
      ]}
      empty={{ title: t.groupsEmpty, text: t.groupsEmptyText, action: <Button onClick={create}>{t.createGroup}</Button> }}
      create={{ text: t.createGroup, onClick: create }}
      remove={{
        nameOf: ({ logGroupName }) => logGroupName!,
        actionsOf: ({ logGroupName }) => [deletionOf(logGroupName!)],
        send: (command) => logs().send(command),
        warning: t.deleteGroupWarning,
      }}
    />
  );
}

export function CreateLogGroup() {
  const t = useText(messages);
  const s = useText(shared);
  return (
    <ActionForm
      title={t.createGroup}
      description={t.createGroupText}
      submit={t.createGroup}
      fields={[
        {
          ...{ name: 'name', kind: 'text', label: t.name, required: true, placeholder: '/my-app/production' },
          check: (value) => (/^[\w./#-]{1,512}$/.test(value) ? undefined : t.nameFault),
        },
        retentionField(t, 30),
        { name: 'tags', kind: 'tags', label: s.tags, section: s.tags },
      ]}
      actionsOf={(values) => {
        const logGroupName = read.text(values, 'name') ?? '';
        const tags = read.tags(values);
        const retention = read.text(values, 'retention') ?? 'ever';
        const named = tags && tagMap(tags);
        const days = retention === 'ever' ? undefined : Number(retention);
        return [
          {
            service: 'cloudwatch-logs',
            operation: 'CreateLogGroup',
            command: new CreateLogGroupCommand({ logGroupName, ...(named && { tags: named }) }),
            terraform: [
              {
                type: 'aws_cloudwatch_log_group',
                name: logGroupName.split('/').at(-1)!,
                body: { name: logGroupName, retention_in_days: days, tags: named },
              },
            ],
          },
          ...(days === undefined ? [] : [retentionAction(logGroupName, retention)]),
        ];
      }}
      send={(command) => logs().send(command)}
      onCancel={() => goTo(hrefOf(['cloudwatch-logs', 'groups']))}
      onDone={(_outputs, values) => {
        const name = read.text(values, 'name')!;
        notify({ type: 'success', content: fill(s.created, { name }) });
        goTo(hrefOf(['cloudwatch-logs', 'groups', name]));
      }}
    />
  );
}
