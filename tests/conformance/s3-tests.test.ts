/**
 * The public suite ceph/s3-tests against a live cloud, where the machine has it: HANEUL_S3_TESTS names its checkout, and a Python
 * with pytest, boto3, munch, isodate, pytz, requests and httplib2 must be on the path. What may fail is listed, by reason, in
 * s3-tests-expected.json, and that list only shrinks: a test on it that passes fails this test.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { rootOf, startCloud, type LiveCloud } from '../live-cloud.ts';

type Outcome = { passed: string[]; failed: Map<string, string> };

const suite = process.env['HANEUL_S3_TESTS'] ?? '';
const skip = existsSync(join(suite, 's3tests', 'functional', 'test_s3.py'))
  ? false
  : 'skipped: HANEUL_S3_TESTS names no checkout of ceph/s3-tests';
const suiteMillisecondsMax = 25 * 60_000;
/** Marks and names of what is Ceph's own (its logging is another), what AWS refuses by the suite's own word, or what waits for days that last seconds. */
const unasked = [
  'lifecycle_expiration',
  'lifecycle_transition',
  'cloud_transition',
  'cloud_restore',
  'webidentity_test',
  'auth_aws2',
  'fails_on_aws',
];
const unaskedNames = ['logging', 'usage', 'unordered', 'user_policy', 'user_policies'];
const accounts = {
  's3 main': '111111111112',
  's3 alt': '222222222222',
  's3 tenant': '333333333333',
  iam: '111111111112',
  'iam root': '555555555555',
  'iam alt root': '666666666666',
};

test('s3-tests: what is built passes', { skip }, async (t) => {
  const cloud = await startCloud({ clock: 'real', rehearse: false });
  const directory = await mkdtemp(join(tmpdir(), 'haneul-s3-tests-'));
  t.after(async () => {
    await cloud.close();
    await rm(directory, { recursive: true, force: true });
  });
  const configuration = join(directory, 's3tests.conf');
  await writeFile(configuration, await configure(cloud));
  const { passed, failed } = await runSuite(configuration, join(directory, 'report.xml'));
  t.diagnostic(`${passed.length} passed, ${failed.size} failed`);

  const expected = await expectedFailures();
  const surprises = [...failed].filter(([name]) => !expected.has(name)).map(([name, message]) => `${name}: ${message}`);
  const better = passed.filter((name) => expected.has(name)).map((name) => `${name}: passes now, take it off s3-tests-expected.json`);
  const news = [...surprises, ...better].join('\n');
  if (news !== '') assert.fail(news);
});

async function configure(cloud: LiveCloud): Promise<string> {
  const sections = await Promise.all(
    Object.entries(accounts).map(async ([section, account]) => {
      const { Owner } = await cloud.client(S3Client, { credentials: rootOf(account) }).send(new ListBucketsCommand());
      const user = section.startsWith('iam') ? account : Owner!.ID!;
      const kms = cloud.client(KMSClient, { credentials: rootOf(account) });
      const newKey = async () => (await kms.send(new CreateKeyCommand())).KeyMetadata!.Arn!;
      const facts = {
        access_key: account,
        secret_key: 'test',
        user_id: user,
        display_name: section,
        email: `${account}@example.com`,
        api_name: 'us-east-1',
        tenant: 'tenant',
        kms_keyid: await newKey(),
        kms_keyid2: await newKey(),
      };
      return [`[${section}]`, ...Object.entries(facts).map(([name, value]) => `${name} = ${value}`)].join('\n');
    }),
  );
  const first = `[DEFAULT]\nhost = localhost\nport = ${cloud.port}\nis_secure = False\nssl_verify = False\n[fixtures]\nbucket prefix = s3t-{random}-`;
  return [first, ...sections].join('\n');
}

async function runSuite(configuration: string, report: string): Promise<Outcome> {
  const files = ['test_s3.py', 'test_headers.py', 'test_iam.py'].map((file) => `s3tests/functional/${file}`);
  const pytest = [
    '-m',
    'pytest',
    '-p',
    'no:cacheprovider',
    '-p',
    's3_tests_plugin',
    '-q',
    '--tb=short',
    `--junitxml=${report}`,
    '-m',
    none(unasked),
    '-k',
    none(unaskedNames),
    ...files,
  ];
  const environment = {
    ...process.env,
    S3TEST_CONF: configuration,
    PYTHONPATH: [import.meta.dirname, process.env['PYTHONPATH']].filter(Boolean).join(':'),
    PYTHONDONTWRITEBYTECODE: '1',
    NO_PROXY: '*',
  };
  const output = await new Promise<string>((resolve) => {
    execFile(
      'python3',
      pytest,
      { cwd: suite, env: environment, timeout: suiteMillisecondsMax, maxBuffer: 256 * 1024 * 1024 },
      (_error, stdout, stderr) => resolve(stdout + stderr),
    );
  });
  assert.ok(existsSync(report), `pytest made no report:\n${output.slice(-4000)}`);
  return readReport(await readFile(report, 'utf8'));
}

function none(names: readonly string[]): string {
  return names.map((name) => `not ${name}`).join(' and ');
}

/** Reads the one form of JUnit's XML that pytest writes: attributes in double quotes, everything escaped. */
function readReport(xml: string): Outcome {
  const passed: string[] = [];
  const failed = new Map<string, string>();
  for (const [, attributes, body] of xml.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const name = /\bname="([^"]*)"/.exec(attributes!)![1]!;
    const fault = /<(?:failure|error) message="([^"]*)"/.exec(body ?? '');
    if (fault) failed.set(name, fault[1]!.slice(0, 300));
    else if (!body?.includes('<skipped')) passed.push(name);
  }
  assert.ok(passed.length + failed.size > 0, 'the report has no tests');
  return { passed, failed };
}

async function expectedFailures(): Promise<Set<string>> {
  const byReason = JSON.parse(await readFile(join(import.meta.dirname, 's3-tests-expected.json'), 'utf8')) as Record<string, string[]>;
  return new Set(Object.values(byReason).flat());
}
