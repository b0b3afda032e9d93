/** A policy by hand: cards for its statements, or its JSON, whichever one likes; what is wrong with it, and what it says in words. */

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { messages } from './messages-policy.ts';
import { Name } from './name.tsx';
import { cardsOf, emptyCard, faultsOf, textOfCards, type Card, type CardPolicy, type PolicyFault } from './policy.ts';
import { StatementCard } from './statement-card.tsx';

type PolicyTexts = Readonly<Record<keyof (typeof messages)['en'], string>>;

export default function PolicyEditor({
  label,
  text,
  rows,
  onChange,
}: {
  label: string;
  text: string;
  rows: number;
  onChange(text: string): void;
}) {
  const t = useText(messages);
  const [mode, setMode] = useState<'visual' | 'json'>('visual');
  const policy = cardsOf(text);
  const change = (cards: readonly Card[]): void => onChange(textOfCards({ ...policy!, cards }));
  const cards = policy?.cards ?? [];
  return (
    <SpaceBetween size="m">
      <SegmentedControl
        label={t.editor}
        selectedId={mode}
        options={[
          { id: 'visual', text: t.visual },
          { id: 'json', text: t.json },
        ]}
        onChange={({ detail }) => setMode(detail.selectedId as 'visual' | 'json')}
      />
      {mode === 'json' && (
        <div className="json">
          <Textarea ariaLabel={label} value={text} rows={rows} spellcheck={false} onChange={({ detail }) => onChange(detail.value)} />
        </div>
      )}
      {mode === 'visual' && !policy && <Alert type="info">{t.notVisual}</Alert>}
      {mode === 'visual' &&
        policy &&
        cards.map((card, at) => (
          <StatementCard
            key={at}
            number={at + 1}
            card={card}
            onChange={(next) => change(cards.with(at, next))}
            onCopy={() => change(cards.toSpliced(at + 1, 0, { ...card, sid: '' }))}
            onRemove={() => change(cards.toSpliced(at, 1))}
          />
        ))}
      {mode === 'visual' && policy && (
        <Button formAction="none" iconName="add-plus" onClick={() => change([...cards, emptyCard])}>
          {t.addStatement}
        </Button>
      )}
      {policy && <Findings policy={policy} t={t} />}
    </SpaceBetween>
  );
}

function Findings({ policy, t }: { policy: CardPolicy; t: PolicyTexts }) {
  const faults = faultsOf(policy);
  return (
    <div aria-live="polite">
      {faults.length === 0 ? (
        <StatusIndicator>{t.sound}</StatusIndicator>
      ) : (
        <SpaceBetween size="xxs">
          {faults.map(({ at, fault }) => (
            <StatusIndicator key={`${at} ${fault}`} type="error">
              {faultText(at, fault, t)}
            </StatusIndicator>
          ))}
        </SpaceBetween>
      )}
      {faults.length === 0 && (
        <Box padding={{ top: 's' }}>
          <Box variant="awsui-key-label">{t.says}</Box>
          <ul className="names">
            {policy.cards.map((card, at) => (
              <li key={at}>
                <Name>{inWords(card, t)}</Name>
              </li>
            ))}
          </ul>
        </Box>
      )}
    </div>
  );
}

function faultText(at: number, fault: PolicyFault, t: PolicyTexts): string {
  if (fault === 'noStatement' || fault === 'version') return t[fault];
  const name = `fault${fault[0]!.toUpperCase()}${fault.slice(1)}` as keyof PolicyTexts;
  return fill(t.fault, { number: at, text: t[name] });
}

function inWords({ effect, actions, resources, exceptActions, exceptResources, conditions }: Card, t: PolicyTexts): string {
  const listed = (list: readonly string[], except: boolean): string => {
    if (list.includes('*') && !except) return t.saysAnything;
    return except ? fill(t.saysExcept, { list: list.join(', ') }) : list.join(', ');
  };
  const when = conditions.map(({ operator, key, values }) => `${key} ${operator} ${values.join(' | ')}`).join(t.and);
  return fill(effect === 'Allow' ? t.saysAllow : t.saysDeny, {
    actions: listed(actions, exceptActions),
    resources: listed(resources, exceptResources),
    when: when === '' ? '' : fill(t.saysWhen, { conditions: when }),
  });
}
