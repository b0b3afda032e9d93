/** Runs the tests: `node scripts/test.ts [PATTERN] [--quick]`. The last line is `N passed, N failed`, with `, N skipped` when some were. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { run } from 'node:test';
import { inspect, parseArgs } from 'node:util';
import { installTestPackages } from './debian-packages.ts';

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
/** Terraform's provider pauses for minutes: begun last, it would keep the whole run waiting. */
const longest = /^tests\/tools\/terraform/;
/** As many as a small machine has cores: a test that fights for the processor tells nothing. */
const filesAtOnce = 2;
const fileMillisecondsMax = 30 * 60 * 1000;

/** Resolves to the exit code: 0 when at least one test ran and none failed. */
export async function runTests({ pattern = '', quick, write }: TestRun): Promise<number> {
  const files = globSync(['src/**/*.test.ts', 'tests/**/*.test.ts', 'scripts/**/*.test.ts'], { cwd: home })
    .filter((file) => file.includes(pattern))
    .filter((file) => !quick || !longTests.some((long) => long.test(file)))
    .sort((a, b) => Number(longest.test(b)) - Number(longest.test(a)) || (a < b ? -1 : 1));
  if (files.length === 0) {
    write(`No test file's path contains '${pattern}'.`);
    write('0 passed, 1 failed');
    return 1;
  }
  await bringUpToDate();
  await installTestPackages(packagesFor(files), write);
  if (quick) process.env['HANEUL_TESTS'] = 'quick';
  process.env['NODE_COMPILE_CACHE'] ??= join(home, '.runtime', 'compile-cache'); // each file is a process of its own: a third of its start is compiling
  const counts = await report(
    run({ files: files.map((file) => join(home, file)), concurrency: filesAtOnce, timeout: fileMillisecondsMax }),
    files.length,
    write,
  );
  write(`${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
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

/** Prints a line a file, and every failure whole. */
async function report(events: ReturnType<typeof run>, filesInAll: number, write: (line: string) => void): Promise<Counts> {
  const totals: Counts = { passed: 0, failed: 0, skipped: 0 };
  const failuresOf = new Map<string, number>();
  let done = 0;
  for await (const { type, data } of events) {
    if (type === 'test:stderr') process.stderr.write(data.message);
    if (type === 'test:fail' && data.todo === undefined && data.details.error !== undefined && !isOnlyOfItsSubtests(data.details.error)) {
      failuresOf.set(data.file ?? '', (failuresOf.get(data.file ?? '') ?? 0) + 1);
      write(`FAILED ${relative(home, data.file ?? '')}: ${data.name}`);
      write(inspect(data.details.error.cause ?? data.details.error).replaceAll(/^/gm, '    '));
    }
    if (type !== 'test:summary') continue;
    const { passed, failed, cancelled, skipped, tests } = data.counts;
    if (data.file === undefined) {
      Object.assign(totals, { passed, failed: failed + cancelled, skipped });
      continue;
    }
    done++;
    const outcome = failed + cancelled > 0 ? `${failed + cancelled} failed` : 'ok';
    write(`[${done}/${filesInAll}] ${relative(home, data.file)}: ${tests} tests, ${outcome}, ${(data.duration_ms / 1000).toFixed(1)} s`);
  }
  // A file that dies before its first test has no counts of its own.
  const failures = [...failuresOf.values()].reduce((sum, count) => sum + count, 0);
  return { ...totals, failed: Math.max(totals.failed, failures) };
}

/** A suite or a parent fails with its subtests; those have been told of. */
function isOnlyOfItsSubtests(error: Error): boolean {
  return (error as Error & { failureType?: string }).failureType === 'subtestsFailed';
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ options: { quick: { type: 'boolean' } }, allowPositionals: true });
  process.exitCode = await runTests({ pattern: positionals[0], quick: values.quick ?? false, write: (line) => console.log(line) });
}
