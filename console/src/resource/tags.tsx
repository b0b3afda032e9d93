/** Tags of a resource: a field of forms, and a tab that edits them. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Container from '@cloudscape-design/components/container';
import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Action } from '../from-shell/action.ts';
import { FromShell } from '../from-shell/panel.tsx';
import { sendShown } from '../from-shell/sending.ts';
import { fill, useText } from '../language/catalogue.ts';
import { notify } from '../shell/notices.ts';
import { FailureAlert, tellFailure } from './failure.tsx';
import { messages } from './messages.ts';
import { Name } from './name.tsx';
import { useAnswer } from './use-answer.ts';

export type Tag = { Key: string; Value: string };

const tagsMax = 50;

export function TagsField({ tags, onChange }: { tags: readonly Tag[]; onChange(tags: readonly Tag[]): void }) {
  const t = useText(messages);
  const change = (index: number, part: Partial<Tag>): void => onChange(tags.map((tag, at) => (at === index ? { ...tag, ...part } : tag)));
  const twice = (tag: Tag): boolean => tags.filter((one) => one.Key === tag.Key).length > 1;
  return (
    <AttributeEditor
      items={tags}
      addButtonText={t.addTag}
      removeButtonText={t.removeTag}
      disableAddButton={tags.length >= tagsMax}
      additionalInfo={tags.length >= tagsMax ? fill(t.tooManyTags, { count: tagsMax }) : t.tagHint}
      empty={t.noTags}
      onAddButtonClick={() => onChange([...tags, { Key: '', Value: '' }])}
      onRemoveButtonClick={({ detail }) => onChange(tags.filter((_tag, at) => at !== detail.itemIndex))}
      definition={[
        {
          label: t.tagKey,
          control: (tag: Tag, index) => (
            <Input value={tag.Key} ariaLabel={t.tagKey} onChange={({ detail }) => change(index, { Key: detail.value })} />
          ),
          errorText: (tag: Tag) => (tag.Key !== '' && twice(tag) ? t.duplicateKey : null),
        },
        {
          label: t.tagValue,
          control: (tag: Tag, index) => (
            <Input value={tag.Value} ariaLabel={t.tagValue} onChange={({ detail }) => change(index, { Value: detail.value })} />
          ),
        },
      ]}
    />
  );
}

/** What an edit of tags comes to: those to be set, the keys to go, and all that will be there, for services that take the whole set. */
export type TagEdit = { set: readonly Tag[]; removed: readonly string[]; all: readonly Tag[] };

function editOf(before: readonly Tag[], edited: readonly Tag[]): TagEdit {
  const all = edited.filter(({ Key }) => Key !== '');
  const old = new Map(before.map((tag) => [tag.Key, tag.Value]));
  return {
    all,
    set: all.filter(({ Key, Value }) => old.get(Key) !== Value),
    removed: [...old.keys()].filter((key) => !all.some(({ Key }) => Key === key)),
  };
}

export function TagsTab({
  load,
  actionsOf,
  send,
  live,
}: {
  load(): Promise<readonly Tag[]>;
  /** Shown as they are edited, and sent when they are saved. */
  actionsOf(edit: TagEdit): readonly Action[];
  send(command: never): Promise<unknown>;
  live: string;
}) {
  const t = useText(messages);
  const { value, error, loading, reload } = useAnswer(load, [], live);
  const [edited, setEdited] = useState<readonly Tag[]>();
  const [busy, setBusy] = useState(false);
  const edit = edited && editOf(value ?? [], edited);
  const actions = edit && edit.set.length + edit.removed.length > 0 ? actionsOf(edit) : [];
  const submit = async (): Promise<void> => {
    setBusy(true);
    try {
      await sendShown(actions, send);
      setEdited(undefined);
      notify({ type: 'success', content: t.saved });
      reload();
    } catch (problem) {
      tellFailure(problem, t.failed);
    } finally {
      setBusy(false);
    }
  };
  if (error !== undefined) return <FailureAlert error={error} />;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            edited ? (
              <SpaceBetween direction="horizontal" size="xs">
                <Button onClick={() => setEdited(undefined)}>{t.cancel}</Button>
                <Button variant="primary" loading={busy} onClick={() => void submit()}>
                  {t.save}
                </Button>
              </SpaceBetween>
            ) : (
              <Button disabled={!value} onClick={() => setEdited(value ?? [])}>
                {t.edit}
              </Button>
            )
          }
        >
          {t.tags}
        </Header>
      }
    >
      {edited ? (
        <SpaceBetween size="l">
          <TagsField tags={edited} onChange={setEdited} />
          <FromShell actions={actions} />
        </SpaceBetween>
      ) : (
        <SpaceBetween size="xs">
          {loading && !value && <Box color="text-status-inactive">{t.loading}</Box>}
          {value?.length === 0 && <Box color="text-body-secondary">{t.noTags}</Box>}
          {value?.map(({ Key, Value }) => (
            <div key={Key}>
              <Box variant="awsui-key-label">
                <Name>{Key}</Name>
              </Box>
              <Name>{Value || '–'}</Name>
            </div>
          ))}
        </SpaceBetween>
      )}
    </Container>
  );
}
