/** What the audit trail may keep of inputs and outputs. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import type { OperationModel, Struct } from '../../src/protocols/model.ts';
import { loadModel } from '../../src/protocols/models.ts';
import { HIDDEN, redact } from '../../src/protocols/sensitive.ts';

function shape(service: string, operation: string, side: 'input' | 'output'): Struct {
  return (loadModel(service).operations.get(operation) as OperationModel)[side];
}

describe('redact', () => {
  test('hides what the schema calls sensitive, and secrets that it forgets', () => {
    const credentials = { AccessKeyId: 'ASIA1', SecretAccessKey: 'secret', SessionToken: 'token', Expiration: new Date(0) };
    assert.deepEqual(redact(shape('sts', 'AssumeRole', 'output'), { Credentials: credentials }), {
      credentials: { accessKeyId: 'ASIA1', secretAccessKey: HIDDEN, sessionToken: HIDDEN, expiration: '1970-01-01T00:00:00.000Z' },
    });
    assert.deepEqual(
      redact(shape('iam', 'CreateLoginProfile', 'input'), { UserName: 'a', Password: 'secret', PasswordResetRequired: true }),
      { userName: 'a', password: HIDDEN, passwordResetRequired: true },
    );
    assert.deepEqual(redact(shape('docdb', 'CreateDBCluster', 'input'), { MasterUserPassword: 'secret' }), { masterUserPassword: HIDDEN });
    assert.deepEqual(redact(shape('secrets-manager', 'PutSecretValue', 'input'), { SecretId: 's', SecretString: 'secret' }), {
      secretId: 's',
      secretString: HIDDEN,
    });
    assert.deepEqual(redact(shape('kms', 'Decrypt', 'output'), { Plaintext: Buffer.from('secret') }), { plaintext: HIDDEN });
  });

  test('leaves streams and unknown members out, and shortens what is long', () => {
    assert.deepEqual(redact(shape('s3', 'PutObject', 'input'), { Bucket: 'b', Key: 'k', Body: Readable.from(['x']), Odd: 1 }), {
      bucket: 'b',
      key: 'k',
    });
    const { message } = redact(shape('sns', 'Publish', 'input'), { Message: 'x'.repeat(100_000) }) as { message: string };
    assert.ok(message.length < 5000);
    assert.deepEqual(redact(shape('kms', 'Encrypt', 'output'), { CiphertextBlob: Buffer.alloc(5000) }), { ciphertextBlob: '5000 bytes' });
  });

  test('of a long list the first items are kept, and how many more there were', () => {
    const Records = Array.from({ length: 500 }, (_, i) => ({ Data: Buffer.alloc(1000), PartitionKey: String(i) }));
    const { records } = redact(shape('kinesis', 'PutRecords', 'input'), { Records }) as { records: unknown[] };
    assert.equal(records.length, 51);
    assert.deepEqual(records[49], { data: '1000 bytes', partitionKey: '49' });
    assert.equal(records[50], '… and 450 more');
  });

  test('what comes out is JSON, whatever went in', () => {
    const item = { a: { B: Buffer.from('x') }, ['__proto__']: { S: 'y' } };
    const kept = redact(shape('dynamodb', 'PutItem', 'input'), { TableName: 't', Item: item });
    assert.equal(JSON.stringify(kept), '{"tableName":"t","item":{"a":{"b":"eA=="},"__proto__":{"s":"y"}}}');
    assert.equal(redact(shape('sts', 'GetCallerIdentity', 'input'), undefined), undefined);
  });
});
