/** Blobs in a directory. */

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { openBlobs } from '../blobs/blobs.ts';
import { openStore } from '../open-store.ts';
import { blobConformance } from './blob-conformance.ts';

blobConformance('a directory', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'haneul-blobs-'));
  const store = await openStore({ temporary: true });
  let ahead = 0;
  const blobs = await openBlobs({ directory, store, now: () => Date.now() + ahead });
  after(async () => {
    await blobs.close();
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    store,
    blobs,
    pass: (minutes) => void (ahead += minutes * 60_000),
    big: async () => readdirSync(join(directory, 'files'), { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('-')),
  };
});
