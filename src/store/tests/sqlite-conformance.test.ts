/** The embedded driver runs the conformance suite: as in production, restarting its WAL all the time, rehearsing, and temporary. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { SqliteStore, type SqliteOptions } from '../drivers/sqlite/sqlite-store.ts';
import { openStore } from '../open-store.ts';
import { conformance } from './conformance.ts';

const directory = mkdtempSync(join(tmpdir(), 'haneul-conformance-'));
after(() => rmSync(directory, { recursive: true }));

let opened = 0;
const embedded = (options: SqliteOptions) => async () => new SqliteStore(join(directory, String(opened++)), options);

conformance('sqlite', embedded({}));
conformance('sqlite, restarting the WAL all the time', embedded({ walFrames: 0 }));
conformance('sqlite, each closure run twice', embedded({ rehearse: true }));
conformance('temporary', () => openStore({ temporary: true }));
