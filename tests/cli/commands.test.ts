/** The commands that speak to a running cloud, and those that need none. */

import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { newUser, type UpProcess, type User } from './haneul-process.ts';

let user: User;
let up: UpProcess;
const clients: { destroy(): void }[] = [];
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

before(async () => {
  user = await newUser();
  up = await user.up();
});
after(async () => {
  for (const client of clients) client.destroy();
  await user.haneul('stop');
  await user.leave();
});

function s3(key = credentials): S3Client {
  const client = new S3Client({ endpoint: up.endpoint, region: 'us-east-1', credentials: key, forcePathStyle: true });
  clients.push(client);
  return client;
}

type Clock = { now: string; realNow: string; mode: string; offset: number };

test('clock shows, advances, freezes, sets and runs, and refuses to go backward', async () => {
  const start = await user.json<Clock>('clock');
  assert.equal(start.mode, 'running');
  const frozen = await user.json<Clock>('clock', 'freeze');
  const later = await user.json<Clock>('clock', 'advance', '1d12h');
  assert.equal(Date.parse(later.now) - Date.parse(frozen.now), 129_600_000);
  const past = await user.haneul('clock', 'set', '2001-01-01');
  assert.equal(past.code, 1);
  assert.match(past.stderr, /^haneul: cloud time is .* never goes backward\n$/);
  const set = await user.json<Clock>('clock', 'set', '2040-01-01T00:00:00Z');
  assert.equal(set.now, '2040-01-01T00:00:00.000Z');
  assert.equal((await user.json<Clock>('clock', 'run')).mode, 'running');
  for (const given of [['advance'], ['advance', 'soon'], ['set', 'never'], ['leap'], ['freeze', '1d']])
    assert.equal((await user.haneul('clock', ...given)).code, 2, given.join(' '));
  // SDK clients of the next tests sign with the machine's time.
  await user.json('reset', '--yes');
  await user.haneul('stop');
  await user.leave();
  user = await newUser();
  up = await user.up();
});

test('why tells of a denial what was asked for and what would have allowed it', async () => {
  const iam = new IAMClient({ endpoint: up.endpoint, region: 'us-east-1', credentials });
  clients.push(iam);
  await iam.send(new CreateUserCommand({ UserName: 'maru' }));
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: 'maru' }));
  const error = await s3({ accessKeyId: key!.AccessKeyId!, secretAccessKey: key!.SecretAccessKey! })
    .send(new ListBucketsCommand({}))
    .then(
      () => assert.fail('it must be denied'),
      (denied: { $metadata: { requestId: string } }) => denied,
    );
  const requestId = error.$metadata.requestId;
  const answer = await user.json<{ caller: { arn: string }; error: { code: string }; checks: { action: string; allowed: boolean }[] }>(
    'why',
    requestId,
  );
  assert.equal(answer.caller.arn, 'arn:aws:iam::000000000000:user/maru');
  assert.equal(answer.error.code, 'AccessDenied');
  assert.deepEqual(
    answer.checks.map(({ action, allowed }) => [action, allowed]),
    [['s3:ListAllMyBuckets', false]],
  );
  const { code, stdout } = await user.haneul('why', requestId);
  assert.equal(code, 0);
  assert.match(stdout, /denied s3:ListAllMyBuckets on arn:aws:s3:::\*\n/);
  assert.match(stdout, /The smallest addition to the identity policies that would allow it:\n[^]*"Action": "s3:ListAllMyBuckets"/);
  const unknown = await user.haneul('why', '00000000-0000-0000-0000-000000000000');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /is not in the audit trail/);
});

test('reset forgets everything, and asks where it can', async () => {
  const client = s3();
  await client.send(new CreateBucketCommand({ Bucket: 'gone-soon' }));
  assert.equal((await user.haneul('reset')).code, 2, 'nobody can be asked');
  assert.equal((await client.send(new ListBucketsCommand({}))).Buckets!.length, 1);
  assert.equal((await user.haneul('reset', '--yes')).code, 0);
  assert.equal((await client.send(new ListBucketsCommand({}))).Buckets?.length ?? 0, 0);
});

