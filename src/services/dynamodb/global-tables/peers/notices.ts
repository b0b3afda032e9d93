/** What other Haneuls are still to be told of a table: one notice a region, written with the change itself and kept until it has been heard. */

import type { WriteTransaction } from '../../../../store/store.ts';
import { resourceInUse } from '../../errors.ts';
import { replicationNotices } from '../../tables.ts';
import type { Member } from '../global-table.ts';
import type { NewReplica } from '../membership.ts';

export type Notice = {
  account: string;
  region: string;
  name: string;
  /** A region in another Haneul. */
  target: string;
  kind: 'table' | 'leave' | 'delete';
  /** Set while the replica there is to be made. */
  create?: NewReplica;
  /** Grows with each change, so that what was added while an older notice was under way is not forgotten. */
  number: number;
};

type Where = { account: string; region: string; name: string };

/** Puts a notice over the one that may be waiting: a table that goes has nothing else to tell. */
export async function notify(
  tx: WriteTransaction,
  { account, region, name }: Where,
  target: string,
  told: Pick<Notice, 'kind' | 'create'>,
): Promise<void> {
  const waiting = await replicationNotices.get(tx, account, region, name, target);
  const create = told.create ?? (told.kind === 'table' ? waiting?.create : undefined);
  const number = (waiting?.number ?? 0) + 1;
  await replicationNotices.put(tx, { account, region, name, target, kind: told.kind, number, ...(create && { create }) });
}

/** A replica cannot be made anew before the other side has heard that the old one goes. */
export async function refuseWhileLeaving(tx: WriteTransaction, { account, region, name }: Where, target: string): Promise<void> {
  const waiting = await replicationNotices.get(tx, account, region, name, target);
  if (waiting && waiting.kind !== 'table') throw resourceInUse(`The replica in ${target} is still being deleted: ${name}`);
}

/** Tells every member in another Haneul. */
export async function notifyPeers(tx: WriteTransaction, table: Member, kind: Notice['kind']): Promise<void> {
  for (const { region, status, peer } of table.global.replicas)
    if (peer && status !== 'CREATION_FAILED') await notify(tx, table, region, { kind });
}
