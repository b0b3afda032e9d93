/**
 * Under what the records of an encrypted stream lie: a data key that KMS has sealed with the stream's key. Who puts must be allowed to make
 * data keys with that, who gets to open them: https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
 */

import type { KeyObject } from 'node:crypto';
import { cloudKey } from '../../../framework/blob-encryption/data-keys.ts';
import { keepNewest } from '../../../framework/bounded-map.ts';
import { askKms, makeDataKey, openDataKey, type DataKeyCaller, type DataKeyUse, type SealedDataKey } from '../../../framework/data-keys.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { fromKms } from '../errors.ts';
import { dataKeyKeptAnewMilliseconds, dataKeyReuseMilliseconds, dataKeyServesMilliseconds } from '../limits.ts';
import { dataKeys, type Stream } from '../tables.ts';
import { streamArn } from './stream.ts';

/** Who opens data keys. */
export type KeyUser = DataKeyCaller & Pick<ServiceRequest, 'account' | 'random'>;

/** A data key that this process made, for what is put into a stream. */
export type Seal = { key: KeyObject; made: number; dataKey: SealedDataKey & { id: string } };

const useOf = (stream: Stream, keyId: string): DataKeyUse => ({
  keyId,
  owner: stream,
  context: { 'aws:kinesis:arn': streamArn(stream) },
  reuseMilliseconds: dataKeyReuseMilliseconds,
});

const asking = <T>(call: Promise<T>): Promise<T> => askKms(call, fromKms);

/** Throws what KMS refuses, as Kinesis words it, unless the caller may make data keys for a stream with a key. */
export async function requireUse(request: ServiceRequest, stream: Stream, keyId: string): Promise<void> {
  await asking(makeDataKey(request, useOf(stream, keyId), true));
}

const seals = new WeakMap<object, Map<string, Seal>>();
const sealsMax = 10_000;

/**
 * What is put into a stream is encrypted under this; undefined where the stream has no encryption. One data key serves all callers of a
 * process for a day. Throws what KMS refuses.
 */
export async function sealFor(request: ServiceRequest, stream: Stream): Promise<Seal | undefined> {
  if (stream.keyId === undefined) return undefined;
  const { sealed, key } = await asking(makeDataKey(request, useOf(stream, stream.keyId)));
  let known = seals.get(request.store);
  if (!known) seals.set(request.store, (known = new Map()));
  // An alias may lead to another key than before.
  const name = `${stream.id} ${sealed.keyArn}`;
  const present = known.get(name);
  if (present && request.now - present.made < dataKeyServesMilliseconds) return present;
  const seal: Seal = { key, made: request.now, dataKey: { id: request.random.uuid(), ...sealed } };
  keepNewest(known, sealsMax, name, seal);
  return seal;
}

/** Inside the transaction that adds records under a data key: the key stays for as long as they do. */
export async function keepSeal(tx: WriteTransaction, { id: stream }: Stream, { dataKey }: Seal, arrived: number): Promise<void> {
  const present = await dataKeys.get(tx, stream, dataKey.id);
  if (present && arrived < present.used + dataKeyKeptAnewMilliseconds) return;
  await dataKeys.put(tx, { stream, ...dataKey, used: arrived });
}

/** What wraps the keys of records; `by` is absent where that is the cloud's own. Throws what KMS refuses the caller. */
export async function openingKey(request: KeyUser, stream: Stream, by: string | undefined): Promise<KeyObject> {
  if (by === undefined) return cloudKey(request, 'kinesis');
  const row = await request.store.read((tx) => dataKeys.get(tx, stream.id, by));
  if (!row) throw new Error(`records of ${streamArn(stream)} lie under data key ${by}, which is gone`);
  return asking(openDataKey(request, useOf(stream, row.keyArn), row));
}
