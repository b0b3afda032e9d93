/** A kind of resource that is said rather than drawn: its list, the page of one, the form that makes one, and what may be done with it. */

import Button from '@cloudscape-design/components/button';
import Link from '@cloudscape-design/components/link';
import { useState, type ReactNode } from 'react';
import type { Action } from '../from-shell/action.ts';
import { fill, useText, type Catalogue } from '../language/catalogue.ts';
import { notify } from '../shell/notices.ts';
import { follow, goTo, hrefOf } from '../shell/places.ts';
import type { Params, Route } from '../shell/services.ts';
import { ActionForm } from './action-form.tsx';
import { AskedForm } from './asked-form.tsx';
import { ConfirmDelete } from './confirm.tsx';
import { DetailPage, type DetailTab, type Fact } from './detail-page.tsx';
import type { Field, Values } from './fields.ts';
import { messages as shared } from './messages.ts';
import { Name } from './name.tsx';
import { ResourceTable, type Column, type Page } from './resource-table.tsx';
import { useAnswer, useUntil } from './use-answer.ts';

type Texts<Keys extends string> = Readonly<Record<Keys, string>>;

/** What may be done with one resource, beside deleting it; asked for in a window that shows the call before it is sent. */
export type Deed<Item, Keys extends string> = {
  id: string;
  text: Keys;
  hint?: Keys;
  when?(item: Item): boolean;
  fields?(item: Item, t: Texts<Keys>): readonly Field[] | Promise<readonly Field[]>;
  actionsOf(item: Item, values: Values): readonly Action[];
};

export type Collection<Item, Keys extends string> = {
  /** The folder, and the place below it: `ec2`, `addresses`. */
  service: string;
  path: string;
  /** The event source whose changes call for a new look. */
  live: string;
  messages: Catalogue<Keys>;
  title: Keys;
  emptyTitle: Keys;
  /** One sentence that teaches. */
  emptyText: Keys;
  load(after: string | undefined): Promise<Page<Item>>;
  /** Rejects where there is none of that id. */
  find(id: string): Promise<Item>;
  idOf(item: Item): string;
  nameOf?(item: Item): string;
  /** After the id, which is the first; they are the facts of its page as well. */
  columns(t: Texts<Keys>): readonly Column<Item>[];
  /** What its page tells besides. */
  facts?(item: Item, t: Texts<Keys>): readonly Fact[];
  tabs?(item: Item, t: Texts<Keys>): readonly DetailTab[];
  /** The last tab of its page. */
  tags?(item: Item): ReactNode;
  /** False while it is on its way to another state. */
  settled?(item: Item): boolean;
  send(command: never): Promise<unknown>;
  create?: {
    text: Keys;
    hint: Keys;
    fields(t: Texts<Keys>): readonly Field[] | Promise<readonly Field[]>;
    actionsOf(values: Values): readonly Action[];
    /** The id of what was made, whose page is then shown; the list where that is not known. */
    made?(outputs: readonly unknown[], values: Values): string | undefined;
  };
  /** In place of `create`, where a form needs more than its values to know what it sends. */
  createPage?: { text: Keys; page(): ReactNode };
  remove?: { actionOf(item: Item): Action; warning: Keys; allowed?(item: Item): boolean };
  deeds?: readonly Deed<Item, Keys>[];
};

/** The routes of a collection, for the pages of its service. */
export function routesOf<Item, Keys extends string>(collection: Collection<Item, Keys>): Route[] {
  const { path, messages, create, createPage, title } = collection;
  const { en, ko } = messages;
  const words = (key: Keys) => ({ en: en[key], ko: ko[key] });
  return [
    { path, page: () => <List collection={collection} />, crumb: words(title) },
    ...(createPage ? [{ path: `${path}/create`, page: createPage.page, crumb: words(createPage.text) }] : []),
    ...(create ? [{ path: `${path}/create`, page: () => <Create collection={collection} />, crumb: words(create.text) }] : []),
    { path: `${path}/:id`, page: ({ params }: { params: Params }) => <One collection={collection} id={params['id']!} /> },
  ];
}

/** Its line in the navigation of its service. */
export function lineOf<Item, Keys extends string>({ path, messages: { en, ko }, title }: Collection<Item, Keys>) {
  return { path, text: { en: en[title], ko: ko[title] } };
}

type Of<Item, Keys extends string> = { collection: Collection<Item, Keys> };

