/**
 * The public suite ceph/s3-tests against a live cloud, where the machine has it: HANEUL_S3_TESTS names its checkout, and a Python
 * with pytest, boto3, munch, isodate, pytz, requests, httplib2 and lxml must be on the path. What is left out and what may fail stands
 * in s3-tests-expected.json with its reason, and that list only shrinks: a test on it that passes fails this test.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AttachUserPolicyCommand, CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { createControl } from '../../src/control/control.ts';
import { rootOf, startCloud, type LiveCloud } from '../live-cloud.ts';

type ByReason = Record<string, string[]>;
type Expected = { leftOutMarks: Record<string, string>; leftOut: ByReason; otherwiseOnAws: ByReason; open: ByReason };
/** `beyond`: the tests of lifecycles that the suite marks `fails_on_aws` since AWS has no days of ten seconds; they are not counted. */
type Outcome = { passed: string[]; failed: Map<string, string>; skipped: string[]; beyond: Set<string> };

const suite = process.env['HANEUL_S3_TESTS'] ?? '';
const skip = existsSync(join(suite, 's3tests', 'functional', 'test_s3.py'))
  ? false
  : 'skipped: HANEUL_S3_TESTS names no checkout of ceph/s3-tests';
const suiteMillisecondsMax = 40 * 60_000;
const shareMin = 0.97;
const accounts = {
  's3 main': '111111111112',
  's3 alt': '222222222222',
  's3 tenant': '333333333333',
  iam: '111111111112',
  'iam root': '555555555555',
  'iam alt root': '666666666666',
};
const files = ['test_s3.py', 'test_headers.py', 'test_iam.py', 'test_sts.py', 'test_sns.py'];

test('s3-tests: what is built passes', { skip }, async (t) => {
  const rules = { token: '', testKey: true, version: '', startedAt: 0, ready: () => true, places: { store: '', blobs: '' } };
  const cloud = await startCloud({ clock: 'real', rehearse: false, control: (opened) => createControl(opened, rules) });
  const directory = await mkdtemp(join(tmpdir(), 'haneul-s3-tests-'));
  t.after(async () => {
    await cloud.close();
    await rm(directory, { recursive: true, force: true });
  });
  const expected = JSON.parse(await readFile(join(import.meta.dirname, 's3-tests-expected.json'), 'utf8')) as Expected;
  const { passed, failed, skipped, beyond } = await runSuite(cloud, directory, expected);

  const isCounted = (name: string): boolean => !beyond.has(name);
  const allowed = new Set([expected.otherwiseOnAws, expected.open].flatMap((reasons) => Object.values(reasons).flat()));
  const otherwise = new Set(Object.values(expected.otherwiseOnAws).flat());
  const [good, bad] = [passed.filter(isCounted).length, [...failed.keys()].filter(isCounted)];
  const share = good / (good + bad.filter((name) => !otherwise.has(name)).length);
  t.diagnostic(`${good} of ${good + bad.length} passed; ${percent(share)} without those that AWS's documentation contradicts`);
  t.diagnostic(`beyond them ${passed.length - good} of ${beyond.size} tests of lifecycles passed; the suite skipped ${skipped.join(', ')}`);
  const surprises = [...failed].filter(([name]) => !allowed.has(name)).map(([name, message]) => `${name}: ${message}`);
  const better = passed.filter((name) => allowed.has(name)).map((name) => `${name}: passes now, take it off s3-tests-expected.json`);
  const news = [...surprises, ...better].join('\n');
  if (news !== '') assert.fail(news);
  assert.ok(share >= shareMin, `only ${percent(share)} passed`);
});

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Who the suite is: `iam alt root` gives grants by its canonical id, the other accounts of IAM are asked for theirs by number. */
async function configure(cloud: LiveCloud): Promise<string> {
  const sections = await Promise.all(
    Object.entries(accounts).map(async ([section, account]) => {
      const { Owner } = await cloud.client(S3Client, { credentials: rootOf(account) }).send(new ListBucketsCommand());
      const user = section === 'iam' || section === 'iam root' ? account : Owner!.ID!;
      const kms = cloud.client(KMSClient, { credentials: rootOf(account) });
      const newKey = async () => (await kms.send(new CreateKeyCommand())).KeyMetadata!.Arn!;
      const facts = {
        access_key: account,
        secret_key: 'test',
        user_id: user,
        display_name: section,
        email: `${account}@example.com`,
        api_name: 'eu-west-1',
        storage_classes: 'GLACIER DEEP_ARCHIVE',
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

/** The user to whom the suite gives policies; with one that allows all, since the suite thinks that users may do what none forbids. */
async function alternativeUser(cloud: LiveCloud): Promise<Record<string, string>> {
  const iam = cloud.client(IAMClient, { credentials: rootOf(accounts.iam) });
  await iam.send(new CreateUserCommand({ UserName: 'alt' }));
  await iam.send(new AttachUserPolicyCommand({ UserName: 'alt', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alt' }));
  return {
    S3TEST_ACCOUNT: accounts.iam,
    S3TEST_USER_USER_ID: 'alt',
    S3TEST_USER_ACCESS_KEY: AccessKey!.AccessKeyId!,
    S3TEST_USER_SECRET_KEY: AccessKey!.SecretAccessKey!,
  };
}

async function runSuite(cloud: LiveCloud, directory: string, { leftOutMarks, leftOut }: Expected): Promise<Outcome> {
  const [configuration, report, unasked] = ['s3tests.conf', 'report.xml', 'unasked.json'].map((name) => join(directory, name));
  await writeFile(configuration!, await configure(cloud));
  await writeFile(unasked!, JSON.stringify(Object.values(leftOut).flat()));
  const marks = Object.keys(leftOutMarks).map((name) => `not ${name}`);
  const pytest = [
    ...['-m', 'pytest', '-p', 'no:cacheprovider', '-p', 's3_tests_plugin', '-q', '--tb=short', `--junitxml=${report}`],
    ...['-m', `(not fails_on_aws or lifecycle_expiration) and ${marks.join(' and ')}`],
    ...files.map((file) => `s3tests/functional/${file}`),
  ];
  const environment = {
    ...process.env,
    ...(await alternativeUser(cloud)),
    S3TEST_CONF: configuration,
    S3TEST_UNASKED: unasked,
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
  assert.ok(existsSync(report!), `pytest made no report:\n${output.slice(-4000)}`);
  return readReport(await readFile(report!, 'utf8'));
}

/** Reads the one form of JUnit's XML that pytest writes: attributes in double quotes, everything escaped. */
function readReport(xml: string): Outcome {
  const outcome: Outcome = { passed: [], failed: new Map(), skipped: [], beyond: new Set() };
  for (const [, attributes, body = ''] of xml.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)) {
    const name = /\bname="([^"]*)"/.exec(attributes!)![1]!;
    const fault = /<(?:failure|error) message="([^"]*)"/.exec(body);
    if (body.includes('<property name="beyond"')) outcome.beyond.add(name);
    if (fault) outcome.failed.set(name, fault[1]!.slice(0, 300));
    else if (body.includes('<skipped')) outcome.skipped.push(name);
    else outcome.passed.push(name);
  }
  assert.ok(outcome.passed.length + outcome.failed.size > 0, 'the report has no tests');
  return outcome;
}
