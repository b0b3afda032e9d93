/** "Do it from a shell": what a form sends, as it is typed in a shell, a program, and Terraform. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { RunInstancesCommand } from '@aws-sdk/client-ec2';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import type { Action } from '../../console/src/from-shell/action.ts';
import { cliOf } from '../../console/src/from-shell/cli.ts';
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
