/** Writes records and blobs as fast as it can, noting on stdout whatever was acknowledged, until store-kill.test.ts kills it. */

import { createHash, randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { encodeKey } from '../../src/store/keys.ts';
import { openBlobs, openStore } from '../../src/store/open-store.ts';
import type { BlobRef } from '../../src/store/blob-store.ts';

const [dataDirectory, round] = process.argv.slice(2) as [string, string];
const store = await openStore({ dataDirectory });
const blobs = await openBlobs({ directory: join(dataDirectory, 'blobs'), store });
const stop = new AbortController().signal;
const say = (line: string): void => void writeSync(1, `${line}\n`); // written before the next step: a kill loses no acknowledgement
const account = (): Uint8Array => encodeKey('account', Math.floor(Math.random() * 100));
const balance = (text: string | undefined): number => Number(text ?? 1000);

/** A record on either side, and a transfer between two accounts, in one transaction. */
async function writePairs(writer: number): Promise<void> {
  for (let n = 0; ; n++) {
    const name = `${round}-${writer}-${n}`;
    const [from, to] = [account(), account()];
    await store.write(async (tx) => {
      await tx.put(encodeKey('left', name), JSON.stringify(name));
      if (Buffer.compare(from, to) !== 0) {
        const [a, b] = (await tx.getMany([from, to])).map(balance);
        await tx.put(from, String(a! - 1));
        await tx.put(to, String(b! + 1));
      }
      await tx.put(encodeKey('right', name), JSON.stringify(name));
    });
    say(`pair ${name}`);
  }
}

/** One key after another is put, overwritten and now and then deleted; the old bytes are let go of in the same transaction. */
async function writeBlobs(writer: number): Promise<void> {
  for (let n = 0; ; n++) {
    const name = `${writer}-${n % 20}`;
    const key = encodeKey('object', name);
    const bytes = randomBytes(n % 25 === 24 ? 1_500_000 : 1 + Math.floor(Math.random() * 8_000));
    const digest = createHash('sha256').update(bytes).digest('hex');
    const remove = n % 7 === 6;
    say(`try ${name} ${remove ? '-' : digest}`);
    const staged = remove ? undefined : await blobs.stage(bytes, { hashes: ['md5'] });
    await store.write(async (tx) => {
      const old = await tx.get(key);
      if (old) await blobs.remove(tx, (JSON.parse(old) as { ref: BlobRef }).ref);
      if (!staged) return tx.delete(key);
      await blobs.adopt(tx, staged);
      await tx.put(key, JSON.stringify({ ref: staged.ref, digest }));
    });
    say(`done ${name}`);
  }
}

async function keepHouse(): Promise<void> {
  for (;;) {
    await blobs.maintain(stop);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

say('open');
await Promise.all([
  ...Array.from({ length: 32 }, (_, n) => writePairs(n)),
  ...Array.from({ length: 16 }, (_, n) => writeBlobs(n)),
  keepHouse(),
]);
