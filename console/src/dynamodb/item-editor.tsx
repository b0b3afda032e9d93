/** Writes an item: as a form, an attribute a line, or as typed JSON. */

import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import Textarea from '@cloudscape-design/components/textarea';
import { PutItemCommand, type AttributeValue, type TableDescription } from '@aws-sdk/client-dynamodb';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { FromShell } from '../from-shell/panel.tsx';
import { asShown } from '../from-shell/sending.ts';
import { Dialog } from '../resource/dialog.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { messages as shared } from '../resource/messages.ts';
import { dynamodb, fromTypedText, typedText, type Item } from './client.ts';
import { messages } from './messages.ts';

type Line = { name: string; type: string; text: string };
const types = ['S', 'N', 'BOOL', 'NULL', 'SS', 'NS', 'L', 'M', 'B', 'BS'];

function lineOf(name: string, value: AttributeValue): Line {
  const [type, given] = Object.entries(JSON.parse(typedText({ value })).value as Record<string, unknown>)[0]!;
  return { name, type, text: typeof given === 'string' ? given : JSON.stringify(given) };
}

/** Text as it is for text, numbers and bytes; JSON for the rest. */
function itemOf(lines: readonly Line[]): Item {
  const typed = lines
    .filter(({ name }) => name !== '')
    .map(({ name, type, text }) => [
      name,
      { [type]: type === 'S' || type === 'N' || type === 'B' ? text : (JSON.parse(text || 'true') as unknown) },
    ]);
  return fromTypedText(JSON.stringify(Object.fromEntries(typed)));
}

function startingItem(table: TableDescription): Item {
  return Object.fromEntries(
    (table.KeySchema ?? []).map(({ AttributeName }) => {
      const type = table.AttributeDefinitions?.find((one) => one.AttributeName === AttributeName)?.AttributeType ?? 'S';
      return [AttributeName!, { [type]: '' } as unknown as AttributeValue];
    }),
  );
}

export function ItemEditor({
  table,
  item,
  onClose,
  onSaved,
}: {
  table: TableDescription;
  item: Item | undefined;
  onClose(): void;
  onSaved(): void;
}) {
  const t = useText(messages);
  const s = useText(shared);
  const [text, setText] = useState(() => (item ? typedText(item) : JSON.stringify(startingItem(table), null, 2)));
  const [lines, setLines] = useState<readonly Line[]>(() =>
    Object.entries(JSON.parse(text) as Item).map(([name, value]) => lineOf(name, value)),
  );
  const [mode, setMode] = useState('form');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const current = (): Item => (mode === 'form' ? itemOf(lines) : fromTypedText(text));
  const commandOf = (): PutItemCommand | undefined => {
    try {
      return new PutItemCommand({ TableName: table.TableName, Item: current() });
    } catch {
      // Still being typed.
      return undefined;
    }
  };
  const turnTo = (next: string): void => {
    try {
      if (next === 'json') setText(typedText(itemOf(lines)));
      else setLines(Object.entries(fromTypedText(text)).map(([name, value]) => lineOf(name, value)));
      setMode(next);
      setProblem(undefined);
    } catch (error) {
      setProblem(error);
    }
  };
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      await dynamodb().send(asShown(new PutItemCommand({ TableName: table.TableName, Item: current() })));
      onSaved();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  const change = (index: number, part: Partial<Line>): void =>
    setLines(lines.map((line, at) => (at === index ? { ...line, ...part } : line)));
  const command = commandOf();
  const options = types.map((value) => ({ value, label: value }));
  return (
    <Dialog
      title={item ? t.editItem : t.createItem}
      size="large"
      submit={s.save}
      busy={busy}
      onCancel={onClose}
      onSubmit={() => void save()}
    >
      <SpaceBetween size="m">
        <Tabs
          activeTabId={mode}
          onChange={({ detail }) => turnTo(detail.activeTabId)}
          tabs={[
            {
              id: 'form',
              label: t.form,
              content: (
                <AttributeEditor
                  items={lines}
                  addButtonText={t.addAttribute}
                  removeButtonText={t.remove}
                  isItemRemovable={({ name }) => !table.KeySchema?.some(({ AttributeName }) => AttributeName === name)}
                  onAddButtonClick={() => setLines([...lines, { name: '', type: 'S', text: '' }])}
                  onRemoveButtonClick={({ detail }) => setLines(lines.filter((_line, at) => at !== detail.itemIndex))}
                  definition={[
                    {
                      label: t.attribute,
                      control: ({ name }, at) => (
                        <Input value={name} ariaLabel={t.attribute} onChange={({ detail }) => change(at, { name: detail.value })} />
                      ),
                    },
                    {
                      label: t.type,
                      control: ({ type }, at) => (
                        <Select
                          ariaLabel={t.type}
                          options={options}
                          selectedOption={options.find(({ value }) => value === type) ?? null}
                          onChange={({ detail }) => change(at, { type: detail.selectedOption.value ?? 'S' })}
                        />
                      ),
                    },
                    {
                      label: t.value,
                      control: ({ text: value }, at) => (
                        <Input value={value} ariaLabel={t.value} onChange={({ detail }) => change(at, { text: detail.value })} />
                      ),
                    },
                  ]}
                />
              ),
            },
            {
              id: 'json',
              label: t.json,
              content: (
                <FormField label={t.itemJson} description={t.itemHint} stretch>
                  <div className="json">
                    <Textarea value={text} rows={16} spellcheck={false} onChange={({ detail }) => setText(detail.value)} />
                  </div>
                </FormField>
              ),
            },
          ]}
        />
        {problem !== undefined && <FailureAlert error={problem} />}
        <FromShell actions={command ? [{ service: 'dynamodb', operation: 'PutItem', command }] : []} />
      </SpaceBetween>
    </Dialog>
  );
}
