/** The form that makes or changes one lifecycle rule; S3 takes the whole set of a bucket's rules. */

import { PutBucketLifecycleConfigurationCommand, type LifecycleRule } from '@aws-sdk/client-s3';
import type { Action, TerraformValue } from '../from-shell/action.ts';
import { fill, useText } from '../language/catalogue.ts';
import { ActionForm } from '../resource/action-form.tsx';
import { DetailPage } from '../resource/detail-page.tsx';
import { read, type Field, type Values } from '../resource/fields.ts';
import { messages as shared } from '../resource/messages.ts';
import { tagMap } from '../resource/tag-map.ts';
import { useAnswer } from '../resource/use-answer.ts';
import { notify } from '../shell/notices.ts';
import { goTo, hrefOf, usePlace } from '../shell/places.ts';
import type { Params } from '../shell/services.ts';
import { s3 } from './client.ts';
import {
  classes,
  datedMoves,
  doesSomething,
  loadRules,
  midnightOf,
  newerOf,
  ruleOf,
  scopeOf,
  type LifecycleSet,
} from './lifecycle-rules.ts';
import { messages } from './messages-lifecycle.ts';

type Texts = (typeof messages)['en'];

const infrequentDaysMin = 30;
const newerVersionsMax = 100;
const onlyNoncurrent = (values: Values): boolean => read.flag(values, 'noncurrent');

/** The whole set, with what Terraform would declare. */
export function putRules(bucket: string, { minimum }: LifecycleSet, rules: readonly LifecycleRule[]): Action {
  return {
    service: 's3',
    operation: 'PutBucketLifecycleConfiguration',
    command: new PutBucketLifecycleConfigurationCommand({
      Bucket: bucket,
      LifecycleConfiguration: { Rules: [...rules] },
      ...(minimum && { TransitionDefaultMinimumObjectSize: minimum }),
    }),
    terraform: [{ type: 'aws_s3_bucket_lifecycle_configuration', name: bucket, body: { bucket, rule: rules.map(blockOf) } }],
  };
}

function blockOf(rule: LifecycleRule): TerraformValue {
  const { prefix, tags, larger, smaller } = scopeOf(rule);
  const conditions = {
    prefix: prefix || undefined,
    tags: tags.length > 0 ? tagMap(tags) : undefined,
    object_size_greater_than: larger,
    object_size_less_than: smaller,
  };
  const one = (body: Record<string, TerraformValue> | undefined): TerraformValue => (body ? [body] : undefined);
  const end = rule.Expiration;
  const oldEnd = rule.NoncurrentVersionExpiration;
  const abort = rule.AbortIncompleteMultipartUpload;
  return {
    id: rule.ID,
    status: rule.Status,
    filter: [rule.Filter?.And ? { and: [conditions] } : conditions],
    transition: (rule.Transitions ?? []).map((move) => ({
      days: move.Days,
      date: move.Date?.toISOString(),
      storage_class: move.StorageClass,
    })),
    expiration: one(end && { days: end.Days, date: end.Date?.toISOString(), expired_object_delete_marker: end.ExpiredObjectDeleteMarker }),
    noncurrent_version_transition: (rule.NoncurrentVersionTransitions ?? []).map((move) => ({
      noncurrent_days: move.NoncurrentDays,
      newer_noncurrent_versions: move.NewerNoncurrentVersions,
      storage_class: move.StorageClass,
    })),
    noncurrent_version_expiration: one(
      oldEnd && { noncurrent_days: oldEnd.NoncurrentDays, newer_noncurrent_versions: oldEnd.NewerNoncurrentVersions },
    ),
    abort_incomplete_multipart_upload: one(abort && { days_after_initiation: abort.DaysAfterInitiation }),
  };
}

const text = (number: number | undefined): string => (number === undefined ? '' : String(number));

/** A field a class: the day of the move, or nothing. */
function moveFields(t: Texts, before: '' | 'old-', dayOf: (name: string) => number | undefined, section: string): Field[] {
  return classes.map((name, at) => ({
    name: `${before}to-${name}`,
    kind: 'number',
    label: fill(t.toClass, { name }),
    initial: text(dayOf(name)),
    min: 0,
    check: (value) => (name.endsWith('_IA') && value !== '' && Number(value) < infrequentDaysMin ? t.toClassFault : undefined),
    ...(at === 0 && { section }),
    ...(before === 'old-' && { visible: onlyNoncurrent }),
  }));
}

function expireField(t: Texts, before: '' | 'old-', initial: number | undefined): Field {
  return {
    name: `${before}expire`,
    kind: 'number',
    label: t.expire,
    min: 1,
    initial: text(initial),
    check: (value, values) => {
      const day = Math.max(-1, ...classes.map((name) => read.number(values, `${before}to-${name}`) ?? -1));
      return value !== '' && Number(value) <= day ? fill(t.expireFault, { day }) : undefined;
    },
    ...(before === 'old-' ? { visible: onlyNoncurrent } : { description: t.expireHint }),
  };
}

const dayText = (date: Date | undefined): string => date?.toISOString().slice(0, 10) ?? '';

