/** A list of resources: filter, columns, pages, selection, actions, an empty state that teaches. */

import { useCollection } from '@cloudscape-design/collection-hooks';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import { startTransition, useEffect, useRef, useState, type ReactNode } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { keepTableChoices, tableChoices } from '../shell/settings.ts';
import { ConfirmDelete, type DeleteProps } from './confirm.tsx';
import { FailureAlert } from './failure.tsx';
import { messages } from './messages.ts';
import { useAnswer, useUntil } from './use-answer.ts';

export type Column<Item> = {
  id: string;
  header: string;
  cell(item: Item): ReactNode;
  /** What the column is filtered and sorted by; the cell itself where it is text. */
  text?(item: Item): string | number;
  width?: number;
  /** Hidden until chosen. */
  hidden?: boolean;
};

export type Page<Item> = { items: readonly Item[]; /** There is more after this. */ next?: string | undefined };

export type RowAction<Item> = {
  id: string;
  text: string;
  /** One row at a time unless said otherwise. */
  many?: boolean;
  disabled?(items: readonly Item[]): boolean;
  run(items: readonly Item[]): void;
};

export type ResourceTableProps<Item> = {
  /** Names the table's saved choices. */
  id: string;
  title: string;
  description?: ReactNode;
  columns: readonly Column<Item>[];
  keyOf(item: Item): string;
  /** One page, from the server. */
  load(after: string | undefined): Promise<Page<Item>>;
  on?: readonly unknown[];
  /** The service whose changes call for a new look. */
  live?: string;
  /** Whether nothing in the list is on its way to another state; until then it is asked for again. */
  settled?(items: readonly Item[]): boolean;
  empty: { title: string; text: string; action?: ReactNode };
  create?: { text: string; onClick(): void };
  actions?: readonly RowAction<Item>[];
  remove?: Pick<DeleteProps<Item>, 'nameOf' | 'remove' | 'actionOf' | 'warning'>;
  headerExtra?: ReactNode;
  /** `embedded`: one part of a page among others. */
  variant?: 'embedded';
};

/** For a part of something that the page has loaded: its rows are at hand, and others once the page has loaded it anew. */
export function atHand<Item>(items: readonly Item[]): Pick<ResourceTableProps<Item>, 'variant' | 'on' | 'load'> {
  return { variant: 'embedded', on: [JSON.stringify(items)], load: async () => ({ items }) };
}

type Choices = { pageSize: number; columns: readonly string[] | undefined; wrapLines: boolean };

export function ResourceTable<Item>(props: ResourceTableProps<Item>) {
  const { id, title, columns, keyOf, load, empty } = props;
  const t = useText(messages);
  const [choices, setChoices] = useState<Choices>(() => tableChoices<Choices>(id, { pageSize: 20, columns: undefined, wrapLines: false }));
  const [more, setMore] = useState<readonly Page<Item>[]>([]);
  const [deleting, setDeleting] = useState<readonly Item[]>();
  const first = useAnswer(
    async () => {
      const page = await load(undefined);
      setMore([]);
      return page;
    },
    props.on ?? [],
    props.live,
  );
  useUntil(first, props.settled?.(first.value?.items ?? []) ?? true);
  const [cleared, setCleared] = useState(0);
  const all = [...(first.value?.items ?? []), ...more.flatMap(({ items }) => items)];
  const searched = useSearched(columns, all);
  const next = more.length > 0 ? more.at(-1)!.next : first.value?.next;
  const { items, filterProps, filteredItemsCount, paginationProps, collectionProps, actions } = useCollection(all, {
    filtering: {
      empty: <Empty {...empty} />,
      noMatch: (
        <Box textAlign="center" padding="m">
          <SpaceBetween size="xs">
            <b>{t.noMatch}</b>
            <Button
              onClick={() => {
                setCleared((before) => before + 1);
                actions.setFiltering('');
              }}
            >
              {t.clearFilter}
            </Button>
          </SpaceBetween>
        </Box>
      ),
      filteringFunction: (item, text) => searched.wordsOf(item).includes(text.trim().toLowerCase()),
    },
    sorting: {},
    pagination: { pageSize: choices.pageSize },
    selection: { keepSelection: true, trackBy: keyOf },
  });
  const selected = collectionProps.selectedItems ?? [];
  const choose = (change: Partial<Choices>): void => {
    const chosen = { ...choices, ...change };
    setChoices(chosen);
    keepTableChoices(id, chosen);
  };
  const visible = choices.columns ?? columns.filter(({ hidden }) => !hidden).map((column) => column.id);
  const selectable = props.remove !== undefined || (props.actions?.length ?? 0) > 0;
  return (
    <>
      {first.error !== undefined && <FailureAlert error={first.error} />}
      <Table
        {...collectionProps}
        onSortingChange={(event) => startTransition(() => collectionProps.onSortingChange?.(event))}
        variant="container"
        {...(props.variant !== 'embedded' && { stickyHeader: true, stickyHeaderVerticalOffset: 56 })}
        items={items}
        loading={first.loading && first.value === undefined}
        loadingText={t.loading}
        trackBy={keyOf}
        wrapLines={choices.wrapLines}
        resizableColumns
        {...(selectable && { selectionType: 'multi' as const })}
        ariaLabels={{
          selectionGroupLabel: t.selection,
          allItemsSelectionLabel: () => t.selection,
          itemSelectionLabel: (_state, item) => keyOf(item),
          tableLabel: title,
        }}
        columnDefinitions={columns.map((column, at) => ({
          id: column.id,
          header: column.header,
          cell: column.cell,
          minWidth: 90,
          width: column.width ?? (column === columns[0] ? 300 : 190),
          sortingComparator: (a: Item, b: Item) => compare(searched.keyOf(a, at), searched.keyOf(b, at)),
          ...(column === columns[0] && { isRowHeader: true }),
        }))}
        columnDisplay={columns.map((column) => ({ id: column.id, visible: visible.includes(column.id) }))}
        header={
          <Header
            variant={props.variant === 'embedded' ? 'h2' : 'h1'}
            description={props.description}
            counter={first.value ? `(${selected.length > 0 ? `${selected.length}/` : ''}${all.length}${next ? '+' : ''})` : ''}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                {props.headerExtra && <div className="actions">{props.headerExtra}</div>}
                <Button iconName="refresh" ariaLabel={t.refresh} onClick={first.reload} loading={first.loading} />
                {(props.actions?.length ?? 0) > 0 && (
                  <ButtonDropdown
                    items={props.actions!.map((action) => ({
                      id: action.id,
                      text: action.text,
                      disabled: selected.length === 0 || (!action.many && selected.length !== 1) || (action.disabled?.(selected) ?? false),
                    }))}
                    onItemClick={({ detail }) => props.actions!.find((action) => action.id === detail.id)?.run(selected)}
                  >
                    {t.actions}
                  </ButtonDropdown>
                )}
                {props.remove && (
                  <Button disabled={selected.length === 0} onClick={() => setDeleting(selected)}>
                    {t.delete}
                  </Button>
                )}
                {props.create && (
                  <Button variant="primary" onClick={props.create.onClick}>
                    {props.create.text}
                  </Button>
                )}
              </SpaceBetween>
            }
          >
            {title}
          </Header>
        }
        filter={
          <Filter
            key={cleared}
            initial={filterProps.filteringText}
            count={filteredItemsCount ?? 0}
            onText={(text) => startTransition(() => actions.setFiltering(text))}
          />
        }
        pagination={
          <Pagination
            {...paginationProps}
            ariaLabels={{
              nextPageLabel: t.nextPage,
              previousPageLabel: t.previousPage,
              pageLabel: (page) => fill(t.page, { page }),
            }}
            {...(next && { openEnd: true })}
            onNextPageClick={() => {
              if (next && paginationProps.currentPageIndex >= paginationProps.pagesCount)
                void load(next).then((page) => setMore((pages) => [...pages, page]));
            }}
          />
        }
        preferences={<Preferences title={title} columns={columns} visible={visible} choices={choices} onChoose={choose} />}
      />
      {deleting && props.remove && (
        <ConfirmDelete
          {...props.remove}
          items={deleting}
          onCancel={() => setDeleting(undefined)}
          onDone={() => {
            setDeleting(undefined);
            actions.setSelectedItems([]);
            first.reload();
          }}
        />
      )}
    </>
  );
}

