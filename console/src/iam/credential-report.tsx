/** The credential report: every user's password, keys and MFA in one table, and the same as a file. */

import Button from '@cloudscape-design/components/button';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { GenerateCredentialReportCommand, GetCredentialReportCommand } from '@aws-sdk/client-iam';
import { useState } from 'react';
import { FromShell } from '../from-shell/panel.tsx';
import { asShown } from '../from-shell/sending.ts';
import { useText } from '../language/catalogue.ts';
import { timeText } from '../resource/format.ts';
import { Name } from '../resource/name.tsx';
import { ResourceTable } from '../resource/resource-table.tsx';
import { iam } from './client.ts';
import { messages } from './messages-access.ts';

type Row = Readonly<Record<string, string>>;

const againMilliseconds = 500;

/** As IAM writes it: no value has a comma in it. */
export function rowsOf(csv: string): Row[] {
  const [head = '', ...lines] = csv.trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, at) => [names[at]!, value])));
}

async function report(): Promise<string> {
  while ((await iam().send(asShown(new GenerateCredentialReportCommand({})))).State !== 'COMPLETE')
    await new Promise((resolve) => setTimeout(resolve, againMilliseconds));
  const { Content } = await iam().send(new GetCredentialReportCommand({}));
  return new TextDecoder().decode(Content);
}

function save(csv: string): void {
  const address = URL.createObjectURL(new Blob([csv], { type: 'text/csv' }));
  Object.assign(document.createElement('a'), { href: address, download: 'credential-report.csv' }).click();
  URL.revokeObjectURL(address);
}

/** Times are ISO 8601; other values say why there is none. */
const shown = (value: string | undefined): string =>
  value && /^\d{4}-/.test(value) ? timeText(value) : (value ?? '–').replaceAll('_', ' ');

export function CredentialReport() {
  const t = useText(messages);
  const [csv, setCsv] = useState<string>();
  const column = (id: string, header: string, hidden = false) => ({
    ...{ id, header, hidden, width: id === 'user_creation_time' ? 230 : 200 },
    cell: (row: Row) => <Name>{shown(row[id])}</Name>,
    text: (row: Row) => row[id] ?? '',
  });
  return (
    <SpaceBetween size="l">
      <ResourceTable<Row>
        id="iam-credential-report"
        title={t.report}
        description={t.reportText}
        load={async () => {
          const text = await report();
          setCsv(text);
          return { items: rowsOf(text) };
        }}
        headerExtra={
          <Button iconName="download" disabled={csv === undefined} onClick={() => save(csv!)}>
            {t.download}
          </Button>
        }
        keyOf={(row) => row['user']!}
        columns={[
          column('user', t.user),
          column('user_creation_time', t.created),
          column('password_enabled', t.password),
          column('password_last_used', t.passwordUsed),
          column('mfa_active', t.mfa),
          column('access_key_1_active', t.firstKey),
          column('access_key_1_last_used_date', t.firstKeyUsed),
          column('access_key_1_last_rotated', t.firstKeyMade, true),
          column('access_key_2_active', t.secondKey, true),
          column('access_key_2_last_used_date', t.secondKeyUsed, true),
          column('arn', 'ARN', true),
        ]}
        empty={{ title: t.reportEmpty, text: t.reportText }}
      />
      <FromShell
        actions={[
          { service: 'iam', operation: 'GenerateCredentialReport', command: new GenerateCredentialReportCommand({}) },
          { service: 'iam', operation: 'GetCredentialReport', command: new GetCredentialReportCommand({}) },
        ]}
      />
    </SpaceBetween>
  );
}
