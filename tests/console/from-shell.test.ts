/** "Do it from a shell": what a form sends, as it is typed in a shell, a program, and Terraform. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import type { Action } from '../../console/src/from-shell/action.ts';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cliOf } from '../../console/src/from-shell/cli.ts';
import { onlyAsks, requireShown, sendShown } from '../../console/src/from-shell/sending.ts';
import { sdkOf } from '../../console/src/from-shell/sdk.ts';
import { labelOf, terraformOf } from '../../console/src/from-shell/terraform.ts';
import { kebab, quoted } from '../../console/src/from-shell/words.ts';

const endpoint = 'http://localhost:4566';
const hostile = `it's "$(touch /tmp/owned)" \`id\` \${HOME} \\ ; &`;

const createQueue: Action = {
  service: 'sqs',
  operation: 'CreateQueue',
  command: new CreateQueueCommand({ QueueName: 'orders', Attributes: { DelaySeconds: '5' }, tags: { note: hostile } }),
};

test('members become options as the AWS CLI names them', () => {
  const names = {
    QueueName: 'queue-name',
    SSEAlgorithm: 'sse-algorithm',
    KMSMasterKeyId: 'kms-master-key-id',
    PolicyArn: 'policy-arn',
    ACL: 'acl',
    tags: 'tags',
  };
  for (const [member, option] of Object.entries(names)) assert.equal(kebab(member), option);
});

test('a shell reads back what was meant, whatever is in it', async () => {
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', `printf %s ${quoted(hostile)}`]);
  assert.equal(stdout, hostile);
  const line = cliOf(createQueue, endpoint);
  const words = await promisify(execFile)('/bin/sh', ['-c', `aws() { printf '%s\\n' "$@"; }; ${line}`]);
  assert.deepEqual(words.stdout.trimEnd().split('\n'), [
    '--endpoint-url',
    endpoint,
    'sqs',
    'create-queue',
    '--queue-name',
    'orders',
    '--attributes',
    '{"DelaySeconds":"5"}',
    '--tags',
    JSON.stringify({ note: hostile }),
  ]);
});

test('instances are counted and given their user data as the AWS CLI takes them', () => {
  const UserData = Buffer.from('#!/bin/sh\necho 안녕').toString('base64');
  const command = new RunInstancesCommand({ ImageId: 'ami-1', MinCount: 1, MaxCount: 3, UserData });
  const line = cliOf({ service: 'ec2', operation: 'RunInstances', command }, endpoint);
  assert.match(line, /--count 1:3 /);
  assert.match(line, /--user-data '#!\/bin\/sh\necho 안녕'$/);
  assert.doesNotMatch(line, /min-count|max-count/);
});

test('the program sends the same command', () => {
  const text = sdkOf(createQueue, endpoint, 'eu-west-1');
  assert.match(text, /import \{ SQSClient, CreateQueueCommand \} from '@aws-sdk\/client-sqs';/);
  assert.match(text, /new SQSClient\(\{ endpoint: 'http:\/\/localhost:4566', region: 'eu-west-1' \}\)/);
  const input = /new CreateQueueCommand\(([\s\S]*)\)\);/.exec(text)![1]!;
  assert.deepEqual(JSON.parse(input.replaceAll(/^(\s*)(\w+):/gm, '$1"$2":')), createQueue.command.input);
});

test('Terraform gets blocks, references, documents, and no interpolation that was not meant', () => {
  const text = terraformOf([
    {
      type: 'aws_s3_bucket_policy',
      name: '9 my-bucket',
      body: {
        bucket: { raw: 'aws_s3_bucket.b.id' },
        note: '${path.module}',
        absent: undefined,
        policy: { json: { Resource: '${aws:username}' } },
        rule: [{ kept: true, days: 3 }],
      },
    },
  ]);
  assert.equal(
    text,
    [
      'resource "aws_s3_bucket_policy" "_9_my_bucket" {',
      '  bucket = aws_s3_bucket.b.id',
      '  note   = "$${path.module}"',
      '  policy = jsonencode({',
      '    "Resource": "$${aws:username}"',
      '  })',
      '',
      '  rule {',
      '    kept = true',
      '    days = 3',
      '  }',
      '}',
    ].join('\n'),
  );
  assert.equal(labelOf('--'), '_');
  assert.equal(labelOf(''), 'this');
});

const home = join(import.meta.dirname, '..', '..');

/** Whoever sends outside of the shared pieces shows the same call beside it; each with where that is. */
const showsItself: Readonly<Record<string, string>> = {
  'dynamodb/item-editor.tsx': 'below the item',
  'dynamodb/partiql.tsx': 'below the statement',
  'ec2/reach.ts': 'below the answer, in reach-panel.tsx',
  'ec2/terminal-channel.ts': 'below the terminal, in terminal.tsx',
  'iam/credential-report.tsx': 'below the report',
  'iam/last-accessed.tsx': 'below the table',
  'iam/mfa-devices.tsx': 'below the codes',
  'kms/key.tsx': 'below the texts',
  's3/uploads.ts': 'below the objects, in objects.tsx',
  'session/switch-role.tsx': 'below the role',
  'sqs/redrive.tsx': 'below the queues',
  'sqs/send-receive.tsx': 'below the messages',
};

test('nothing that changes something is sent beside the pieces that show it before', () => {
  const shared = /^(resource|from-shell)\//;
  const sent: string[] = [];
  for (const file of globSync('**/*.{ts,tsx}', { cwd: join(home, 'console', 'src') })) {
    const text = readFileSync(join(home, 'console', 'src', file), 'utf8');
    for (const [, operation] of text.matchAll(/\bsend\(\s*(?:asShown\(\s*)?new (\w+)Command\(/g))
      if (!onlyAsks(operation!) && !(file in showsItself)) sent.push(`${file}: ${operation}`);
    // A client that is not made by `clientOf` would refuse nothing.
    for (const [, client] of text.matchAll(/new (\w*Client)\(/g)) if (!file.startsWith('session/')) sent.push(`${file}: new ${client}`);
    if (text.includes('asShown(') && !shared.test(file) && !(file in showsItself)) sent.push(`${file}: asShown`);
  }
  assert.deepEqual(sent, []);
});

test('those that show their calls themselves do so', () => {
  for (const [file, place] of Object.entries(showsItself)) {
    const other = /in ([\w-]+\.tsx)$/.exec(place)?.[1];
    const shown = other ? join(dirname(file), other) : file;
    assert.match(readFileSync(join(home, 'console', 'src', shown), 'utf8'), /<FromShell\b/, file);
  }
});

test('a client refuses what was not shown', async () => {
  const command = new CreateQueueCommand({ QueueName: 'orders' });
  assert.throws(() => requireShown('CreateQueueCommand', command.input), /CreateQueue was not shown/);
  requireShown('ListQueuesCommand', {});
  await sendShown([{ service: 'sqs', operation: 'CreateQueue', command }], async ({ input }: { input: object }) =>
    requireShown('CreateQueueCommand', input),
  );
});
