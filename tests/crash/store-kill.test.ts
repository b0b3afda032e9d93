/** The store and its blobs under load are killed twenty times: what was acknowledged is there, and nothing is there by half. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { below, decodeKey, encodeKey } from '../../src/store/keys.ts';
import { openBlobs, openStore } from '../../src/store/open-store.ts';
import type { BlobRef } from '../../src/store/blob-store.ts';
import type { ReadTransaction } from '../../src/store/store.ts';

const rounds = 20;
const dataDirectory = mkdtempSync(join(tmpdir(), 'haneul-kill-'));
after(() => rmSync(dataDirectory, { recursive: true, force: true }));

/** What the writer said: pairs that must be there; for each object the digest that was acknowledged, and one that was being written. */
type Said = { pairs: Set<string>; objects: Map<string, string>; trying: Map<string, string> };
const said: Said = { pairs: new Set(), objects: new Map(), trying: new Map() };

test('kill -9 at random moments', async (context) => {
  for (let round = 1; round <= rounds; round++) {
    await writeUntilKilled(round, 250 + Math.random() * 500);
    await check();
  }
  context.diagnostic(`${rounds} kills, ${said.pairs.size} transactions and ${said.objects.size} objects checked, none lost`);
  await checkOrphans();
});

async function writeUntilKilled(round: number, milliseconds: number): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'store-writer.ts'), dataDirectory, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  await once(child.stdout, 'data');
  await sleep(milliseconds);
  child.kill('SIGKILL');
  await closed;
  for (const line of text.split('\n').slice(0, -1)) hear(line.split(' ') as [string, string, string]);
}

function hear([word, name, digest]: [string, string, string]): void {
  if (word === 'pair') said.pairs.add(name);
  if (word === 'try') said.trying.set(name, digest);
  if (word === 'done') {
    said.objects.set(name, said.trying.get(name)!);
    said.trying.delete(name);
  }
}

async function check(): Promise<void> {
  const store = await openStore({ dataDirectory });
  const blobs = await openBlobs({ directory: join(dataDirectory, 'blobs'), store });
  const names = async (tx: ReadTransaction, table: string) =>
    (await tx.range(below(encodeKey(table)))).map(([key]) => decodeKey(key)[1] as string);
  const [left, right, accounts, objects] = await store.read(
    async (tx) =>
      [
        await names(tx, 'left'),
        await names(tx, 'right'),
        await tx.range(below(encodeKey('account'))),
        await tx.range(below(encodeKey('object'))),
      ] as const,
  );
  assert.deepEqual(left, right, 'no transaction is there by half');
  const there = new Set(right);
  assert.equal([...said.pairs].filter((name) => !there.has(name)).length, 0, 'acknowledged transactions are there');
  assert.equal(
    accounts.reduce((sum, [, text]) => sum + Number(text) - 1000, 0),
    0,
    'transfers neither make nor lose anything',
  );

  const found = new Map<string, string>();
  for (const [key, text] of objects) {
    const { ref, digest } = JSON.parse(text) as { ref: BlobRef; digest: string };
    assert.equal(
      createHash('sha256')
        .update(await blobs.bytes(ref))
        .digest('hex'),
      digest,
      'the bytes of every object are whole',
    );
    found.set(decodeKey(key)[1] as string, digest);
  }
  for (const name of new Set([...said.objects.keys(), ...said.trying.keys(), ...found.keys()])) {
    const now = found.get(name) ?? '-';
    const possible = [said.objects.get(name) ?? '-', ...(said.trying.has(name) ? [said.trying.get(name)!] : [])];
    assert.ok(possible.includes(now), `${name} is what was acknowledged last, or what was being written`);
    said.objects.set(name, now);
  }
  said.trying.clear();
  await blobs.close();
  await store.close();
}

/** After a quarter of an hour nothing is left of what the kills interrupted. */
async function checkOrphans(): Promise<void> {
  const store = await openStore({ dataDirectory });
  const directory = join(dataDirectory, 'blobs');
  let ahead = 20 * 60_000;
  const blobs = await openBlobs({ directory, store, now: () => Date.now() + ahead });
  await blobs.maintain(new AbortController().signal);
  ahead += 2 * 60_000;
  await blobs.maintain(new AbortController().signal);
  const refs = await store.read(async (tx) =>
    (await tx.range(below(encodeKey('object')))).map(([, text]) => (JSON.parse(text) as { ref: BlobRef }).ref),
  );
  for (const ref of refs) assert.equal((await blobs.bytes(ref)).length, ref.size);
  const files = readdirSync(join(directory, 'files'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('-'));
  assert.equal(files.length, refs.filter(({ id }) => id.startsWith('f.')).length, 'every file has an owner');
  await blobs.close();
  await store.close();
}
