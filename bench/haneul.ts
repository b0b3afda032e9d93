/** Haneul as the benchmarks start it: as a user does, on a data directory of its own. */

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, start, type Server } from './processes.ts';

const launcher = join(import.meta.dirname, '..', 'haneul');

export const haneulEnvironment = {
  UV_THREADPOOL_SIZE: '16',
  NODE_COMPILE_CACHE: join(import.meta.dirname, '..', '.runtime', 'compile-cache'),
};

/** `data` is its data directory, which goes when it stops unless it was given. */
export async function startHaneul(given?: string): Promise<Server & { data: string }> {
  const port = await freePort();
  const data = given ?? mkdtempSync(join(tmpdir(), 'haneul-bench-'));
  const server = await start(launcher, ['up', '--port', String(port), '--data', data], /Ready\.$/, port, haneulEnvironment);
  const stop = async (): Promise<void> => {
    await server.stop();
    if (given === undefined) await rm(data, { recursive: true, force: true });
  };
  return { ...server, data, stop };
}