/** What happens on a day of the calendar; S3 takes either days or dates in one rule. */
function dateFields(t: Texts, rule: LifecycleRule | undefined): Field[] {
  const [move] = datedMoves(rule);
  const check = (value: string): string | undefined => (value === '' || midnightOf(value) ? undefined : t.dateFault);
  const written = { kind: 'text' as const, placeholder: '2027-01-31', check };
  return [
    { ...written, name: 'move-date', label: t.moveDate, description: t.dateHint, initial: dayText(move?.Date) },
    {
      ...{ name: 'move-class', kind: 'select', label: t.moveClass, required: true, initial: move?.StorageClass ?? classes[0]! },
      options: classes.map((value) => ({ value })),
      visible: (values) => read.text(values, 'move-date') !== undefined,
    },
    {
      ...{ ...written, name: 'expire-date', label: t.expireDate, initial: dayText(rule?.Expiration?.Date) },
      visible: (values) => read.number(values, 'expire') === undefined,
    },
  ];
}

function fieldsOf(t: Texts, rule: LifecycleRule | undefined, taken: readonly string[]): Field[] {
  const { prefix, tags, larger, smaller } = scopeOf(rule ?? ({} as LifecycleRule));
  const old = rule?.NoncurrentVersionTransitions ?? [];
  const oldEnd = rule?.NoncurrentVersionExpiration;
  return [
    {
      name: 'name',
      kind: 'text',
      label: t.name,
      required: true,
      initial: rule?.ID ?? '',
      check: (value, values) => {
        if (taken.includes(value)) return t.nameFault;
        return doesSomething(ruleOf(values, rule)) ? undefined : t.nothing;
      },
    },
    { name: 'enabled', kind: 'toggle', label: t.enabled, initial: rule?.Status !== 'Disabled' },
    { name: 'prefix', kind: 'text', label: t.prefix, initial: prefix, section: t.scope },
    { name: 'tags', kind: 'tags', label: t.tags, initial: tags },
    { name: 'larger', kind: 'number', label: t.larger, initial: text(larger), min: 0 },
    { name: 'smaller', kind: 'number', label: t.smaller, initial: text(smaller), min: 1 },
    ...moveFields(t, '', (name) => rule?.Transitions?.find((move) => move.StorageClass === name)?.Days, t.currentVersions),
    expireField(t, '', rule?.Expiration?.Days),
    ...dateFields(t, rule),
    {
      name: 'noncurrent',
      kind: 'toggle',
      label: t.noncurrent,
      initial: old.length > 0 || oldEnd !== undefined,
      section: t.noncurrentVersions,
    },
    ...moveFields(t, 'old-', (name) => old.find((move) => move.StorageClass === name)?.NoncurrentDays, t.noncurrentVersions),
    expireField(t, 'old-', oldEnd?.NoncurrentDays),
    {
      name: 'newer',
      kind: 'number',
      label: t.newer,
      initial: text(newerOf(rule ?? {})),
      min: 1,
      max: newerVersionsMax,
      visible: onlyNoncurrent,
    },
    {
      name: 'abort',
      kind: 'number',
      section: t.cleanUp,
      label: t.abort,
      initial: text(rule?.AbortIncompleteMultipartUpload?.DaysAfterInitiation),
      min: 1,
    },
    {
      name: 'markers',
      kind: 'toggle',
      label: t.markers,
      initial: rule?.Expiration?.ExpiredObjectDeleteMarker ?? false,
      // S3 takes either days or the markers.
      visible: (values) => read.number(values, 'expire') === undefined,
    },
  ];
}

/** The page: with the rule that `rule` in the address names, or for a new one. */
export function LifecycleRulePage({ params }: { params: Params }) {
  const bucket = params['bucket']!;
  const id = usePlace().query.get('rule') ?? undefined;
  const t = useText(messages);
  const answer = useAnswer(() => loadRules(bucket), [bucket]);
  if (!answer.value) return <DetailPage name={id ?? t.createRule} answer={answer} />;
  const edited = id === undefined ? undefined : answer.value.rules.find(({ ID }) => ID === id);
  if (id !== undefined && !edited) return <DetailPage name={id} answer={{ loading: false, error: new Error(t.noSuchRule) }} />;
  return <RuleForm bucket={bucket} set={answer.value} edited={edited} />;
}

function RuleForm({ bucket, set, edited }: { bucket: string; set: LifecycleSet; edited: LifecycleRule | undefined }) {
  const t = useText(messages);
  const s = useText(shared);
  const taken = set.rules.filter((rule) => rule !== edited).map(({ ID }) => ID!);
  const back = (): void => goTo(hrefOf(['s3', 'buckets', bucket], { tab: 'lifecycle' }));
  return (
    <ActionForm
      title={edited ? t.editRule : t.createRule}
      submit={edited ? s.save : t.createRule}
      fields={fieldsOf(t, edited, taken)}
      actionsOf={(values) => {
        const expires = read.number(values, 'expire') !== undefined;
        const rule = ruleOf(expires ? { ...values, markers: false } : values, edited);
        return [putRules(bucket, set, edited ? set.rules.map((one) => (one === edited ? rule : one)) : [...set.rules, rule])];
      }}
      send={(command) => s3().send(command)}
      onCancel={back}
      onDone={(_outputs, values) => {
        const name = read.text(values, 'name') ?? '';
        notify({ type: 'success', content: edited ? s.saved : fill(s.created, { name }) });
        back();
      }}
    />
  );
}
