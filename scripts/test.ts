/** Runs the tests: `node scripts/test.ts [PATTERN] [--quick]`. The last line is `N passed, N failed`, with `, N skipped` when some were. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { run } from 'node:test';
import { parseArgs } from 'node:util';
import { installTestPackages } from './debian-packages.ts';
import { watchLeftovers } from './leftovers.ts';
import { failureOf, sum, tellFailure, type Counts } from './testing/outcome.ts';
import { startSharedProcess, type SharedProcess } from './testing/shared-processes.ts';

export type TestRun = {
  /** Only files whose path contains this. */
  pattern: string | undefined;
  /** Leaves out what takes minutes. */
  quick: boolean;
  write(line: string): void;
};

const home = dirname(import.meta.dirname);
/** What the quick run leaves out: whole clouds under real clients, PostgreSQL, real machines, and properties, which try thousands of cases. */
const longTests = [
  /^tests\/(cli|console|conformance|crash|fuzz|house|journeys|machines|network|simulation|tools|upgrade|wire)\//,
  /^src\/host\/machines\/tests\//,
  /^src\/store\/tests\/postgres\.test\.ts$/,
  /\.model\.test\.ts$/,
];
/** Terraform's provider pauses for most of its minutes: its files run one by one beside all others. */
const pausing = /^tests\/tools\/terraform/;
/** As many as a small machine has cores: a test that fights for the processor tells nothing. */
const filesAtOnce = 2;
const testMillisecondsMax = 15 * 60 * 1000;
/** A file that never ends would keep what the others have found from whoever waits: what is left of the run by then fails. */
const runMillisecondsMax = 70 * 60 * 1000;
/** More failed files than this are no accident: the whole run has failed, and none is run again. */
const filesAgainMax = 3;

/**
 * A file of tests in a process of its own takes two seconds of a core before its first test. Those of `src` and `scripts` share two
 * processes, one after the other (docs/decisions/0063); these do not.
 */
const ownProcess = [
  /^tests\//, // start programs, browsers and machines for minutes, or read what is set for a process
  /^src\/host\/machines\/tests\//, // boot real machines
  /^src\/host\/spawner\.test\.ts$/, // starts programs from a process as small as Haneul's, which a shared one is not
];
/** Nor does a file that changes what all modules of a process see: Node's own modules, the environment, the directory. */
const changesProcess = /syncBuiltinESMExports|process\.chdir\(|process\.env\[[^\]]+\]\s*(\?\?)?=[^=]|mock\.(method|module|timers)/;
const mayShare = (file: string): boolean =>
  !ownProcess.some((own) => own.test(file)) && !changesProcess.test(readFileSync(join(home, file), 'utf8'));