test('env prints the words of each shell', async () => {
  const lines = async (shell: string): Promise<string> => (await user.haneul('env', '--shell', shell)).stdout;
  assert.match(await lines('sh'), new RegExp(`^export AWS_ENDPOINT_URL='${up.endpoint}'$`, 'm'));
  assert.match(await lines('fish'), new RegExp(`^set -gx AWS_ENDPOINT_URL '${up.endpoint}';$`, 'm'));
  assert.match(await lines('powershell'), new RegExp(`^\\$env:AWS_ENDPOINT_URL = '${up.endpoint}'$`, 'm'));
  const comment = (await lines('sh')).trimEnd().split('\n').at(-1)!;
  assert.match(comment, new RegExp(`^# .* --endpoint-url ${up.endpoint}$`), 'what old tools need, as a comment');
  assert.equal((await user.haneul('env', '--shell', 'tcsh')).code, 2);
});

test('env --profile writes a profile, keeps every other line, and never takes over a profile of the user', async () => {
  const folder = join(user.home, '.aws');
  await mkdir(folder);
  const config = '# mine\n[default]\nregion = eu-west-1\n\n[profile work]\nregion = ap-northeast-2\n';
  await writeFile(join(folder, 'config'), config);
  await writeFile(join(folder, 'credentials'), '[default]\naws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n', { mode: 0o600 });
  assert.equal((await user.haneul('env', '--profile', 'haneul')).code, 0);
  assert.equal((await user.haneul('env', '--profile', 'haneul')).code, 0, 'twice is as once');
  const written = await readFile(join(folder, 'config'), 'utf8');
  assert.equal(written, `${config}\n[profile haneul]\nregion = us-east-1\nendpoint_url = ${up.endpoint}\n`);
  const secrets = await readFile(join(folder, 'credentials'), 'utf8');
  assert.equal(
    secrets,
    '[default]\naws_access_key_id = AKIAMINE\naws_secret_access_key = mine\n\n[haneul]\naws_access_key_id = test\naws_secret_access_key = test\n',
  );
  assert.equal((await stat(join(folder, 'credentials'))).mode & 0o777, 0o600);
  for (const name of ['work', 'default', 'a]b']) assert.notEqual((await user.haneul('env', '--profile', name)).code, 0, name);
  assert.equal(await readFile(join(folder, 'config'), 'utf8'), written);
});

test('logs prints what happened, and --json gives it as objects', async () => {
  assert.match((await user.haneul('logs')).stdout, /Ready\./);
  const { stdout } = await user.haneul('logs', '--json', '-n', '1');
  const entry = JSON.parse(stdout) as { time: string; message: string };
  assert.ok(Date.parse(entry.time) > 0);
});

test('doctor lists findings; every command has help', async () => {
  const findings = await user.json<{ name: string; state: string }[]>('doctor');
  assert.equal(findings.find(({ name }) => name === 'Node')?.state, 'ok');
  for (const command of ['up', 'status', 'stop', 'env', 'logs', 'clock', 'reset', 'why', 'doctor', 'coverage', 'test']) {
    const { code, stdout } = await user.haneul(command, '--help');
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^Usage: haneul ${command} `));
  }
});

test('coverage counts what is built', async () => {
  const all = await user.json<{ name: string; built: string[] }[]>('coverage');
  assert.ok(all.find(({ name }) => name === 's3')!.built.includes('PutObject'));
  assert.equal((await user.haneul('coverage', 'nonsense')).code, 2);
});

test('without a cloud, commands that need one say so and exit with 3', async () => {
  const elsewhere = join(user.home, 'nothing');
  for (const given of [['clock'], ['why', 'x'], ['reset', '--yes'], ['status']]) {
    const { code } = await user.haneul(...given, '--data', elsewhere);
    assert.equal(code, 3, given.join(' '));
  }
});
