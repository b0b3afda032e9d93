/** Makes exports: the rows of the moment that was asked for, then a file at a time, then the manifests. */

import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { copyPage, undoPage } from '../backups/copying.ts';
import { headOf } from '../change-feeds/feed.ts';
import { clearances, exportFiles, exports, tables } from '../tables.ts';
import { tableArn } from '../tables/table.ts';
import { transferReconciler, type Outcome } from '../transfers.ts';
import { collectPage, resolvePage } from './changes.ts';
import { historyOf, type Export } from './export.ts';
import { putManifests, putNextFile, putStarted } from './files.ts';

export const exporter = transferReconciler<Export>({
  name: 'dynamodb/exporter',
  table: exports,
  titleOf: ({ id, table }) => `export ${id} of table ${table.name}`,
  carryOn,
  end,
  ownCodes: /^S3/,
});

async function carryOn(context: ReconcilerContext, made: Export): Promise<void> {
  const { store, signal, now } = context;
  if (made.files === 0 && (made.step.name === 'copy' || made.step.name === 'collect')) await putStarted(context, made);
  let present: Export | undefined = made;
  while (!signal.aborted && present?.status === 'IN_PROGRESS' && present.step.name !== 'write')
    present = await store.write((tx) => prepare(tx, made, now));
  while (!signal.aborted && present?.status === 'IN_PROGRESS') {
    const next: Export | undefined = await putNextFile(context, present);
    if (!next) return finish(context, present);
    present = next;
  }
}

/** One page of making the rows; gives the export as it is then. */
async function prepare(tx: WriteTransaction, { account, region, id }: Export, now: number): Promise<Export | undefined> {
  const made = await exports.get(tx, account, region, id);
  if (made?.status !== 'IN_PROGRESS') return made;
  const table = await tables.get(tx, account, region, made.table.name);
  if (table?.id !== made.table.id || table.recovery?.space !== made.table.recovery!.space)
    return end(
      tx,
      made,
      { status: 'FAILED', failure: { code: 'InternalServerError', message: 'The table or its history has gone.' } },
      now,
    );
  const next = { ...made, step: await nextStep(tx, made, now) };
  await exports.put(tx, next);
  return next;
}

async function nextStep(tx: WriteTransaction, made: Export, now: number): Promise<Export['step']> {
  const { step, table, account, region, space } = made;
  const history = historyOf(made);
  switch (step.name) {
    case 'copy': {
      const place = { account, region };
      const { cursor } = await copyPage(tx, { ...place, space: table.space }, { ...place, space }, step.cursor);
      return cursor === undefined ? { name: 'undo', at: (await headOf(tx, history, now)).next - 1 } : { name: 'copy', cursor };
    }
    case 'undo': {
      const left = await undoPage(tx, history, { ...table, space }, step.at, (at) => at > made.time);
      return left === undefined ? { name: 'write' } : { name: 'undo', at: left };
    }
    case 'collect':
      return collectPage(tx, made, step.at);
    case 'resolve':
      return resolvePage(tx, made, step, now);
    default:
      return step;
  }
}

async function finish(context: ReconcilerContext, made: Export): Promise<void> {
  const ended = context.clock.now();
  await putManifests(context, { ...made, ended });
  const { account, region, table } = made;
  await context.store.write((tx) => end(tx, made, { status: 'COMPLETED' }, ended));
  const usage = { usageType: 'ExportDataSize-Bytes', unit: 'Bytes' as const, quantity: made.bytes, resource: tableArn(table) };
  context.meter.record({ ...usage, account, region, service: 'dynamodb', operation: 'ExportTableToPointInTime', at: ended });
}

/** The rows that were made for it are of no more use. */
async function end(tx: WriteTransaction, made: Export, outcome: Outcome, ended: number): Promise<Export> {
  const { account, region, id, space } = made;
  const present = (await exports.get(tx, account, region, id)) ?? made;
  const next = { ...present, ...outcome, ended };
  await exports.put(tx, next);
  for (const { row } of await exportFiles.scan(tx, [account, region, id])) await exportFiles.delete(tx, account, region, id, row.number);
  await clearances.put(tx, { account, region, space });
  return next;
}
