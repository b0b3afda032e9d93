/** One statement of a policy as a card. */

import Autosuggest from '@cloudscape-design/components/autosuggest';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TokenGroup from '@cloudscape-design/components/token-group';
import { useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { messages } from './messages-policy.ts';
import { actionsToChoose, conditionKeys, isAction, isResource, operators, type Card, type Condition } from './policy.ts';

export function StatementCard({
  number,
  card,
  onChange,
  onCopy,
  onRemove,
}: {
  number: number;
  card: Card;
  onChange(card: Card): void;
  onCopy(): void;
  onRemove(): void;
}) {
  const t = useText(messages);
  const change = (part: Partial<Card>): void => onChange({ ...card, ...part });
  return (
    <section aria-label={fill(t.statement, { number })} className="statement" data-effect={card.effect}>
      <Container
        header={
          <Header
            variant="h3"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button formAction="none" variant="icon" iconName="copy" ariaLabel={fill(t.copyStatement, { number })} onClick={onCopy} />
                <Button
                  formAction="none"
                  variant="icon"
                  iconName="remove"
                  ariaLabel={fill(t.removeStatement, { number })}
                  onClick={onRemove}
                />
              </SpaceBetween>
            }
          >
            {fill(t.statement, { number })}
          </Header>
        }
      >
        <SpaceBetween size="m">
          <div className="statement-head">
            <FormField label={t.effect}>
              <SegmentedControl
                label={t.effect}
                selectedId={card.effect}
                options={[
                  { id: 'Allow', text: t.allow },
                  { id: 'Deny', text: t.deny },
                ]}
                onChange={({ detail }) => change({ effect: detail.selectedId as Card['effect'] })}
              />
            </FormField>
            <FormField label={t.sid}>
              <Input value={card.sid} spellcheck={false} onChange={({ detail }) => change({ sid: detail.value })} />
            </FormField>
          </div>
          <Names
            label={t.actions}
            hint={t.actionsHint}
            only={t.actionsOnly}
            but={t.actionsExcept}
            values={card.actions}
            except={card.exceptActions}
            suggestions={actionsToChoose}
            isSound={isAction}
            onChange={(actions, exceptActions) => change({ actions, exceptActions })}
          />
          <Names
            label={t.resources}
            hint={t.resourcesHint}
            only={t.resourcesOnly}
            but={t.resourcesExcept}
            values={card.resources}
            except={card.exceptResources}
            suggestions={['*', 'arn:aws:s3:::my-bucket', 'arn:aws:s3:::my-bucket/*']}
            isSound={isResource}
            onChange={(resources, exceptResources) => change({ resources, exceptResources })}
          />
          <Conditions conditions={card.conditions} onChange={(conditions) => change({ conditions })} />
        </SpaceBetween>
      </Container>
    </section>
  );
}

/** A list of patterns: all that are named, or all but those. */
function Names({
  label,
  hint,
  only,
  but,
  values,
  except,
  suggestions,
  isSound,
  onChange,
}: {
  label: string;
  hint: string;
  only: string;
  but: string;
  values: readonly string[];
  except: boolean;
  suggestions: readonly string[];
  isSound(text: string): boolean;
  onChange(values: readonly string[], except: boolean): void;
}) {
  const t = useText(messages);
  const [typed, setTyped] = useState('');
  const add = (text: string): void => {
    // Several may be pasted at once.
    const added = text.split(/[\s,]+/).filter((one) => one !== '' && !values.includes(one));
    if (added.length > 0) onChange([...values, ...added], except);
    setTyped('');
  };
  const modes = [
    { value: 'only', label: only },
    { value: 'but', label: but },
  ];
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <Box variant="small">{hint}</Box>
      <SpaceBetween size="xs">
        <div className="statement-names">
          <Select
            ariaLabel={label}
            options={modes}
            selectedOption={modes[except ? 1 : 0]!}
            onChange={({ detail }) => onChange(values, detail.selectedOption.value === 'but')}
          />
          <Autosuggest
            ariaLabel={label}
            value={typed}
            enteredTextLabel={(text) => fill(t.use, { text })}
            options={suggestions.filter((one) => !values.includes(one)).map((value) => ({ value }))}
            onChange={({ detail }) => setTyped(detail.value)}
            onSelect={({ detail }) => add(detail.value)}
            onKeyDown={(event) => {
              if (event.detail.key !== 'Enter' || typed === '') return;
              // It adds the word, and does not send the form.
              event.preventDefault();
              add(typed);
            }}
          />
          <Button formAction="none" disabled={typed.trim() === ''} onClick={() => add(typed)}>
            {t.add}
          </Button>
        </div>
        <TokenGroup
          items={values.map((value) => ({
            label: value,
            dismissLabel: fill(t.remove, { text: value }),
            ...(!isSound(value) && { iconName: 'status-warning' as const }),
          }))}
          onDismiss={({ detail }) =>
            onChange(
              values.filter((_value, at) => at !== detail.itemIndex),
              except,
            )
          }
        />
      </SpaceBetween>
    </div>
  );
}

function Conditions({ conditions, onChange }: { conditions: readonly Condition[]; onChange(conditions: readonly Condition[]): void }) {
  const t = useText(messages);
  const change = (at: number, part: Partial<Condition>): void => onChange(conditions.with(at, { ...conditions[at]!, ...part }));
  return (
    <div>
      <Box variant="awsui-key-label">{t.conditions}</Box>
      <SpaceBetween size="xs">
        {conditions.map((condition, at) => (
          <div key={at} className="statement-condition">
            <Autosuggest
              ariaLabel={t.key}
              placeholder={t.key}
              value={condition.key}
              enteredTextLabel={(text) => fill(t.use, { text })}
              options={conditionKeys.map((value) => ({ value }))}
              onChange={({ detail }) => change(at, { key: detail.value })}
            />
            <Autosuggest
              ariaLabel={t.operator}
              placeholder={t.operator}
              value={condition.operator}
              enteredTextLabel={(text) => fill(t.use, { text })}
              options={operators.map((value) => ({ value }))}
              onChange={({ detail }) => change(at, { operator: detail.value })}
            />
            <Input
              ariaLabel={`${t.values}. ${t.valuesHint}`}
              placeholder={t.values}
              value={condition.values.join(', ')}
              spellcheck={false}
              onChange={({ detail }) => change(at, { values: detail.value === '' ? [] : detail.value.split(/,\s*/) })}
            />
            <Button
              formAction="none"
              variant="icon"
              iconName="close"
              ariaLabel={t.removeCondition}
              onClick={() => onChange(conditions.toSpliced(at, 1))}
            />
          </div>
        ))}
        <Button
          formAction="none"
          variant="inline-link"
          iconName="add-plus"
          onClick={() => onChange([...conditions, { operator: 'StringEquals', key: '', values: [] }])}
        >
          {t.addCondition}
        </Button>
      </SpaceBetween>
    </div>
  );
}