const sliceMilliseconds = 8;

/**
 * What rows are filtered and sorted by, made once for each: a letter of a filter asks every row, a click on a header every pair of them.
 * Of long tables it is made ahead, in slices too short to be felt.
 */
function useSearched<Item>(columns: readonly Column<Item>[], all: readonly Item[]) {
  const known = useRef(new WeakMap<object, Row>());
  const made = (item: Item): Row => {
    if (typeof item !== 'object' || item === null) return rowOf(columns, item);
    let row = known.current.get(item);
    if (row === undefined) known.current.set(item, (row = rowOf(columns, item)));
    return row;
  };
  const [firstRow, lastRow] = [all[0], all.at(-1)];
  useEffect(() => {
    let at = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const slice = (): void => {
      const end = performance.now() + sliceMilliseconds;
      while (at < all.length && performance.now() < end) made(all[at++]!);
      if (at < all.length) timer = setTimeout(slice);
    };
    timer = setTimeout(slice);
    return () => clearTimeout(timer);
  }, [all.length, firstRow, lastRow]);
  return { wordsOf: (item: Item) => made(item).words, keyOf: (item: Item, column: number) => made(item).keys[column]! };
}

/** Keys are what is compared: a collator takes many times as long as folding letters once, and hardly orders otherwise. */
type Row = { keys: (string | number)[]; words: string };

function rowOf<Item>(columns: readonly Column<Item>[], item: Item): Row {
  const values = columns.map((column) => valueOf(column, item));
  return {
    keys: values.map((value) => (typeof value === 'number' ? value : value.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase())),
    words: values.join('\n').toLowerCase(),
  };
}

/** Shows each letter at once, and lets the rows follow when the browser has time for them. */
function Filter({ initial, count, onText }: { initial: string; count: number; onText(text: string): void }) {
  const t = useText(messages);
  const [typed, setTyped] = useState(initial);
  return (
    <TextFilter
      filteringText={typed}
      filteringPlaceholder={t.find}
      filteringAriaLabel={t.find}
      countText={fill(t.matches, { count })}
      onChange={({ detail }) => {
        setTyped(detail.filteringText);
        onText(detail.filteringText);
      }}
    />
  );
}

/** What a reader may choose of a table, kept for the next visit. */
function Preferences({
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

export function Empty({ title, text, action }: { title: string; text: string; action?: ReactNode }) {
  return (
    <Box textAlign="center" padding={{ vertical: 'l' }}>
      <SpaceBetween size="xs">
        <b>{title}</b>
        <Box color="text-body-secondary">{text}</Box>
        {action}
      </SpaceBetween>
    </Box>
  );
}

function valueOf<Item>(column: Column<Item>, item: Item): string | number {
  if (column.text) return column.text(item);
  const cell = column.cell(item);
  return typeof cell === 'string' || typeof cell === 'number' ? cell : '';
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [one, other] = [String(a), String(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}
