/** `haneul doctor` */

import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { thisHost } from '../host/this-host.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { checkPort, checkRights, checkRuntime, checkSyncRate } from './machine-checks.ts';
import { findPrograms, findSpace, type Finding } from './needs.ts';
import { dataDirectoryOf, findRunningCloud } from './running-cloud.ts';
import { columns, type Terminal } from './terminal.ts';

const defaultPort = 4566;

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'check what services need of this machine',
  options: {
    data: dataOption,
    install: { type: 'boolean', help: 'install the missing Debian packages, after asking' },
    yes: { type: 'boolean', short: 'y', help: 'do not ask' },
  },
  details:
    'Only what is marked as needed by haneul is needed to start; the rest is asked for by the services that stand on it.\nExits with 1 when something that haneul itself needs is missing.',
  async run({ values, environment, terminal }) {
    const dataDirectory = dataDirectoryOf(values, environment);
    const host = thisHost(environment.searchPath);
    const disk = await nearestExisting(dataDirectory);
    const running = await findRunningCloud(dataDirectory);
    const findings = [
      checkRuntime(),
      await findSpace(disk),
      await checkSyncRate(disk),
      await checkPort(defaultPort, running?.run.port === defaultPort),
      ...(await checkRights()),
      ...(await findPrograms(host)),
    ];
    if (values.json) terminal.json(findings);
    else print(terminal, findings);
    const packages = [...new Set(findings.flatMap((finding) => finding.packages))].sort();
    if (values.install && packages.length > 0) await install(packages, values.yes ?? false, terminal, await host.find('apt-get'));
    else if (packages.length > 0 && !values.json) terminal.line(`\n\`haneul doctor --install\` installs: ${packages.join(' ')}`);
    return findings.some((finding) => finding.state === 'missing' && finding.neededBy.includes('haneul')) ? exitCodes.failed : exitCodes.ok;
  },
});

function print(terminal: Terminal, findings: readonly Finding[]): void {
  const rows = columns(
    findings.map((finding) => [finding.state, finding.name, finding.detail, `${finding.neededBy.join(', ')}: ${finding.why}`]),
  );
  const styles = { ok: 'green', weak: 'yellow', missing: 'red' } as const;
  rows.forEach((row, at) => {
    const { state } = findings[at]!;
    terminal.line(`${terminal.style(styles[state], row.slice(0, state.length))}${row.slice(state.length)}`);
  });
}

/** A data directory need not be there yet: its disk is that of the folder in which it will be made. */
async function nearestExisting(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return nearestExisting(dirname(path));
  }
}

async function install(packages: readonly string[], unasked: boolean, terminal: Terminal, aptGet: string | undefined): Promise<void> {
  const command = `apt-get install --no-install-recommends ${packages.join(' ')}`;
  if (!aptGet) throw new CommandError(`this machine has no apt-get; bring these by its own means: ${packages.join(' ')}`);
  if (process.getuid?.() !== 0) throw new CommandError(`installing needs root: sudo ${command}`);
  if (!unasked && !terminal.interactive) throw new CommandError('say --yes where nobody can be asked', exitCodes.wrongUsage);
  if (!unasked && !(await terminal.confirm(`Run ${command}?`))) throw new CommandError('nothing was installed');
  await runProgram(aptGet, ['update', '--quiet']);
  await runProgram(aptGet, ['install', '--yes', '--no-install-recommends', ...packages]);
}

function runProgram(program: string, given: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, given, { stdio: ['ignore', 2, 2] });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new CommandError(`${program} ${given[0]} failed with exit code ${code}`)),
    );
  });
}
