/** Input that cannot be read is answered with AWS's own errors, never with NaN, a crash or a silent default. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AwsError } from '../../src/framework/aws-error.ts';
import { encodeCbor, writeAny } from '../../src/protocols/cbor-encode.ts';
import { parseForm } from '../../src/protocols/form.ts';
import type { OperationModel, Protocol } from '../../src/protocols/model.ts';
import { loadModel } from '../../src/protocols/models.ts';
import { parseInput } from '../../src/protocols/parse.ts';

type Wire = { query?: Record<string, string>; headers?: Record<string, string>; labels?: Record<string, string> };

function parse(service: string, name: string, body: string | Buffer, wire: Wire = {}, protocol?: Protocol): Record<string, unknown> {
  const model = loadModel(service);
  const query = new Map(Object.entries(wire.query ?? {}).map(([key, value]) => [key, [value]]));
  const request = { method: 'POST', path: '/', rawQuery: '', query, headers: wire.headers ?? {} };
  return parseInput(
    model,
    protocol ?? (model.protocols[0] as Protocol),
    model.operations.get(name) as OperationModel,
    request,
    Buffer.from(body as string),
    wire.labels,
  );
}

function refused(run: () => unknown, code: string, message?: string | RegExp): void {
  assert.throws(run, (error) => {
    assert.ok(error instanceof AwsError, String(error));
    assert.equal(error.code, code);
    if (typeof message === 'string') assert.equal(error.message, message);
    else if (message !== undefined) assert.match(error.message, message);
    return true;
  });
}

const nested = (open: string, close: string, levels: number) => open.repeat(levels) + close.repeat(levels);

describe('JSON', () => {
  const put = (item: string) => () => parse('dynamodb', 'PutItem', `{"TableName":"t","Item":${item}}`);
  test('text that is no JSON, and bytes that are no UTF-8', () => {
    for (const body of ['{', '[]]', '{"TableName":', 'null x', '{"a":\u0001}'])
      refused(() => parse('dynamodb', 'PutItem', body), 'SerializationException');
    refused(() => parse('dynamodb', 'PutItem', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])), 'SerializationException');
  });
  test('values of the wrong type, in the words of AWS', () => {
    const sentences = {
      '{"StreamName":5}': 'NUMBER_VALUE can not be converted to a String',
      '{"StreamName":true}': 'TRUE_VALUE can not be converted to a String',
      '{"StreamName":["a"]}': 'Start of list found where not expected',
      '{"StreamName":{"a":1}}': 'Start of structure or map found where not expected.',
      '{"StreamName":"t","ShardCount":"5"}': 'STRING_VALUE can not be converted to a Number',
      '{"StreamName":"t","Tags":[]}': 'Expected map or null',
    };
    for (const [body, sentence] of Object.entries(sentences))
      refused(() => parse('kinesis', 'CreateStream', body), 'SerializationException', sentence);
    refused(() => parse('kinesis', 'PutRecords', '{"Records":{}}'), 'SerializationException', 'Expected list or null');
    refused(
      () => parse('kinesis', 'DeleteStream', '{"EnforceConsumerDeletion":"true"}'),
      'SerializationException',
      'STRING_VALUE can not be converted to a Boolean',
    );
  });
  test('DynamoDB has words of its own, and takes texts for booleans', () => {
    const sentences = {
      '{"TableName":5}': 'NUMBER_VALUE cannot be converted to String',
      '{"TableName":["a"]}': 'Unrecognized collection type class java.lang.String',
      '{"TableName":{"a":1}}': 'Start of structure or map found where not expected',
      '{"Item":[]}': 'Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>',
      '{"Item":{"a":{"L":{}}}}': 'Start of structure or map found where not expected',
      '{"Item":{"a":5}}': 'Unexpected value type in payload',
    };
    for (const [body, sentence] of Object.entries(sentences))
      refused(() => parse('dynamodb', 'PutItem', body), 'SerializationException', sentence);
    const { ConsistentRead } = parse('dynamodb', 'Query', '{"TableName":"t","ConsistentRead":"true"}');
    assert.equal(ConsistentRead, true);
    refused(() => parse('dynamodb', 'PutItem', '[]'), 'SerializationException');
    refused(put('{"a":{"SS":["x",null]}}'), 'SerializationException');
  });
  test('numbers out of range, base64 and timestamps that are none', () => {
    refused(() => parse('dynamodb', 'Query', '{"TableName":"t","Limit":1e999}'), 'SerializationException');
    refused(() => parse('dynamodb', 'Query', '{"TableName":"t","Limit":"NaN"}'), 'SerializationException');
    for (const text of ['a', 'ab', 'abc', 'a===', '****', 'ab=c']) refused(put(`{"a":{"B":"${text}"}}`), 'SerializationException');
    for (const time of ['"soon"', '"2020-13-01T00:00:00Z"', '1e300', '{}', `"${'T'.repeat(100_000)}"`])
      refused(() => parse('cloudtrail', 'LookupEvents', `{"StartTime":${time}}`), 'SerializationException');
  });
  test('a union with two members, but for DynamoDB, which answers that itself', () => {
    refused(
      () =>
        parse(
          'rds-data',
          'ExecuteStatement',
          '{"resourceArn":"a","secretArn":"b","sql":"c","parameters":[{"value":{"isNull":true,"longValue":1}}]}',
        ),
      'SerializationException',
    );
    assert.deepEqual(Object.keys((put('{"a":{"S":"x","N":"1"}}')()['Item'] as Record<string, object>)['a'] as object), ['S', 'N']);
  });
  test('32 levels of attributes pass, thousands do not', () => {
    const levels = (count: number) => put(`{"a":${'{"M":{"a":'.repeat(count)}{"S":"x"}${'}}'.repeat(count)}}`);
    assert.ok(levels(32)());
    refused(levels(5000), 'SerializationException', /nested deeper/);
    refused(put(nested('[', ']', 1_000_000)), 'SerializationException');
  });
  test('keys such as __proto__ are keys like any other', () => {
    const item = put('{"__proto__":{"S":"x"},"constructor":{"S":"y"}}')()['Item'] as Record<string, unknown>;
    assert.deepEqual(Object.keys(item), ['__proto__', 'constructor']);
    assert.equal(({} as Record<string, unknown>)['S'], undefined);
    assert.deepEqual(parse('dynamodb', 'ListTables', '{"__proto__":{"Limit":5},"constructor":1,"toString":2}'), {});
  });
  test('of a repeated key the last counts', () => assert.equal(parse('dynamodb', 'ListTables', '{"Limit":1,"Limit":2}')['Limit'], 2));
  test('unknown members are skipped', () => assert.deepEqual(parse('dynamodb', 'ListTables', '{"Novelty":{"a":[1]}}'), {}));
});

describe('required members', () => {
  const one = (path: string) =>
    `1 validation error detected: Value null at '${path}' failed to satisfy constraint: Member must not be null`;
  test('in the words of each family', () => {
    refused(() => parse('kms', 'Encrypt', '{"KeyId":"k"}'), 'ValidationException', one('plaintext'));
    refused(
      () => parse('kms', 'Encrypt', ''),
      'ValidationException',
      /^2 validation errors detected: Value null at 'keyId' .*; Value null at 'plaintext' /,
    );
    refused(() => parse('sts', 'AssumeRole', 'RoleArn=a'), 'ValidationError', one('roleSessionName'));
    refused(
      () => parse('sts', 'AssumeRole', 'RoleArn=a&RoleSessionName=b&Tags.member.1.Key=k'),
      'ValidationError',
      one('tags.1.member.value'),
    );
    refused(() => parse('ec2', 'CreateSubnet', ''), 'MissingParameter', 'The request must contain the parameter vpcId');
    refused(() => parse('sqs', 'CreateQueue', '{}'), 'MissingParameter', 'The request must contain the parameter QueueName.');
    refused(() => parse('cloudwatch-logs', 'CreateLogGroup', '{}'), 'InvalidParameterException', one('logGroupName'));
    refused(() => parse('s3', 'DeleteObjects', '', { labels: { Bucket: 'b' } }), 'MissingRequestBodyError', 'Request Body is empty');
    refused(() => parse('s3', 'DeleteObjects', '<Delete><Object/></Delete>', { labels: { Bucket: 'b' } }), 'MalformedXML');
  });
  test('null counts as absent', () =>
    refused(() => parse('kms', 'Encrypt', '{"KeyId":null,"Plaintext":"YQ=="}'), 'ValidationException', one('keyId')));
  test('an answer names a hundred at most', () => {
    const tags = Array.from({ length: 5000 }, (_, at) => `Tags.member.${at + 1}.Key=k`).join('&');
    assert.throws(
      () => parse('sts', 'AssumeRole', `RoleArn=a&RoleSessionName=b&${tags}`),
      (error) => (error as Error).message.length < 20_000,
    );
  });
});

describe('forms', () => {
  test('scalars that cannot be read', () => {
    for (const text of ['abc', '1x', '', 'NaN', 'Infinity', '1e999', '0x10', '1'.repeat(100_000)])
      refused(
        () => parse('sts', 'AssumeRole', `RoleArn=a&RoleSessionName=b&DurationSeconds=${text}`),
        'MalformedInput',
        /^DurationSeconds: /,
      );
    refused(() => parse('iam', 'UpdateLoginProfile', 'UserName=a&PasswordResetRequired=perhaps'), 'MalformedInput');
    refused(
      () => parse('ec2', 'DescribeInstances', 'MaxResults=many'),
      'InvalidParameterValue',
      /^Value \(many\) for parameter MaxResults is invalid/,
    );
  });
  test('lists that are none', () => {
    refused(() => parse('sts', 'AssumeRole', 'Tags=x'), 'MalformedInput');
    refused(() => parse('sts', 'AssumeRole', 'Tags.member.x.Key=k'), 'MalformedInput');
  });
  test('list entries come in the order of their numbers, whatever the order they were sent in', () => {
    assert.deepEqual(parse('ec2', 'DescribeInstances', 'InstanceId.10=j&InstanceId.2=b&InstanceId.1=a')['InstanceIds'], ['a', 'b', 'j']);
  });
  test('bad percent-encoding, too many parameters, too many parts', () => {
    refused(() => parse('sts', 'AssumeRole', 'RoleArn=%zz'), 'MalformedInput');
    refused(() => parse('sts', 'AssumeRole', 'RoleArn=%ff'), 'MalformedInput');
    refused(() => parse('sts', 'AssumeRole', 'a=1&'.repeat(200_000)), 'MalformedInput', /more than/);
    refused(() => parse('sts', 'AssumeRole', `${'a.'.repeat(5000)}=1`), 'MalformedInput', /more than/);
    const deep = (at: number) => `${`a${at}.`.repeat(60)}=1`;
    refused(() => parse('sts', 'AssumeRole', Array.from({ length: 10_000 }, (_, at) => deep(at)).join('&')), 'MalformedInput', /more than/);
  });
  test('names such as __proto__ are names like any other', () => {
    assert.equal(parseForm('__proto__.polluted=1').parts?.get('__proto__')?.parts?.get('polluted')?.value, '1');
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    const attributes = parse('sns', 'SetSubscriptionAttributes', 'SubscriptionArn=a&AttributeName=__proto__')['AttributeName'];
    assert.equal(attributes, '__proto__');
  });
});

describe('XML', () => {
  const sentence = 'The XML you provided was not well-formed or did not validate against our published schema';
  const remove = (body: string | Buffer) => () => parse('s3', 'DeleteObjects', body, { labels: { Bucket: 'b' } });
  test('not well-formed, or not what the schema says', () => {
    for (const body of [
      '<Delete>',
      'Delete',
      '<Delete></delete>',
      '<Delete a=1/>',
      '<Delete>&nbsp;</Delete>',
      '<Delete/><Delete/>',
      '<Other/>',
      '<Delete><Objekt/></Delete>',
      '<Delete><Quiet>perhaps</Quiet></Delete>',
      '<Delete><Quiet>true</Quiet><Quiet>true</Quiet></Delete>',
      '<Delete><Object><Key><b/></Key></Object></Delete>',
    ]) {
      refused(remove(body), 'MalformedXML', sentence);
    }
    refused(remove(Buffer.from('<Delete>\xff</Delete>', 'latin1')), 'MalformedXML', sentence);
  });
  test('document types and entities', () => {
    refused(remove('<!DOCTYPE Delete [<!ENTITY a "aaaa">]><Delete>&a;</Delete>'), 'MalformedXML', sentence);
    refused(remove('<!DOCTYPE Delete SYSTEM "file:///etc/passwd"><Delete/>'), 'MalformedXML', sentence);
  });
  test('too deep, too many', () => {
    refused(remove(nested('<Delete>', '</Delete>', 10_000)), 'MalformedXML', sentence);
    refused(remove(`<Delete ${Array.from({ length: 100 }, (_, at) => `a${at}=""`).join(' ')}/>`), 'MalformedXML', sentence);
    refused(remove(`<Delete>${'<Object><Key>a</Key></Object>'.repeat(150_000)}</Delete>`), 'MalformedXML', sentence);
  });
  test('prefixes, CDATA, comments and references are understood', () => {
    const body =
      '<?xml version="1.0"?><s:Delete xmlns:s="http://s3.amazonaws.com/doc/2006-03-01/"><!-- x --><s:Object><s:Key>a&amp;&#x62;<![CDATA[<c>]]></s:Key></s:Object></s:Delete>';
    assert.deepEqual(remove(body)()['Delete'], { Objects: [{ Key: 'a&b<c>' }] });
  });
  test('S3 names the argument that cannot be read', () => {
    refused(
      () => parse('s3', 'ListObjectsV2', '', { query: { 'max-keys': 'many' }, labels: { Bucket: 'b' } }),
      'InvalidArgument',
      'Provided max-keys not an integer or within integer range',
    );
    assert.equal(parse('s3', 'ListObjectsV2', '', { query: { 'max-keys': '' }, labels: { Bucket: 'b' } })['MaxKeys'], undefined);
  });
  test('a condition with an unreadable date is none', () => {
    assert.equal(
      parse('s3', 'HeadObject', '', { headers: { 'if-modified-since': 'yesterday' }, labels: { Bucket: 'b', Key: 'k' } })[
        'IfModifiedSince'
      ],
      undefined,
    );
  });
  test('Route 53 has words of its own', () => refused(() => parse('route-53', 'CreateHostedZone', '<a'), 'InvalidInput', /^Invalid XML/));
});

describe('CBOR', () => {
  const query = (bytes: Buffer) => () => parse('dynamodb', 'Query', bytes, {}, 'rpcv2Cbor');
  const encoded = (value: unknown) => encodeCbor(() => writeAny(value));
  test('what is well-formed is read', () => assert.deepEqual(query(encoded({ TableName: 't', Limit: 5 }))(), { TableName: 't', Limit: 5 }));
  test('bytes that end early, lengths beyond the end, and bytes after the end', () => {
    const whole = encoded({ TableName: 'a longer name', Limit: 500 });
    for (let end = 1; end < whole.length; end++) refused(query(whole.subarray(0, end)), 'SerializationException');
    for (const hex of ['9bffffffffffffffff', 'bb7fffffffffffffff', '7b00000000ffffffff', '5affffffff', 'ff', '1c', 'a100', 'a0a0', 'f8ff'])
      refused(query(Buffer.from(hex, 'hex')), 'SerializationException');
  });
  test('wrong types, NaN and depth', () => {
    refused(query(encoded({ TableName: 5 })), 'SerializationException', 'NUMBER_VALUE can not be converted to a String');
    refused(query(encoded({ TableName: 't', Limit: NaN })), 'SerializationException');
    refused(query(Buffer.alloc(1_000_000, 0x81)), 'SerializationException', /nested deeper/);
    refused(query(Buffer.alloc(1_000_000, 0xc1)), 'SerializationException', /nested deeper/);
  });
  test('__proto__ is a key like any other', () => {
    const bytes = encoded({ TableName: 't', ExclusiveStartKey: JSON.parse('{"__proto__":{"S":"x"}}') as unknown });
    assert.deepEqual(Object.keys(query(bytes)()['ExclusiveStartKey'] as object), ['__proto__']);
  });
});
