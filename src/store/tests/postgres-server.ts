/** Starts a PostgreSQL of Debian's for one test file, on a socket in a directory of its own, and takes it away again. */

import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type PostgresServer = {
  url: string;
  /** Stops it in the middle of whatever it does, as a crash would. */
  stop(): void;
  /** Starts it again on the same data. */
  start(): void;
  close(): void;
};

const versionsDirectory = '/usr/lib/postgresql';
const port = 54321; // only part of the socket's name: it does not listen on the network

/** Undefined, with the reason printed, where there is no PostgreSQL and none may be installed. */
export function startPostgres(): PostgresServer | undefined {
  const binaries = findBinaries() ?? (install() ? findBinaries() : undefined);
  if (!binaries) {
    console.log("SKIPPED: the tests of the PostgreSQL driver need Debian's package `postgresql`, and this user may not install it.");
    return undefined;
  }
  const directory = mkdtempSync(join(tmpdir(), 'haneul-postgres-'));
  const user = process.getuid!() === 0 ? 'postgres' : undefined; // PostgreSQL refuses to run as root
  if (user) chownSync(directory, id('-u', user), id('-g', user));
  const run = (program: string, ...options: string[]): void => {
    const command = [join(binaries, program), ...options];
    const [file, ...rest] = user ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--init-groups', ...command] : command;
    execFileSync(file!, rest, { stdio: ['ignore', 'ignore', 'pipe'], cwd: directory });
  };
  const data = join(directory, 'data');
  run('initdb', '-D', data, '-U', 'haneul', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync');
  const start = (): void =>
    run(
      'pg_ctl',
      '-D',
      data,
      '-w',
      '-l',
      join(directory, 'log'),
      '-o',
      `-k ${directory} -p ${port} -c listen_addresses= -c max_connections=60`,
      'start',
    );
  const stop = (): void => run('pg_ctl', '-D', data, '-w', '-m', 'immediate', 'stop');
  start();
  return {
    url: `postgres://haneul@/postgres?host=${encodeURIComponent(directory)}&port=${port}`,
    start,
    stop,
    close() {
      stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function findBinaries(): string | undefined {
  if (!existsSync(versionsDirectory)) return undefined;
  const versions = readdirSync(versionsDirectory).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(versionsDirectory, version, 'bin')).find((path) => existsSync(join(path, 'initdb')));
}

function install(): boolean {
  if (process.getuid!() !== 0) return false;
  const { status } = spawnSync('apt-get', ['install', '-y', 'postgresql'], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

function id(option: string, user: string): number {
  return Number(execFileSync('id', [option, user], { encoding: 'utf8' }));
}
