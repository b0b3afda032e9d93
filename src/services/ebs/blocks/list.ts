/** ListSnapshotBlocks and ListChangedBlocks: https://docs.aws.amazon.com/ebs/latest/userguide/readsnapshots.html */

import type { KeyObject } from 'node:crypto';
import {
  blockBytes,
  snapshotBlocks,
  snapshots,
  unknownVolume,
  type Snapshot,
  type SnapshotBlock,
} from '../../../framework/ebs-snapshots/snapshot.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { validation } from '../errors.ts';
import { blockTokenMilliseconds, listed } from '../limits.ts';
import type { Operation } from '../sdk.ts';
import { requireComplete } from '../snapshots/lookup.ts';
import { blockToken, pageStart, pageToken, tokenKey } from './tokens.ts';

type PageInput = { NextToken?: string | undefined; MaxResults?: number | undefined; StartingBlockIndex?: number | undefined };

export const ListSnapshotBlocks: Operation<'ListSnapshotBlocks'> = async (request, input) => {
  const { SnapshotId: id } = input;
  const key = await tokenKey(request);
  const { from, limit } = pageOf(key, id, input);
  const { row, page } = await request.store.read(async (tx) => ({
    row: await requireComplete(tx, request, id),
    page: await blocksFrom(tx, id, from, limit),
  }));
  const ExpiryTime = new Date(request.now + blockTokenMilliseconds);
  return {
    Blocks: page.map((block) => ({ BlockIndex: block.index, BlockToken: blockToken(key, block, ExpiryTime.getTime()) })),
    ...{ ExpiryTime, VolumeSize: row.gibibytes, BlockSize: blockBytes },
    ...(page.length === limit && { NextToken: pageToken(key, id, page.at(-1)!.index + 1) }),
  };
};

export const ListChangedBlocks: Operation<'ListChangedBlocks'> = async (request, input) => {
  const { FirstSnapshotId: firstId, SecondSnapshotId: secondId } = input;
  const key = await tokenKey(request);
  const list = `${firstId ?? ''} ${secondId}`;
  const { from, limit } = pageOf(key, list, input);
  const { second, changed, next } = await request.store.read(async (tx) => {
    const later = await requireComplete(tx, request, secondId);
    const earlier = firstId === undefined ? undefined : await requireComplete(tx, request, firstId);
    if (earlier && !(await areRelated(tx, earlier, later)))
      throw validation('UNRELATED_SNAPSHOTS', `The snapshots '${firstId}' and '${secondId}' are not of the same volume and lineage.`);
    const before = earlier ? await blocksFrom(tx, earlier.id, from, limit) : [];
    return { second: later, ...changes(before, await blocksFrom(tx, secondId, from, limit), limit) };
  });
  const ExpiryTime = new Date(request.now + blockTokenMilliseconds);
  const token = (block: SnapshotBlock): string => blockToken(key, block, ExpiryTime.getTime());
  return {
    ChangedBlocks: changed.map(({ index, before, after }) => ({
      BlockIndex: index,
      ...(before && { FirstBlockToken: token(before) }),
      ...(after && { SecondBlockToken: token(after) }),
    })),
    ...{ ExpiryTime, VolumeSize: second.gibibytes, BlockSize: blockBytes },
    ...(next !== undefined && { NextToken: pageToken(key, list, next) }),
  };
};

/** Fewer than a hundred are taken for a hundred: https://docs.aws.amazon.com/ebs/latest/userguide/ebsapi-faq.html */
function pageOf(
  key: KeyObject,
  list: string,
  { NextToken, MaxResults, StartingBlockIndex = 0 }: PageInput,
): { from: number; limit: number } {
  if (MaxResults !== undefined && (!Number.isInteger(MaxResults) || MaxResults < 1 || MaxResults > listed.max))
    throw validation('INVALID_PARAMETER_VALUE', `MaxResults must be between ${listed.min} and ${listed.max}.`);
  if (!Number.isInteger(StartingBlockIndex) || StartingBlockIndex < 0)
    throw validation('INVALID_PARAMETER_VALUE', 'StartingBlockIndex must be 0 or more.');
  const from = NextToken === undefined ? StartingBlockIndex : pageStart(key, list, NextToken);
  return { from, limit: Math.max(listed.min, MaxResults ?? listed.max) };
}

async function blocksFrom(tx: ReadTransaction, snapshot: string, from: number, limit: number): Promise<SnapshotBlock[]> {
  const found = await snapshotBlocks.between(tx, [snapshot, from], [snapshot, Number.MAX_SAFE_INTEGER], { limit });
  return found.map(({ row }) => row);
}

type Change = { index: number; before: SnapshotBlock | undefined; after: SnapshotBlock | undefined };

/** What differs between two pages that begin at one index, up to where the shorter of them ends; `next` is where the next page begins. */
function changes(before: readonly SnapshotBlock[], after: readonly SnapshotBlock[], limit: number): { changed: Change[]; next?: number } {
  const ends = [before, after].filter((page) => page.length === limit).map((page) => page.at(-1)!.index);
  const last = ends.length > 0 ? Math.min(...ends) : Number.MAX_SAFE_INTEGER;
  const both = new Map<number, Change>();
  for (const block of before) both.set(block.index, { index: block.index, before: block, after: undefined });
  for (const block of after) both.set(block.index, { index: block.index, before: both.get(block.index)?.before, after: block });
  const changed = [...both.values()]
    .filter(({ index, before: one, after: other }) => index <= last && one?.hash !== other?.hash)
    .sort((a, b) => a.index - b.index);
  if (changed.length > limit) return { changed: changed.slice(0, limit), next: changed[limit - 1]!.index + 1 };
  return { changed, ...(ends.length > 0 && { next: last + 1 }) };
}

const lineageMax = 1000;

/** Of one volume, or one built upon the other. */
async function areRelated(tx: ReadTransaction, first: Snapshot, second: Snapshot): Promise<boolean> {
  if (first.volume === second.volume && first.volume !== unknownVolume) return true;
  const ancestors = async (row: Snapshot): Promise<Set<string>> => {
    const ids = new Set([row.id]);
    for (let at: Snapshot | undefined = row; at?.source !== undefined && ids.size < lineageMax;) {
      ids.add(at.source);
      at = await snapshots.find(tx, 'id', at.region, at.source);
    }
    return ids;
  };
  const [one, other] = [await ancestors(first), await ancestors(second)];
  return [...one].some((id) => other.has(id));
}
