/**
 * dynalite's own suite, whose cases were checked against AWS, over raw HTTP against a live cloud: HANEUL_DYNALITE names a checkout of
 * architect/dynalite whose packages are installed. What may fail is listed, by reason, in dynalite-expected.json, and that list only
 * shrinks: a test on it that passes fails this test.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { keptCertificate } from '../../src/host/certificates.ts';
import { CreateAccessKeyCommand, IAMClient } from '@aws-sdk/client-iam';
import { startCloud, type Credentials } from '../live-cloud.ts';

type Report = { passes: Result[]; failures: (Result & { err: { message?: string } })[] };
type Result = { fullTitle: string };

const suite = process.env['HANEUL_DYNALITE'] ?? '';
const mocha = join(suite, 'node_modules', 'mocha', 'bin', 'mocha.js');
const skip =
  suite !== '' && existsSync(mocha) ? false : 'skipped: HANEUL_DYNALITE names no checkout of architect/dynalite with its packages';
const fileMillisecondsMax = 5 * 60_000;
const caseMilliseconds = 60_000;
/** The suite has more than this: fewer would mean that it was not run whole. */
const casesMin = 1_000;

test('dynalite: all cases pass but those that AWS has overtaken', { skip }, async (t) => {
  const cloud = await startCloud({ clock: 'real', rehearse: false });
  const directory = await mkdtemp(join(tmpdir(), 'haneul-dynalite-'));
  t.after(async () => {
    await cloud.close();
    await rm(directory, { recursive: true, force: true });
  });
  const certificate = await keptCertificate(join(directory, 'tls'), '127.0.0.1');
  const secure = await cloud.cloud.listen({ host: '127.0.0.1', port: 0, tls: certificate });
  // Its cases speak as web pages too, which the test key is not for.
  const { AccessKey } = await cloud.client(IAMClient).send(new CreateAccessKeyCommand({}));
  const key = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  // Each file by itself: what a case that fails leaves behind would disturb those of other files.
  const files = globSync('test/*.js', { cwd: suite }).filter((file) => !/(?:bench|helpers)\.js$/.test(file));
  const reports: Report[] = [];
  for (const file of files) reports.push(await runFile(file, key, cloud.port, secure.port, join(directory, `${basename(file)}.json`)));
  const passes = reports.flatMap((report) => report.passes);
  const failures = reports.flatMap((report) => report.failures);
  t.diagnostic(`${passes.length} passed, ${failures.length} failed`);

  const expected = await expectedFailures();
  const surprises = failures.filter(({ fullTitle }) => !expected.has(fullTitle));
  const better = passes.filter(({ fullTitle }) => expected.has(fullTitle));
  const news = [
    ...surprises.map(({ fullTitle, err }) => `${fullTitle}: ${err.message?.slice(0, 300)}`),
    ...better.map(({ fullTitle }) => `${fullTitle}: passes now, take it off dynalite-expected.json`),
  ];
  assert.deepEqual(news, []);
  assert.ok(passes.length + failures.length > casesMin, 'the suite was not run whole');
});

async function runFile(file: string, key: Credentials, port: number, tlsPort: number, report: string): Promise<Report> {
  const relay = join(import.meta.dirname, 'dynalite_relay.cjs');
  const options = [
    ...['--require', 'should', '--require', relay, '--reporter', 'json', '--reporter-option', `output=${report}`],
    ...['--timeout', String(caseMilliseconds), '--exit'],
  ];
  const env = {
    ...process.env,
    HANEUL_PORT: String(port),
    HANEUL_TLS_PORT: String(tlsPort),
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_REGION: 'us-east-1',
  };
  const output = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      [mocha, ...options, file],
      { cwd: suite, env, timeout: fileMillisecondsMax, maxBuffer: 64 * 1024 * 1024 },
      (_error, stdout, stderr) => resolve(stdout + stderr),
    );
  });
  assert.ok(existsSync(report), `mocha made no report:\n${output.slice(-4_000)}`);
  return JSON.parse(await readFile(report, 'utf8')) as Report;
}

async function expectedFailures(): Promise<Set<string>> {
  const byReason = JSON.parse(await readFile(join(import.meta.dirname, 'dynalite-expected.json'), 'utf8')) as Record<string, string[]>;
  return new Set(Object.values(byReason).flat());
}
