/** Tells the parent of a shared process what becomes of each test, and that a file has ended. */

import type { TestEvent } from 'node:test/reporters';
import { failureOf, type Counts } from './outcome.ts';
import type { FromSharedProcess } from './shared-processes.ts';

const tell = (message: FromSharedProcess): void => void process.send?.(message);

export default async function* reporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if (type === 'test:dequeue' && data.type !== 'suite') tell({ running: data.name });
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (data.details.type !== 'suite') {
      if (data.skip !== undefined) counts.skipped++;
      else if (type === 'test:pass') counts.passed++;
      else if (data.todo === undefined) counts.failed++;
    }
    const failure = type === 'test:fail' ? failureOf(data) : undefined;
    if (failure !== undefined) tell({ failure });
    if (data.nesting > 0 || data.details.type !== 'suite') continue;
    tell({ ended: { counts } });
    counts = { passed: 0, failed: 0, skipped: 0 };
  }
  yield '';
}
