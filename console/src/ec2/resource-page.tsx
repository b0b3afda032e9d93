/** The page of one resource of EC2: headed by its id and name, its tags in the last tab, and deleted from here where that can be. */

import Button from '@cloudscape-design/components/button';
import type { Tag } from '@aws-sdk/client-ec2';
import { useState, type ReactNode } from 'react';
import type { Action } from '../from-shell/action.ts';
import { useText } from '../language/catalogue.ts';
import { ConfirmDelete } from '../resource/confirm.tsx';
import { DetailPage, type DetailTab, type Fact } from '../resource/detail-page.tsx';
import { messages as shared } from '../resource/messages.ts';
import type { Answer } from '../resource/use-answer.ts';
import { goTo, hrefOf } from '../shell/places.ts';
import { ec2, nameOf } from './client.ts';
import type { Kind } from './id-link.tsx';
import { ResourceTags } from './resource-tags.tsx';

export function ResourcePage({
  id,
  resource,
  answer,
  actions,
  facts,
  tabs = [],
  remove,
}: {
  id: string;
  /** Undefined while it loads. */
  resource: { Tags?: Tag[] | undefined } | undefined;
  answer: Answer<unknown>;
  /** Beside deleting it. */
  actions?: ReactNode;
  facts: readonly Fact[];
  tabs?: readonly DetailTab[];
  /** `list` is where one is afterwards. */
  remove?: { list: Kind; actionOf(id: string): Action; warning: string; disabled?: boolean };
}) {
  const s = useText(shared);
  const [deleting, setDeleting] = useState(false);
  const name = resource && nameOf(resource);
  return (
    <>
      <DetailPage
        name={name ? `${id} (${name})` : id}
        answer={answer}
        actions={
          <>
            {actions}
            {remove && (
              <Button disabled={remove.disabled ?? false} onClick={() => setDeleting(true)}>
                {s.delete}
              </Button>
            )}
          </>
        }
        facts={facts}
        tabs={[...tabs, { id: 'tags', label: s.tags, content: <ResourceTags id={id} /> }]}
      />
      {deleting && remove && (
        <ConfirmDelete
          items={[id]}
          nameOf={String}
          actionsOf={() => [remove.actionOf(id)]}
          send={(command) => ec2().send(command)}
          warning={remove.warning}
          onCancel={() => setDeleting(false)}
          onDone={() => goTo(hrefOf(['ec2', remove.list]))}
        />
      )}
    </>
  );
}
