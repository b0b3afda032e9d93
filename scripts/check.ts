/** `npm run check [-- --static]`: everything that a change must pass before it lands, in less than two minutes. */

import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const home = dirname(import.meta.dirname);
const tool = (name: string): string => join(home, 'node_modules', '.bin', name);
const script = (name: string, ...given: string[]): string[] => [process.execPath, join(home, 'scripts', `${name}.ts`), ...given];

export type Step = { name: string; command: readonly string[] };

/** What looks at the code without running it. */
export const staticSteps: readonly Step[] = [
  { name: 'lint', command: [tool('oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'format', command: [tool('oxfmt'), '--check', '.'] },
  { name: 'types', command: [tool('tsc'), '-p', home] },
  { name: 'types of the console', command: [tool('tsc'), '-p', join(home, 'console')] },
  { name: 'tidy', command: script('tidy') },
  { name: 'coverage', command: script('coverage', '--check') },
  { name: 'operations of the console', command: script('console-operations', '--check') },
];
const quickTests: Step = { name: 'tests', command: script('test', '--quick') };

/** The type checkers are programs of Go, and short: a collector that waits for four times the memory leaves a tenth of their work out. */
const env = { ...process.env, GOGC: process.env['GOGC'] ?? '400' };

/** Runs one step to its end and gives everything that it printed. */
export function runStep({ command: [program, ...given] }: Step): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program!, given, { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', (error) => resolve({ code: -1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

/** Runs steps, so many at once, tells of each when it has ended, and resolves to how many have failed. */
async function check(steps: readonly Step[], atOnce: number): Promise<number> {
  let failed = 0;
  const queue = [...steps];
  const lane = async (): Promise<void> => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      const start = performance.now();
      const { code, output } = await runStep(step);
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${step.name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
      if (code === 0) continue;
      failed++;
      console.log(output.trimEnd().replaceAll(/^/gm, '    '));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return failed;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { static: { type: 'boolean' } } });
  // The one that takes longest uses one core and is the first; the tests use both.
  let failed = await check(staticSteps, 2);
  if (!values.static) failed += await check([quickTests], 1);
  console.log(failed === 0 ? 'Everything passes.' : `${failed} of these failed.`);
  process.exitCode = failed === 0 ? 0 : 1;
}
