/** What became of a file of tests, and how a failure is told. */

import { inspect } from 'node:util';

export type Counts = { passed: number; failed: number; skipped: number };

/** Of a test, a hook or a whole file. */
export type Failure = { name: string; text: string };

type TestEvent = { name: string; todo?: string | boolean | undefined; details: { error?: Error & { failureType?: string } } };

export function sum(counts: readonly Counts[]): Counts {
  const of = (key: keyof Counts) => counts.reduce((total, each) => total + each[key], 0);
  return { passed: of('passed'), failed: of('failed'), skipped: of('skipped') };
}

/** What is to be told of an event `test:fail`; nothing of a suite or a parent that fails with its subtests: those have been told of. */
export function failureOf({ name, todo, details: { error } }: TestEvent): Failure | undefined {
  if (todo !== undefined || error === undefined || error.failureType === 'subtestsFailed') return undefined;
  // Of a file that failed beside its tests the cause says nothing; its exit code or signal does.
  return { name, text: inspect(typeof error.cause === 'object' ? error.cause : error) };
}

export function tellFailure(write: (line: string) => void, file: string, { name, text }: Failure): void {
  write(`FAILED ${file}: ${name}`);
  write(text.replaceAll(/^/gm, '    '));
}
