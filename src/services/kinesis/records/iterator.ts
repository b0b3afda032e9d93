/** Shard iterators: where a reader stands, in a text of its own; good for five minutes. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { expiredIterator, invalidIterator } from '../errors.ts';
import { iteratorMilliseconds } from '../limits.ts';
import type { Stream } from '../tables.ts';

export type Iterator = {
  account: string;
  region: string;
  name: string;
  /** The stream's id. */ id: string;
  shard: number;
  position: number;
  created: number;
};

const form = /^1\/(\d{12})\/([a-z0-9-]{1,32})\/([a-zA-Z0-9_.-]{1,128})\/([a-f0-9-]{36})\/(\d{1,10})\/(\d{1,16})\/(\d{1,16})$/;

/** An iterator that begins with the record at `position`, or the first one after it. */
export function encodeIterator({ account, region, name, id }: Stream, shard: number, position: number, now: number): string {
  return Buffer.from(`1/${account}/${region}/${name}/${id}/${shard}/${position}/${now}`).toString('base64');
}

/** Throws InvalidArgumentException for what is no iterator, ExpiredIteratorException for one that is too old. */
export function decodeIterator(request: ServiceRequest, input: { ShardIterator: string }): Iterator {
  // AWS takes them out of the quotes in which shells leave them.
  const text = input.ShardIterator.replace(/^"(.*)"$/, '$1');
  const bytes = Buffer.from(text, 'base64');
  const parts = form.exec(bytes.toString('latin1'));
  if (!parts || bytes.toString('base64') !== text) throw invalidIterator();
  const [, account, region, name, id, shard, position, created] = parts as unknown as string[];
  const iterator = {
    account: account!,
    region: region!,
    name: name!,
    id: id!,
    shard: Number(shard),
    position: Number(position),
    created: Number(created),
  };
  // The call's own time may be a little behind a clock that moves.
  const now = request.clock.now();
  if (iterator.region !== request.region || iterator.created > now) throw invalidIterator();
  if (now - iterator.created > iteratorMilliseconds) throw expiredIterator(iterator.created, now);
  return iterator;
}
