/** Brings the Debian packages that tests stand on to this machine, where that is possible. */

import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';

/** Installs what is missing when run as root on Debian or Ubuntu; otherwise says what will be skipped. */
export async function installTestPackages(packages: readonly string[], write: (line: string) => void): Promise<void> {
  const missing = await missingOf(packages);
  if (missing === undefined || missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    write(`Tests that need ${missing.join(', ')} are skipped: sudo apt-get install --no-install-recommends ${missing.join(' ')}`);
    return;
  }
  write(`Installing Debian packages for the tests: ${missing.join(' ')}`);
  await aptGet('update', '--quiet');
  const refused = (await install(missing)) ? [] : await installEach(missing);
  if (refused.length > 0) write(`They could not be installed; the tests that need them are skipped or fail: ${refused.join(' ')}`);
}

const install = (packages: readonly string[]): Promise<boolean> => aptGet('install', '--yes', '--no-install-recommends', ...packages);

/** One that this release or architecture does not have keeps apt from installing the others with it. Resolves to those that it refuses. */
async function installEach(packages: readonly string[]): Promise<string[]> {
  const refused: string[] = [];
  for (const name of packages) if (!(await install([name]))) refused.push(name);
  return refused;
}

/** Undefined where there is no dpkg. */
async function missingOf(packages: readonly string[]): Promise<string[] | undefined> {
  if (packages.length === 0 || !(await exists('/usr/bin/dpkg-query'))) return undefined;
  const { output } = await runProgram('/usr/bin/dpkg-query', ['--show', '--showformat=${Package} ${db:Status-Status}\n', ...packages], {});
  const installed = new Set(
    output
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]!.split(':')[0]),
  );
  return packages.filter((name) => !installed.has(name));
}

async function aptGet(...given: string[]): Promise<boolean> {
  const { code, output } = await runProgram('/usr/bin/apt-get', given, { DEBIAN_FRONTEND: 'noninteractive' });
  if (code !== 0) process.stderr.write(output.split('\n').slice(-10).join('\n'));
  return code === 0;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function runProgram(
  program: string,
  given: readonly string[],
  variables: Record<string, string>,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, given, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...variables } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', (error) => resolve({ code: -1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}
