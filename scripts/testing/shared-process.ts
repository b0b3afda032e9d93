/**
 * A process in which files of tests run one after the other: each is a suite of its own, whose hooks are the file's. The parent names
 * the next file when one has ended; the reporter beside this (reporter.ts) tells the parent what becomes of the tests.
 */

import { suite } from 'node:test';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import type { FromSharedProcess, ToSharedProcess } from './shared-processes.ts';

let current = '';

const tell = (message: FromSharedProcess): void => void process.send!(message);

// What is thrown where nobody waits for it fails a test when the test runner knows whose it is, and the file in any case.
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => tell({ stray: { name: `${event} while ${current} ran`, text: inspect(error) } }));
}

process.on('message', ({ file }: ToSharedProcess) => {
  if (file === undefined) {
    tell({ open: process.getActiveResourcesInfo() });
    // Without the parent's channel a process ends by itself, unless its tests have left something open.
    process.disconnect!();
    return;
  }
  current = file;
  void suite(file, async () => void (await import(pathToFileURL(file).href)));
});
