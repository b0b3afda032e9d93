/** Programs and sockets by the small process that starts them, and programs by Node itself, alike. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { spawnDirectly } from './direct-spawning.ts';
import { identityOf } from './process-identity.ts';
import { run } from './programs.ts';
import { canSpawn, openSocket, spawnProgram, type SpawnRequest } from './spawner.ts';

const usual = { environment: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, input: Buffer.alloc(0), milliseconds: 60_000, bytesMax: 1_000_000 };
const request = (words: readonly string[], more: Partial<SpawnRequest> = {}): SpawnRequest => ({ ...usual, words, ...more });
const skip = canSpawn() ? false : 'SKIPPED: this machine has no perl, or is not Linux';

for (const [name, start] of Object.entries({ spawnDirectly, spawnProgram }))
  void suite(`programs started by ${name}`, { skip: name === 'spawnProgram' && skip }, () => {
    test('their words, environment, input and both outputs are passed on as they are', async () => {
      const script = 'printf "%s|" "$@"; printf %s "$WORD" >&2; cat; exit 7';
      const input = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 256));
      const more = { environment: { ...usual.environment, WORD: 'ü = \n' }, input };
      const { ending, stdout, stderr } = await start(request(['sh', '-c', script, 'sh', 'a b', '', '$HOME', 'ü\n'], more));
      assert.deepEqual(ending, { kind: 'code', number: 7 });
      assert.deepEqual(stdout, Buffer.concat([Buffer.from('a b||$HOME|ü\n|'), input]));
      assert.equal(stderr.toString(), 'ü = \n');
    });

    test('what does not read its input is told by its code', async () => {
      const { ending } = await start(request(['true'], { input: Buffer.alloc(500_000) }));
      assert.deepEqual(ending, { kind: 'code', number: 0 });
    });

    test('what is not there, what takes too long, what says too much, and what a signal ends', async () => {
      const missing = (await start(request(['/nowhere/at/all']))).ending;
      assert.ok(missing.kind === 'failed' && /ENOENT|No such file/.test(missing.reason), JSON.stringify(missing));
      assert.equal((await start(request(['sleep', '600'], { milliseconds: 200 }))).ending.kind, 'time');
      assert.equal((await start(request(['cat', '/dev/zero']))).ending.kind, 'bytes');
      assert.equal((await start(request(['sh', '-c', 'kill -TERM $$']))).ending.kind, 'signal');
    });

    test('many at once', async () => {
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, at) => start(request(['sh', '-c', 'cat', String(at)], { input: Buffer.from(String(at)) }))),
      );
      assert.deepEqual(
        answers.map(({ stdout }) => Number(stdout.toString())),
        Array.from({ length: 200 }, (_, at) => at),
      );
    });

    test('they have signals as they are at the start of a process, and no descriptors but their own', async () => {
      const { stdout } = await start(request(['sh', '-c', 'grep -E "^Sig(Ign|Blk)" /proc/self/status; ls /proc/self/fd | grep -x .']));
      assert.equal(stdout.toString().replaceAll(/\s+/g, ' '), 'SigBlk: 0000000000000000 SigIgn: 0000000000000000 0 1 2 3 ');
    });
  });

void suite('what starts programs', { skip }, () => {
  test('one that outlives it is told of by what it says to descriptor 3, and writes into its log', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'haneul-spawner-'));
    t.after(() => rm(directory, { recursive: true }));
    const log = join(directory, 'log');
    await writeFile(log, '');
    const script = 'echo out; echo err >&2; echo "$$ $(cat /proc/$$/stat | cut -d" " -f6) $PWD" >&3; exec 3>&-; exec sleep 600';
    const { stdout } = await spawnProgram(request(['sh', '-c', script], { log }));
    const [pid, session, place] = stdout.toString().trim().split(' ');
    assert.ok(await identityOf(Number(pid)));
    process.kill(Number(pid));
    assert.deepEqual([session, place], [pid, '/']);
    assert.equal(await readFile(log, 'utf8'), 'out\nerr\n');
  });

  test('it keeps nobody from ending, ends with who has started it, and what it was running goes on', async () => {
    const code = `
      const { spawnProgram } = await import(${JSON.stringify(join(import.meta.dirname, 'spawner.ts'))});
      const usual = ${JSON.stringify({ ...usual, input: [] })};
      const ask = (...words) => spawnProgram({ ...usual, input: Buffer.alloc(0), words });
      console.log((await ask('sh', '-c', 'echo $PPID')).stdout.toString().trim());
      if (process.argv[1] === 'killed') {
        void ask('sh', '-c', 'echo $$ > "$0"; exec sleep 600', process.argv[2]);
        await new Promise((resolve) => setTimeout(resolve, 600_000));
      }`;
    const start = (...words: string[]) =>
      spawn(process.execPath, ['--input-type=module', '-e', code, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = start('ends');
    const [pid, [status]] = await Promise.all([text(ended.stdout), once(ended, 'close') as Promise<[number]>]);
    assert.equal(status, 0);
    await untilGone(Number(pid));

    const directory = await mkdtemp(join(tmpdir(), 'haneul-spawner-'));
    const note = join(directory, 'pid');
    const killed = start('killed', note);
    const [first] = (await once(killed.stdout, 'data')) as [Buffer];
    let running = '';
    while (!running.endsWith('\n')) running = await readFile(note, 'utf8').catch(() => '');
    killed.kill('SIGKILL');
    await untilGone(Number(first.toString()));
    assert.ok(await identityOf(Number(running)));
    process.kill(Number(running));
    await rm(directory, { recursive: true });
  });

  test(
    'sockets are opened in another network and handed over',
    { skip: process.getuid?.() === 0 ? false : 'SKIPPED: needs root' },
    async (t) => {
      const name = `haneul-test-spawner-${process.pid}`;
      await run('ip', ['netns', 'add', name]);
      t.after(() => run('ip', ['netns', 'delete', name]));
      await run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
      const at = { network: `/run/netns/${name}`, address: '127.0.0.1' };
      const ports = Array.from({ length: 20 }, (_, number) => 5000 + number);
      const servers = (await Promise.all(ports.map((port) => openSocket({ ...at, protocol: 'tcp', port })))) as Server[];
      for (const server of servers) server.on('connection', (socket) => socket.end('here'));
      const ask = (given: readonly string[], input = ''): Promise<Buffer> => run('perl', given, { network: at.network, input });
      const caller = 'use IO::Socket::INET; print IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $_)->getline for @ARGV';
      assert.equal((await ask(['-e', caller, ...ports.map(String)])).toString(), 'here'.repeat(20));
      await assert.rejects(openSocket({ ...at, protocol: 'tcp', port: 5000 }), /5000 .*bind: Address already in use/);
      await assert.rejects(openSocket({ ...at, protocol: 'udp', address: '192.0.2.1', port: 5000 }), /bind: Cannot assign/);
      for (const server of servers) server.close();

      const datagrams = (await openSocket({ ...at, protocol: 'udp', port: 5000 })) as Datagrams;
      datagrams.on('message', (message, { port }) => datagrams.send(`${message} back`, port, '127.0.0.1'));
      const sender =
        'use IO::Socket::INET; my $s = IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1:5000"); $s->send("there"); $s->recv(my $t, 99); print $t';
      assert.equal((await ask(['-e', sender])).toString(), 'there back');
      datagrams.close();
    },
  );

  test('lost, it is missed by who waits for it, and there is another for the next one', async () => {
    const { stdout } = await spawnProgram(request(['sh', '-c', 'echo $PPID']));
    const waiting = spawnProgram(request(['sleep', '1']));
    process.kill(Number(stdout.toString()), 'SIGKILL');
    await assert.rejects(waiting, /has ended/);
    assert.equal((await spawnProgram(request(['echo', 'again']))).stdout.toString(), 'again\n');
  });
});

async function untilGone(pid: number): Promise<void> {
  while (await identityOf(pid)) await new Promise(setImmediate);
}