function List<Item, Keys extends string>({ collection }: Of<Item, Keys>) {
  const { service, path, messages, load, idOf, nameOf, columns, settled, remove, deeds = [], send } = collection;
  const create = collection.create ?? collection.createPage;
  const t = useText(messages);
  const [doing, setDoing] = useState<{ deed: Deed<Item, Keys>; item: Item }>();
  const [turn, setTurn] = useState(0);
  const make = create && { text: t[create.text], onClick: (): void => goTo(hrefOf([service, path, 'create'])) };
  return (
    <>
      <ResourceTable<Item>
        id={`${service}-${path}`}
        title={t[collection.title]}
        live={collection.live}
        on={[turn]}
        load={load}
        {...(settled && { settled: (items: readonly Item[]) => items.every(settled) })}
        keyOf={idOf}
        columns={withName(collection, columns(t))}
        empty={{
          title: t[collection.emptyTitle],
          text: t[collection.emptyText],
          ...(make && { action: <Button onClick={make.onClick}>{make.text}</Button> }),
        }}
        {...(make && { create: make })}
        actions={deeds.map((deed) => ({
          id: deed.id,
          text: t[deed.text],
          disabled: ([item]) => !item || !(deed.when?.(item) ?? true),
          run: ([item]) => setDoing({ deed, item: item! }),
        }))}
        {...(remove && {
          remove: {
            nameOf: (item: Item) => nameOf?.(item) || idOf(item),
            actionsOf: (item: Item) => [remove.actionOf(item)],
            send,
            warning: t[remove.warning],
          },
        })}
      />
      {doing && (
        <Doing
          {...doing}
          collection={collection}
          onClose={(done) => {
            setDoing(undefined);
            if (done) setTurn(turn + 1);
          }}
        />
      )}
    </>
  );
}

/** The way to its page stands in the first column. */
function withName<Item, Keys extends string>(
  { service, path, idOf }: Collection<Item, Keys>,
  [first, ...rest]: readonly Column<Item>[],
): readonly Column<Item>[] {
  const link = (item: Item) => (
    <Link href={hrefOf([service, path, idOf(item)])} onFollow={follow}>
      <Name>{first!.cell(item)}</Name>
    </Link>
  );
  return [{ ...first!, cell: link, text: (item) => String(first!.text?.(item) ?? first!.cell(item)) }, ...rest];
}

function One<Item, Keys extends string>({ collection, id }: Of<Item, Keys> & { id: string }) {
  const { service, path, messages, find, nameOf, columns, facts, tabs, tags, settled, remove, deeds = [], send } = collection;
  const t = useText(messages);
  const s = useText(shared);
  const answer = useAnswer(() => find(id), [id], collection.live);
  const item = answer.value;
  useUntil(answer, item === undefined || (settled?.(item) ?? true));
  const [doing, setDoing] = useState<Deed<Item, Keys>>();
  const [deleting, setDeleting] = useState(false);
  const name = item && nameOf?.(item);
  return (
    <>
      <DetailPage
        name={name && name !== id ? `${id} (${name})` : id}
        answer={answer}
        actions={
          item !== undefined && (
            <>
              {deeds.map((deed) => (
                <Button key={deed.id} disabled={!(deed.when?.(item) ?? true)} onClick={() => setDoing(deed)}>
                  {t[deed.text]}
                </Button>
              ))}
              {remove && (
                <Button disabled={!(remove.allowed?.(item) ?? true)} onClick={() => setDeleting(true)}>
                  {s.delete}
                </Button>
              )}
            </>
          )
        }
        facts={
          item === undefined
            ? []
            : [...columns(t).map(({ header, cell }) => ({ label: header, value: cell(item) || '–' })), ...(facts?.(item, t) ?? [])]
        }
        tabs={item === undefined ? [] : [...(tabs?.(item, t) ?? []), ...(tags ? [{ id: 'tags', label: s.tags, content: tags(item) }] : [])]}
      />
      {doing && item !== undefined && (
        <Doing
          deed={doing}
          item={item}
          collection={collection}
          onClose={(done) => {
            setDoing(undefined);
            if (done) answer.reload();
          }}
        />
      )}
      {deleting && remove && item !== undefined && (
        <ConfirmDelete
          items={[item]}
          nameOf={() => name || id}
          actionsOf={() => [remove.actionOf(item)]}
          send={send}
          warning={t[remove.warning]}
          onCancel={() => setDeleting(false)}
          onDone={() => goTo(hrefOf([service, path]))}
        />
      )}
    </>
  );
}

function Doing<Item, Keys extends string>({
  collection: { messages, idOf, send },
  deed,
  item,
  onClose,
}: Of<Item, Keys> & { deed: Deed<Item, Keys>; item: Item; onClose(done: boolean): void }) {
  const t = useText(messages);
  return (
    <AskedForm
      title={`${t[deed.text]}: ${idOf(item)}`}
      description={deed.hint && t[deed.hint]}
      submit={t[deed.text]}
      fields={() => deed.fields?.(item, t) ?? []}
      on={[deed, item]}
      actionsOf={(values) => deed.actionsOf(item, values)}
      send={send}
      onClose={(outputs) => onClose(outputs !== undefined)}
    />
  );
}

function Create<Item, Keys extends string>({ collection }: Of<Item, Keys>) {
  const { service, path, messages, send } = collection;
  const create = collection.create!;
  const t = useText(messages);
  const s = useText(shared);
  const answer = useAnswer(async () => await create.fields(t), [t]);
  if (!answer.value) return <DetailPage name={t[create.text]} answer={answer} />;
  return (
    <ActionForm
      title={t[create.text]}
      description={t[create.hint]}
      submit={t[create.text]}
      fields={answer.value}
      actionsOf={create.actionsOf}
      send={send}
      onCancel={() => goTo(hrefOf([service, path]))}
      onDone={(outputs, values) => {
        const id = create.made?.(outputs, values);
        notify({ type: 'success', content: fill(s.created, { name: id ?? t[collection.title] }) });
        goTo(hrefOf(id === undefined ? [service, path] : [service, path, id]));
      }}
    />
  );
}
