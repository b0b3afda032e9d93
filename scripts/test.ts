/** Runs the tests: `node scripts/test.ts [PATTERN] [--quick]`. The last line is `N passed, N failed`, with `, N skipped` when some were. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { run } from 'node:test';
import { inspect, parseArgs } from 'node:util';
import { installTestPackages } from './debian-packages.ts';
import { watchLeftovers } from './leftovers.ts';

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
  process.env['NODE_COMPILE_CACHE'] ??= join(home, '.runtime', 'compile-cache'); // each file is a process of its own: a third of its start is compiling
  const leftovers = watchLeftovers();
  process.env['TMPDIR'] = leftovers.place;
  const outcomes = new Map<string, Counts>();
  const deadline = AbortSignal.timeout(runMillisecondsMax);
  const progress = { outcomes, filesInAll: files.length, write, deadline };
  const [sleepers, workers] = [files.filter((file) => pausing.test(file)), files.filter((file) => !pausing.test(file))];
  await Promise.all([runFiles(sleepers, 1, progress), runFiles(workers, filesAtOnce, progress)]);
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

type Counts = { passed: number; failed: number; skipped: number };

type Progress = {
  /** What became of each file that has been run, by its path from here. */
  outcomes: Map<string, Counts>;
  filesInAll: number;
  write(line: string): void;
  /** Ends the files that run. */
  deadline: AbortSignal;
};

/** Runs test files and records what became of each. Prints a line a file, and every failure whole. */
async function runFiles(files: readonly string[], concurrency: number, { outcomes, filesInAll, write, deadline }: Progress): Promise<void> {
  if (files.length === 0) return; // given no file, the runner looks for some itself
  const failuresOf = new Map<string, number>();
  const paths = files.map((file) => join(home, file));
  for await (const { type, data } of run({ files: paths, concurrency, timeout: testMillisecondsMax, signal: deadline })) {
    if (type === 'test:stderr') process.stderr.write(data.message);
    if (type === 'test:fail' && data.todo === undefined && data.details.error !== undefined && !isOnlyOfItsSubtests(data.details.error)) {
      const file = relative(home, data.file ?? '');
      failuresOf.set(file, (failuresOf.get(file) ?? 0) + 1);
      write(`FAILED ${file}: ${data.name}`);
      // Of a file that failed beside its tests the cause says nothing; its exit code or signal does.
      const { cause } = data.details.error;
      write(inspect(typeof cause === 'object' ? cause : data.details.error).replaceAll(/^/gm, '    '));
    }
    if (type !== 'test:summary' || data.file === undefined) continue;
    const { passed, failed, cancelled, skipped, tests } = data.counts;
    const file = relative(home, data.file);
    outcomes.set(file, { passed, failed: failed + cancelled, skipped });
    const outcome = failed + cancelled > 0 ? `${failed + cancelled} failed` : 'ok';
    write(`[${outcomes.size}/${filesInAll}] ${file}: ${tests} tests, ${outcome}, ${(data.duration_ms / 1000).toFixed(1)} s`);
  }
  // A file that dies before its first test has no counts of its own.
  for (const [file, failures] of failuresOf) {
    const counts = outcomes.get(file) ?? sum([]);
    outcomes.set(file, { ...counts, failed: Math.max(counts.failed, failures) });
  }
}

function sum(counts: readonly Counts[]): Counts {
  const of = (key: keyof Counts) => counts.reduce((total, each) => total + each[key], 0);
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped') };
}

/** A suite or a parent fails with its subtests; those have been told of. */
function isOnlyOfItsSubtests(error: Error): boolean {
  return (error as Error & { failureType?: string }).failureType === 'subtestsFailed';
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ options: { quick: { type: 'boolean' } }, allowPositionals: true });
  process.exitCode = await runTests({ pattern: positionals[0], quick: values.quick ?? false, write: (line) => console.log(line) });
}
