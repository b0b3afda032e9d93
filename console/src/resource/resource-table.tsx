/** A list of resources: filter, columns, pages, selection, actions, an empty state that teaches. */

import { useCollection } from '@cloudscape-design/collection-hooks';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import { startTransition, useMemo, useState, type ReactNode } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { visible } from '../language/visible.ts';
import { keepFound, wasFound } from '../shell/places.ts';
import { ConfirmDelete, type DeleteProps } from './confirm.tsx';
import { FailureAlert } from './failure.tsx';
import { messages } from './messages.ts';
import { drawn } from './name.tsx';
import { useChoices } from './table-choices.ts';
import { Filter, Preferences } from './table-controls.tsx';
import { useRows } from './table-rows.ts';
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
  remove?: Pick<DeleteProps<Item>, 'nameOf' | 'actionsOf' | 'send' | 'inRounds' | 'warning'> & {
    /** For what else shows the rows. */ onRemoved?(): void;
  };
  headerExtra?: ReactNode;
  /** `embedded`: one part of a page among others. */
  variant?: 'embedded';
};

/** For a part of something that the page has loaded: its rows are at hand, and others once the page has loaded it anew. */
export function atHand<Item>(items: readonly Item[]): Pick<ResourceTableProps<Item>, 'variant' | 'on' | 'load'> {
  return { variant: 'embedded', on: [JSON.stringify(items)], load: async () => ({ items }) };
}

export function ResourceTable<Item>(props: ResourceTableProps<Item>) {
  const { id, title, columns, keyOf, load, empty } = props;
  const t = useText(messages);
  const [choices, choose] = useChoices(id);
  const [text, setText] = useState(() => (props.variant === 'embedded' ? '' : wasFound()));
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
  const all = useMemo(() => [...(first.value?.items ?? []), ...more.flatMap(({ items }) => items)], [first.value, more]);
  const rows = useRows(columns, all, { text, sort: choices.sort });
  const next = more.length > 0 ? more.at(-1)!.next : first.value?.next;
  const { items, paginationProps, collectionProps, actions } = useCollection(rows, {
    pagination: { pageSize: choices.pageSize },
    selection: { keepSelection: true, trackBy: keyOf },
  });
  const selected = collectionProps.selectedItems ?? [];
  const [cleared, setCleared] = useState(0);
  const clear = (): void => {
    setCleared(cleared + 1);
    find('');
  };
  const find = (wanted: string): void => {
    if (props.variant !== 'embedded') keepFound(wanted);
    startTransition(() => {
      setText(wanted);
      actions.setCurrentPage(1);
    });
  };
  const shown = choices.columns ?? columns.filter(({ hidden }) => !hidden).map((column) => column.id);
  const selectable = props.remove !== undefined || (props.actions?.length ?? 0) > 0;
  return (
    <>
      {first.error !== undefined && <FailureAlert error={first.error} />}
      <Table
        {...collectionProps}
        empty={
          text.trim() === '' || all.length === 0 ? (
            <Empty {...empty} />
          ) : (
            <Empty title={t.noMatch} text={t.noMatchText} action={<Button onClick={clear}>{t.clearFilter}</Button>} />
          )
        }
        {...(choices.sort && { sortingColumn: { sortingField: choices.sort.by }, sortingDescending: choices.sort.descending })}
        onSortingChange={({ detail }) =>
          startTransition(() => choose({ sort: { by: detail.sortingColumn.sortingField!, descending: detail.isDescending ?? false } }))
        }
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
          itemSelectionLabel: (_state, item) => visible(keyOf(item)),
          tableLabel: title,
        }}
        columnDefinitions={columns.map((column) => ({
          id: column.id,
          header: column.header,
          cell: (item: Item) => drawn(column.cell(item)),
          minWidth: 90,
          width: column.width ?? (column === columns[0] ? 300 : 190),
          sortingField: column.id,
          ...(column === columns[0] && { isRowHeader: true }),
        }))}
        columnDisplay={columns.map((column) => ({ id: column.id, visible: shown.includes(column.id) }))}
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
            initial={text}
            count={rows.length}
            saved={choices.filters}
            onText={find}
            onSave={(filters) => choose({ filters })}
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
        preferences={<Preferences title={title} columns={columns} visible={shown} choices={choices} onChoose={choose} />}
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
            props.remove?.onRemoved?.();
          }}
        />
      )}
    </>
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
