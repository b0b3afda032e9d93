/** Celery over SQS: the journey of celery_journey.py. */

import { match } from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { absent, ask, openWorkbench, programs } from './workbench.ts';

const python = await pythonWithCelery();

test(
  'Celery sends tasks through SQS and does each once',
  { skip: absent('Python with celery, boto3 and pycurl', python !== undefined) },
  async (t) => {
    const bench = await openWorkbench();
    t.after(() => bench.close());
    const RESULTS = await bench.place('results');
    match(await bench.ok(python!, ['-B', join(import.meta.dirname, 'celery_journey.py')], { env: { RESULTS } }), /^done 23$/m);
  },
);

/** Debian brings it for its own Python, which need not be the first. */
async function pythonWithCelery(): Promise<string | undefined> {
  for (const program of [...programs('python3'), '/usr/bin/python3'])
    if ((await ask(program, ['-c', 'import celery, boto3, pycurl'])).code === 0) return program;
  return undefined;
}
