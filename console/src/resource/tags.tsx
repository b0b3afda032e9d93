/** Tags of a resource: a field of forms, and a tab that edits them. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import Container from '@cloudscape-design/components/container';
import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { notify } from '../shell/notices.ts';
import { FailureAlert, tellFailure } from './failure.tsx';
import { messages } from './messages.ts';
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

/** `save` gets what is to be set and the keys that are to go. */
export function TagsTab({
  load,
  save,
  live,
}: {
  load(): Promise<readonly Tag[]>;
  save(set: readonly Tag[], removed: readonly string[]): Promise<void>;
  live: string;
}) {
  const t = useText(messages);
  const { value, error, loading, reload } = useAnswer(load, [], live);
  const [edited, setEdited] = useState<readonly Tag[]>();
  const [busy, setBusy] = useState(false);
  const submit = async (): Promise<void> => {
    if (!edited) return;
    setBusy(true);
    try {
      const kept = edited.filter(({ Key }) => Key !== '');
      const before = new Map((value ?? []).map((tag) => [tag.Key, tag.Value]));
      await save(
        kept.filter(({ Key, Value }) => before.get(Key) !== Value),
        [...before.keys()].filter((key) => !kept.some(({ Key }) => Key === key)),
      );
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
        <TagsField tags={edited} onChange={setEdited} />
      ) : (
        <SpaceBetween size="xs">
          {loading && !value && <Box color="text-status-inactive">{t.loading}</Box>}
          {value?.length === 0 && <Box color="text-body-secondary">{t.noTags}</Box>}
          {value?.map(({ Key, Value }) => (
            <div key={Key}>
              <Box variant="awsui-key-label">{Key}</Box>
              <bdi>{Value || '–'}</bdi>
            </div>
          ))}
        </SpaceBetween>
      )}
    </Container>
  );
}
