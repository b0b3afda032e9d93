/** PartiQL by hand. */

import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import Textarea from '@cloudscape-design/components/textarea';
import { ExecuteStatementCommand } from '@aws-sdk/client-dynamodb';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { FromShell } from '../from-shell/panel.tsx';
import { asShown } from '../from-shell/sending.ts';
import { FailureAlert } from '../resource/failure.tsx';
import { Name } from '../resource/name.tsx';
import { notify } from '../shell/notices.ts';
import { dynamodb, shortText, type Item } from './client.ts';
import { messages } from './messages.ts';

export function PartiQl() {
  const t = useText(messages);
  const [statement, setStatement] = useState('');
  const [items, setItems] = useState<Item[]>();
  const [next, setNext] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const run = async (more: boolean): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const command = new ExecuteStatementCommand({ Statement: statement, ...(more && next && { NextToken: next }) });
      const page = await dynamodb().send(asShown(command));
      setItems((before) => [...(more ? (before ?? []) : []), ...(page.Items ?? [])]);
      setNext(page.NextToken);
      if (!/^\s*select/i.test(statement)) notify({ type: 'success', content: t.done });
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const names = [...new Set((items ?? []).flatMap((item) => Object.keys(item)))].slice(0, 16);
  return (
    <ContentLayout header={<Header variant="h1">{t.partiql}</Header>}>
      <SpaceBetween size="l">
        <Container>
          <SpaceBetween size="m">
            <FormField label={t.statement} description={t.statementHint} stretch>
              <div className="json">
                <Textarea value={statement} rows={5} spellcheck={false} onChange={({ detail }) => setStatement(detail.value)} />
              </div>
            </FormField>
            <Button variant="primary" disabled={statement.trim() === ''} loading={busy} onClick={() => void run(false)}>
              {t.run}
            </Button>
            {problem !== undefined && <FailureAlert error={problem} />}
          </SpaceBetween>
        </Container>
        {items && (
          <Table
            items={items}
            resizableColumns
            empty={t.noItems}
            header={
              <Header
                variant="h2"
                counter={`(${items.length}${next ? '+' : ''})`}
                actions={
                  <Button disabled={!next} onClick={() => void run(true)}>
                    {t.runMore}
                  </Button>
                }
              >
                {t.result}
              </Header>
            }
            columnDefinitions={names.map((name) => ({
              id: name,
              header: name,
              minWidth: 120,
              cell: (item: Item) => <Name>{shortText(item[name])}</Name>,
            }))}
          />
        )}
        <FromShell
          actions={[{ service: 'dynamodb', operation: 'ExecuteStatement', command: new ExecuteStatementCommand({ Statement: statement }) }]}
        />
      </SpaceBetween>
    </ContentLayout>
  );
}
