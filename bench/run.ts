/** Runs every benchmark and writes docs/benchmarks.md: ratios first, with the machine named. */

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { measureBigObjects } from './big-objects.ts';
import { measureSmallRequests, type Measured } from './small-requests.ts';
import { measureStartUp } from './start-up.ts';

type Row = { what: string; haneul: string; peer: string; ratio: number; goal: string; met: boolean };

const rate = (measured: Measured): string =>
  `${Math.round(measured.perSecond).toLocaleString('en')}/s, ${Math.round(measured.cpuMicroseconds)} µs CPU`;
const speed = (mebibytes: number): string => `${Math.round(mebibytes).toLocaleString('en')} MiB/s`;
const atLeast = (what: string, haneul: string, peer: string, ratio: number, goal: number): Row => ({
  what,
  haneul,
  peer,
  ratio,
  goal: `≥ ${goal}`,
  met: ratio >= goal,
});
const atMost = (what: string, haneul: string, peer: string, ratio: number, goal: number): Row => ({
  what,
  haneul,
  peer,
  ratio,
  goal: `≤ ${goal}`,
  met: ratio <= goal,
});

const small = await measureSmallRequests();
const big = await measureBigObjects();
const start = await measureStartUp();

const rows: Row[] = [
  atLeast(
    'S3 PUT 1 KiB, durable, against s3rver',
    rate(small.haneulPut),
    rate(small.s3rverPut),
    small.haneulPut.perSecond / small.s3rverPut.perSecond,
    10,
  ),
  atLeast(
    'S3 GET 1 KiB, against s3rver',
    rate(small.haneulGet),
    rate(small.s3rverGet),
    small.haneulGet.perSecond / small.s3rverGet.perSecond,
    15,
  ),
  atLeast(
    'S3 PUT 1 GiB with MD5, against the same server without hashing',
    speed(big.putMebibytesPerSecond),
    speed(big.putUnhashedMebibytesPerSecond),
    big.putMebibytesPerSecond / big.putUnhashedMebibytesPerSecond,
    0.75,
  ),
  atMost(
    'S3 PUT and GET 1 GiB: growth of resident memory, MiB',
    `${Math.round(big.putGrowthMebibytes)} MiB`,
    '64 MiB',
    big.putGrowthMebibytes / 64,
    1,
  ),
  atLeast(
    'S3 GET 1 GiB, against a bare node:http server streaming the file',
    speed(big.getMebibytesPerSecond),
    speed(big.bareMebibytesPerSecond),
    big.getMebibytesPerSecond / big.bareMebibytesPerSecond,
    0.8,
  ),
  atMost(
    'STS GetCallerIdentity, verified and authorised: CPU against a bare node:http echo',
    rate(small.haneulSts),
    rate(small.barePost),
    small.haneulSts.cpuMicroseconds / small.barePost.cpuMicroseconds,
    4,
  ),
  atMost(
    'From launch to Ready., against an empty Node program',
    `${Math.round(start.readyMilliseconds)} ms`,
    `${Math.round(start.emptyMilliseconds)} ms`,
    start.readyMilliseconds / start.emptyMilliseconds,
    8,
  ),
  atMost(
    'Idle resident memory, against an empty node:http server',
    `${Math.round(start.idleMebibytes)} MiB`,
    `${Math.round(start.bareMebibytes)} MiB`,
    start.idleMebibytes / start.bareMebibytes,
    2,
  ),
];

const path = join(import.meta.dirname, '..', 'docs', 'benchmarks.md');
/** Sections about benchmarks that print pages of their own are written by hand. */
const byHand = readFileSync(path, 'utf8')
  .split(/^(?=## )/m)
  .slice(1)
  .join('');
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const page = `# Benchmarks

Written by \`npm run bench\` (commit ${commit}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}). Every pair was measured in one interleaved run; figures are medians. Absolute
speeds are this machine's; the ratios are what to look at.

Machine: ${cpus().length} × ${cpus()[0]!.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}. The load generator shares the cores with the servers.

| what | Haneul | peer | ratio | goal | |
|---|---|---|---|---|---|
${rows.map((row) => `| ${row.what} | ${row.haneul} | ${row.peer} | ${row.ratio.toFixed(2)} | ${row.goal} | ${row.met ? 'met' : '**missed**'} |`).join('\n')}

Idle memory is to stay below 100 MiB as well. Other benchmarks print their own pages: \`node bench/wire.ts\`, \`node bench/policy.ts\`, \`node bench/store.ts\`.

${byHand}`;
writeFileSync(path, page);
console.log(page);
