/** What stands above the rows of a table: the filter with those that were saved, and the choice of columns, lines and page size. */

import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { messages } from './messages.ts';
import type { Choices } from './table-choices.ts';

const savedMax = 20;

/** Shows each letter at once, and lets the rows follow when the browser has time for them. */
export function Filter({
  initial,
  count,
  saved,
  onText,
  onSave,
}: {
  initial: string;
  count: number;
  saved: readonly string[];
  onText(text: string): void;
  onSave(saved: readonly string[]): void;
}) {
  const t = useText(messages);
  const [typed, setTyped] = useState(initial);
  const wanted = typed.trim();
  const isSaved = saved.includes(wanted);
  const find = (next: string): void => {
    setTyped(next);
    onText(next);
  };
  return (
    <div className="filter">
      <TextFilter
        filteringText={typed}
        filteringPlaceholder={t.find}
        filteringAriaLabel={t.find}
        countText={fill(t.matches, { count })}
        onChange={({ detail }) => find(detail.filteringText)}
      />
      <ButtonDropdown
        ariaLabel={t.savedFilters}
        items={[
          ...saved.map((one) => ({ id: `find:${one}`, text: one })),
          {
            id: 'save',
            text: wanted === '' ? t.saveFilterHint : fill(t.saveFilter, { text: wanted }),
            disabled: wanted === '' || isSaved,
          },
          ...(isSaved ? [{ id: 'forget', text: fill(t.forgetFilter, { text: wanted }) }] : []),
        ]}
        onItemClick={({ detail: { id } }) => {
          if (id === 'save') onSave([wanted, ...saved].slice(0, savedMax));
          else if (id === 'forget') onSave(saved.filter((one) => one !== wanted));
          else find(id.slice('find:'.length));
        }}
      >
        {t.savedFilters}
      </ButtonDropdown>
    </div>
  );
}

/** Columns, lines and page size. */
export function Preferences({
  title,
  columns,
  visible,
  choices,
  onChoose,
}: {
  title: string;
  columns: readonly { id: string; header: string }[];
  visible: readonly string[];
  choices: Choices;
  onChoose(change: Partial<Choices>): void;
}) {
  const t = useText(messages);
  return (
    <CollectionPreferences
      title={t.preferences}
      confirmLabel={t.confirm}
      cancelLabel={t.cancel}
      preferences={{ pageSize: choices.pageSize, visibleContent: visible, wrapLines: choices.wrapLines }}
      pageSizePreference={{
        title: t.pageSize,
        options: [10, 20, 50, 100].map((value) => ({ value, label: fill(t.rows, { count: value }) })),
      }}
      wrapLinesPreference={{ label: t.wrapLines }}
      visibleContentPreference={{
        title: t.columns,
        options: [{ label: title, options: columns.map((column, at) => ({ id: column.id, label: column.header, editable: at > 0 })) }],
      }}
      onConfirm={({ detail }) =>
        onChoose({
          pageSize: detail.pageSize ?? choices.pageSize,
          columns: detail.visibleContent ?? visible,
          wrapLines: detail.wrapLines ?? false,
        })
      }
    />
  );
}
