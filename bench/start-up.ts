/** From launch to `Ready.` and idle memory, against an empty Node program and an empty node:http server. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { startHaneul } from './haneul.ts';
import { startBareServer } from './peers.ts';
import { median, residentMebibytes } from './processes.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const SETTLE_MILLISECONDS = 3_000;

export type StartUp = { emptyMilliseconds: number; readyMilliseconds: number; idleMebibytes: number; bareMebibytes: number };

export async function measureStartUp(): Promise<StartUp> {
  const empty: number[] = [];
  const ready: number[] = [];
  await (await startHaneul()).stop(); // fills the compile cache, as the first start of a user does
  for (let round = 0; round < ROUNDS; round++) {
    let begun = performance.now();
    await once(spawn(process.execPath, ['-e', '0']), 'exit');
    empty.push(performance.now() - begun);
    begun = performance.now();
    const server = await startHaneul();
    ready.push(performance.now() - begun);
    await server.stop();
  }
  const haneul = await startHaneul();
  const bare = await startBareServer();
  await setTimeout(SETTLE_MILLISECONDS);
  const result = {
    emptyMilliseconds: median(empty),
    readyMilliseconds: median(ready),
    idleMebibytes: residentMebibytes(haneul.pid).now,
    bareMebibytes: residentMebibytes(bare.pid).now,
  };
  await Promise.all([haneul.stop(), bare.stop()]);
  return result;
}

if (import.meta.main) console.table(await measureStartUp());
