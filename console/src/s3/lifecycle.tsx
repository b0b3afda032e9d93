/** The lifecycle rules of a bucket: listed, made, changed, taken away, and drawn by day. */

import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { DeleteBucketLifecycleCommand, type LifecycleRule } from '@aws-sdk/client-s3';
import type { Action } from '../from-shell/action.ts';
import { useText } from '../language/catalogue.ts';
import { Name } from '../resource/name.tsx';
import { ResourceTable } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import { s3 } from './client.ts';
import { putRules } from './lifecycle-form.tsx';
import { datesText, loadRules, scopeOf, stopsOf, type LifecycleSet } from './lifecycle-rules.ts';
import { Timeline } from './lifecycle-timeline.tsx';
import { messages } from './messages-lifecycle.ts';

/** What is left of the set, or no set at all. */
function withoutRule(bucket: string, set: LifecycleSet, id: string | undefined): Action {
  const rest = set.rules.filter(({ ID }) => ID !== id);
  if (rest.length > 0) return putRules(bucket, set, rest);
  return { service: 's3', operation: 'DeleteBucketLifecycle', command: new DeleteBucketLifecycleCommand({ Bucket: bucket }) };
}

const placeOf = (bucket: string, id: string | undefined): string => hrefOf(['s3', 'buckets', bucket, 'lifecycle-rule'], { rule: id });

export function Lifecycle({ bucket }: { bucket: string }) {
  const t = useText(messages);
  const { value, reload } = useAnswer(() => loadRules(bucket), [bucket], 's3');
  const set = value ?? { rules: [], minimum: undefined };
  const scopeText = (rule: LifecycleRule): string => {
    const { prefix, tags, larger, smaller } = scopeOf(rule);
    const parts = [
      prefix,
      ...tags.map(({ Key, Value }) => `${Key}=${Value}`),
      larger === undefined ? '' : `> ${larger} B`,
      smaller === undefined ? '' : `< ${smaller} B`,
    ];
    return parts.filter((part) => part !== '').join(' · ') || t.wholeBucket;
  };
  const create = (): void => goTo(hrefOf(['s3', 'buckets', bucket, 'create-lifecycle-rule']));
  return (
    <SpaceBetween size="l">
      <ResourceTable<LifecycleRule>
        id="s3-lifecycle"
        title={t.rules}
        variant="embedded"
        live="s3"
        on={[bucket]}
        load={async () => ({ items: (await loadRules(bucket)).rules })}
        keyOf={({ ID }) => ID!}
        columns={[
          {
            id: 'name',
            header: t.name,
            cell: ({ ID }) => (
              <Link href={placeOf(bucket, ID)} onFollow={follow}>
                <Name>{ID}</Name>
              </Link>
            ),
            text: ({ ID }) => ID!,
          },
          {
            id: 'status',
            header: t.enabled,
            cell: ({ Status }) =>
              Status === 'Enabled' ? (
                <StatusIndicator>{t.enabled}</StatusIndicator>
              ) : (
                <StatusIndicator type="stopped">{t.disabled}</StatusIndicator>
              ),
            text: ({ Status }) => Status!,
          },
          { id: 'scope', header: t.appliesTo, cell: (rule) => <Name>{scopeText(rule)}</Name>, text: scopeText },
          {
            id: 'current',
            header: t.currentVersions,
            width: 260,
            cell: (rule) => [...stopsText(rule, false), ...datesText(rule)].join(', ') || '–',
          },
          { id: 'noncurrent', header: t.noncurrentVersions, width: 260, cell: (rule) => stopsText(rule, true).join(', ') || '–' },
        ]}
        empty={{ title: t.rulesEmpty, text: t.rulesEmptyText, action: <Button onClick={create}>{t.createRule}</Button> }}
        create={{ text: t.createRule, onClick: create }}
        actions={[{ id: 'edit', text: t.editRule, run: ([rule]) => goTo(placeOf(bucket, rule!.ID)) }]}
        remove={{
          nameOf: ({ ID }) => ID!,
          // The rules as they are then: those before it may be gone.
          actionsOf: async ({ ID }) => [withoutRule(bucket, await loadRules(bucket), ID)],
          send: (command) => s3().send(command),
          onRemoved: reload,
          warning: t.deleteWarning,
        }}
      />
      <Timeline rules={set.rules} />
    </SpaceBetween>
  );
}

const stopsText = (rule: LifecycleRule, noncurrent: boolean): string[] =>
  stopsOf(rule, noncurrent).map((stop) => `${stop.day} → ${stop.class ?? '✕'}`);