/** Resolves to the exit code: 0 when at least one test ran and none failed. */
export async function runTests({ pattern = '', quick, write }: TestRun): Promise<number> {
  const files = globSync(['src/**/*.test.ts', 'tests/**/*.test.ts', 'scripts/**/*.test.ts'], { cwd: home })
    .filter((file) => file.includes(pattern))
    .filter((file) => !quick || !longTests.some((long) => long.test(file)))
    .sort();
  if (files.length === 0) {
    write(`No test file's path contains '${pattern}'.`);
    write('0 passed, 1 failed');
    return 1;
  }
  await bringUpToDate();
  await installTestPackages(packagesFor(files), write);
  if (quick) process.env['HANEUL_TESTS'] = 'quick';
  process.env['NODE_COMPILE_CACHE'] ??= join(home, '.runtime', 'compile-cache'); // a third of a process's start is compiling
  const leftovers = watchLeftovers();
  process.env['TMPDIR'] = leftovers.place;
  const outcomes = new Map<string, Counts>();
  const deadline = AbortSignal.timeout(runMillisecondsMax);
  const progress = { outcomes, filesInAll: files.length, write, deadline };
  const [sleepers, workers] = [files.filter((file) => pausing.test(file)), files.filter((file) => !pausing.test(file))];
  // What has a process of its own first, and the store and services before the small rules of the framework: the end is even.
  const queue = [...workers.filter((file) => !mayShare(file)), ...workers.filter(mayShare).reverse()];
  const lanes = Array.from({ length: filesAtOnce }, () => runQueue(queue, progress));
  await Promise.all([runFiles(sleepers, 1, progress), ...lanes]);
  if (!quick && !deadline.aborted) await runFailedFilesAgain(progress);
  const counts = sum([...outcomes.values()]);
  for (const line of await leftovers.find()) {
    counts.failed++;
    write(`LEFT BEHIND on this machine: ${line}`);
  }
  leftovers.close();
  write(`${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

/**
 * Real machines, browsers and clients share one small machine here: a file that failed is run once more, alone, and its second outcome counts.
 * It stays a fault to be mended, so its first one is printed too (docs/decisions/0046).
 */
async function runFailedFilesAgain(progress: Progress): Promise<void> {
  const { outcomes, write } = progress;
  const failed = [...outcomes].filter(([, { failed }]) => failed > 0).map(([file]) => file);
  if (failed.length > filesAgainMax) return;
  for (const file of failed) {
    write(`Once more, alone: ${file}`);
    const again: Progress = { ...progress, outcomes: new Map(), filesInAll: 1 };
    await runFiles([file], 1, again);
    const outcome = again.outcomes.get(file);
    if (outcome === undefined) continue;
    outcomes.set(file, outcome);
    if (outcome.failed === 0) write(`FLAKY ${file}: failed among others, passed alone. Mend it.`);
  }
}

/** Tests run the launcher in homes of their own, where npm knows nothing of the user's registry: whatever it has to do is done here. */
async function bringUpToDate(): Promise<void> {
  const child = spawn(join(home, 'haneul'), ['--version'], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error('the launcher could not set up what the tests need');
}

/** A folder of tests lists the Debian packages that it needs in debian-packages.json. */
function packagesFor(files: readonly string[]): string[] {
  const lists = globSync(['src/**/debian-packages.json', 'tests/**/debian-packages.json'], { cwd: home });
  const wanted = lists.filter((list) => files.some((file) => file.startsWith(`${dirname(list)}/`)));
  return [...new Set(wanted.flatMap((list) => JSON.parse(readFileSync(join(home, list), 'utf8')) as string[]))].sort();
}

type Progress = {
  /** What became of each file that has been run, by its path from here. */
  outcomes: Map<string, Counts>;
  filesInAll: number;
  write(line: string): void;
  /** Ends the files that run. */
  deadline: AbortSignal;
};

/** Takes files from the queue until it is empty: those that may share a process run in one that lives as long as they let it. */
async function runQueue(queue: string[], progress: Progress): Promise<void> {
  const { outcomes, write, deadline } = progress;
  let shared: SharedProcess | undefined;
  let last = '';
  const end = async (): Promise<void> => {
    const counts = outcomes.get(last);
    for (const failure of (await shared?.end()) ?? []) {
      if (counts !== undefined) counts.failed++;
      tellFailure(write, last, { ...failure, name: `${failure.name}, or a file before it in the same process` });
    }
    shared = undefined;
  };
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    if (!mayShare(file) || deadline.aborted) {
      await runFiles([file], 1, progress);
      continue;
    }
    shared ??= startSharedProcess();
    last = file;
    const start = performance.now();
    const { counts, failures } = await shared.run(join(home, file), { signal: deadline, millisecondsMax: testMillisecondsMax });
    for (const failure of failures) tellFailure(write, file, failure);
    tellOutcome(progress, file, counts, performance.now() - start);
    if (!shared.isAlive()) await end();
  }
  await end();
}

function tellOutcome({ outcomes, filesInAll, write }: Progress, file: string, counts: Counts, milliseconds: number): void {
  outcomes.set(file, counts);
  const { passed, failed, skipped } = counts;
  const outcome = failed > 0 ? `${failed} failed` : 'ok';
  write(`[${outcomes.size}/${filesInAll}] ${file}: ${passed + failed + skipped} tests, ${outcome}, ${(milliseconds / 1000).toFixed(1)} s`);
}

/** Runs test files in a process each and records what became of each. Prints a line a file, and every failure whole. */
async function runFiles(files: readonly string[], concurrency: number, progress: Progress): Promise<void> {
  const { outcomes, write, deadline } = progress;
  if (files.length === 0) return; // given no file, the runner looks for some itself
  const failuresOf = new Map<string, number>();
  const paths = files.map((file) => join(home, file));
  for await (const { type, data } of run({ files: paths, concurrency, timeout: testMillisecondsMax, signal: deadline })) {
    if (type === 'test:stderr') process.stderr.write(data.message);
    const failure = type === 'test:fail' ? failureOf(data) : undefined;
    if (type === 'test:fail' && failure !== undefined) {
      const file = relative(home, data.file ?? '');
      failuresOf.set(file, (failuresOf.get(file) ?? 0) + 1);
      tellFailure(write, file, failure);
    }
    if (type !== 'test:summary' || data.file === undefined) continue;
    const { passed, failed, cancelled, skipped } = data.counts;
    tellOutcome(progress, relative(home, data.file), { passed, failed: failed + cancelled, skipped }, data.duration_ms);
  }
  // A file that dies before its first test has no counts of its own.
  for (const [file, failures] of failuresOf) {
    const counts = outcomes.get(file) ?? sum([]);
    outcomes.set(file, { ...counts, failed: Math.max(counts.failed, failures) });
  }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ options: { quick: { type: 'boolean' } }, allowPositionals: true });
  process.exitCode = await runTests({ pattern: positionals[0], quick: values.quick ?? false, write: (line) => console.log(line) });
}
