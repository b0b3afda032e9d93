/**
 * Rows by the ten million, written into the store of a stopped cloud as the calls would have left them, in the order of the store's keys:
 * where it is asked how fast single calls are beside so many, and not how fast they come in.
 */

import { createHmac, createSecretKey, hash } from 'node:crypto';
import { newDataKey } from '../src/framework/blob-encryption/data-keys.ts';
import { encryptor } from '../src/framework/blob-encryption/frames.ts';
import { sealingKey } from '../src/framework/session-token.ts';
import { systemRandom } from '../src/runtime/random.ts';
import { entryOf, putEntry } from '../src/services/dynamodb/items/write.ts';
import { indexEntryKey, itemKey, partitionHash } from '../src/services/dynamodb/storage/keys.ts';
import { encodeRow, putRow } from '../src/services/dynamodb/storage/rows.ts';
import { tables } from '../src/services/dynamodb/tables.ts';
import type { Item } from '../src/services/dynamodb/values/attribute-value.ts';
import { encodeKeyValue } from '../src/services/dynamodb/values/key-encoding.ts';
import { objects } from '../src/services/s3/tables.ts';
import { formatInline } from '../src/store/blobs/blob-id.ts';
import { createCrc64Nvme } from '../src/store/hashing/crc64nvme.ts';
import { openStore } from '../src/store/open-store.ts';
import type { Store, WriteTransaction } from '../src/store/store.ts';

const ROWS_PER_WRITE = 2_000;
const TOLD_EVERY = 1_000_000;

/** What writes rows one after the other, some thousand a transaction. */
type Pen = { write(one: (tx: WriteTransaction) => Promise<unknown>): Promise<void>; end(): Promise<void> };

function penOn(store: Store, what: string): Pen {
  let waiting: ((tx: WriteTransaction) => Promise<unknown>)[] = [];
  let written = 0;
  const flush = async (): Promise<void> => {
    const rows = waiting;
    waiting = [];
    await store.write(async (tx) => {
      for (const one of rows) await one(tx);
    }, 'relaxed');
    if (Math.floor(written / TOLD_EVERY) < Math.floor((written + rows.length) / TOLD_EVERY))
      console.log(`${new Date().toISOString()} ${(written + rows.length).toLocaleString('en')} ${what}`);
    written += rows.length;
  };
  return {
    write: async (one) => {
      waiting.push(one);
      if (waiting.length === ROWS_PER_WRITE) await flush();
    },
    end: flush,
  };
}

async function withStore(data: string, run: (store: Store) => Promise<void>): Promise<void> {
  const store = await openStore({ dataDirectory: data });
  try {
    await run(store);
  } finally {
    await store.close();
  }
}

const byHash = (keys: readonly string[]): string[] =>
  keys
    .map((key) => ({ key, order: partitionHash(encodeKeyValue({ S: key })).toString('latin1') }))
    .toSorted((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ key }) => key);

export type Filling = {
  table: string;
  /** Partition keys, each with the numbers of its items: of the table, and of its one index. */
  partitions: ReadonlyMap<string, readonly number[]>;
  entries: ReadonlyMap<string, readonly number[]>;
  itemOf: (n: number) => object;
};

/** Items of a table, and their entries in its index. */
export async function fillTable(data: string, { table: name, partitions, entries, itemOf }: Filling): Promise<void> {
  await withStore(data, async (store) => {
    const table = (await store.read((tx) => tables.get(tx, '000000000000', 'us-east-1', name)))!;
    const [index] = table.indexes;
    const items = penOn(store, 'items');
    for (const key of byHash([...partitions.keys()]))
      for (const n of partitions.get(key)!)
        await items.write((tx) => {
          const item = itemOf(n) as Item;
          return putRow(tx, itemKey(table, item), encodeRow(item, table.keys[1]?.name));
        });
    await items.end();
    const inIndex = penOn(store, 'index entries');
    for (const key of byHash([...entries.keys()]))
      for (const n of entries.get(key)!)
        await inIndex.write((tx) => {
          const entry = entryOf(table, index!, itemOf(n) as Item)!;
          return putEntry(tx, table, indexEntryKey(table, index!, entry), entry);
        });
    await inIndex.end();
  });
}

function crc64(bytes: Uint8Array): string {
  const sum = createCrc64Nvme();
  sum.update(bytes);
  return sum.digest().toString('base64');
}

/** Small objects of a bucket, encrypted as all are; `keys` come in the order of the store. */
export async function fillBucket(data: string, bucket: string, keys: Iterable<{ key: string; body: Buffer }>): Promise<void> {
  await withStore(data, async (store) => {
    const random = systemRandom();
    const wrapping = createSecretKey(
      createHmac('sha256', await sealingKey(store, random))
        .update('s3 data keys')
        .digest(),
    );
    const pen = penOn(store, 'objects');
    for (const { key, body } of keys) {
      const dataKey = newDataKey(wrapping, random);
      const through = encryptor(dataKey.key);
      const bytes = Buffer.concat([through.update(body), through.final()]);
      const object = {
        ...{ bucket, key, modified: Date.now(), size: body.length, etag: hash('md5', body) },
        checksum: { algorithm: 'CRC64NVME' as const, value: crc64(body) },
        ...{ blob: { id: formatInline(bytes), size: bytes.length }, dataKey: dataKey.wrapped },
      };
      await pen.write((tx) => objects.put(tx, object));
    }
    await pen.end();
  });
}
