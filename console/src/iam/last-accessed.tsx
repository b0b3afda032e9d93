/** When somebody last used what the policies allow, service by service. */

import {
  GenerateServiceLastAccessedDetailsCommand,
  GetServiceLastAccessedDetailsCommand,
  type GetServiceLastAccessedDetailsCommandOutput,
  type ServiceLastAccessed,
} from '@aws-sdk/client-iam';
import { FromShell } from '../from-shell/panel.tsx';
import { asShown } from '../from-shell/sending.ts';
import { useText } from '../language/catalogue.ts';
import { timeText } from '../resource/format.ts';
import { Name } from '../resource/name.tsx';
import { ResourceTable } from '../resource/resource-table.tsx';
import { iam } from './client.ts';
import { messages } from './messages-access.ts';

const againMilliseconds = 500;

/** The report is made as a job of its own. */
async function lastAccessed(Arn: string): Promise<readonly ServiceLastAccessed[]> {
  const { JobId } = await iam().send(asShown(new GenerateServiceLastAccessedDetailsCommand({ Arn })));
  const found: ServiceLastAccessed[] = [];
  let page: GetServiceLastAccessedDetailsCommandOutput;
  let Marker: string | undefined;
  do {
    page = await iam().send(new GetServiceLastAccessedDetailsCommand({ JobId, ...(Marker && { Marker }) }));
    if (page.JobStatus === 'FAILED') throw Object.assign(new Error(page.Error?.Message ?? ''), { name: page.Error?.Code ?? 'Failed' });
    if (page.JobStatus === 'COMPLETED') found.push(...(page.ServicesLastAccessed ?? []));
    else await new Promise((resolve) => setTimeout(resolve, againMilliseconds));
    Marker = page.IsTruncated ? page.Marker : undefined;
  } while (page.JobStatus === 'IN_PROGRESS' || Marker !== undefined);
  return found;
}

export function LastAccessed({ arn }: { arn: string }) {
  const t = useText(messages);
  return (
    <>
      <ResourceTable<ServiceLastAccessed>
        id="iam-last-accessed"
        title={t.lastAccessed}
        description={t.lastAccessedText}
        variant="embedded"
        on={[arn]}
        load={async () => ({ items: await lastAccessed(arn) })}
        keyOf={({ ServiceNamespace }) => ServiceNamespace!}
        columns={[
          { id: 'service', header: t.service, cell: ({ ServiceName }) => ServiceName },
          { id: 'namespace', header: t.namespace, cell: ({ ServiceNamespace }) => ServiceNamespace },
          {
            id: 'used',
            header: t.used,
            cell: ({ LastAuthenticated }) => (LastAuthenticated ? timeText(LastAuthenticated) : t.never),
            text: ({ LastAuthenticated }) => Number(LastAuthenticated ?? 0),
          },
          { id: 'by', header: t.by, cell: ({ LastAuthenticatedEntity }) => <Name>{LastAuthenticatedEntity ?? '–'}</Name>, width: 320 },
        ]}
        empty={{ title: t.nothingAllowed, text: t.lastAccessedText }}
      />
      <FromShell
        actions={[
          {
            ...{ service: 'iam', operation: 'GenerateServiceLastAccessedDetails' },
            command: new GenerateServiceLastAccessedDetailsCommand({ Arn: arn }),
          },
        ]}
      />
    </>
  );
}
