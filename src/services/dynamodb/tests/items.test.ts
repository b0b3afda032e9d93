/** Items: put, got, updated, deleted, under conditions, with what the answers tell besides. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import * as sdk from '@aws-sdk/client-dynamodb';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';
import { refused } from '../../../../tests/refused.ts';

let cloud: LiveCloud;
let client: sdk.DynamoDBClient;
before(async () => {
  cloud = await startCloud();
  client = cloud.client(sdk.DynamoDBClient);
  await createTable(
    client,
    new sdk.CreateTableCommand({
      TableName: 'items',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
});
after(() => cloud.close());

const TableName = 'items';
const key = (id: string): { id: { S: string } } => ({ id: { S: id } });

test('an item of every type comes back as it was put', async () => {
  const Item: Record<string, sdk.AttributeValue> = {
    ...key('types'),
    n: { N: '12345678901234567890.5' },
    b: { B: Uint8Array.of(0, 1, 255) },
    bs: { BS: [Uint8Array.of(1), Uint8Array.of(2)] },
    ss: { SS: ['a', 'b'] },
    ns: { NS: ['1', '2'] },
    flag: { BOOL: false },
    nothing: { NULL: true },
    m: { M: { l: { L: [{ S: '' }, { B: Uint8Array.of(7) }, { M: {} }] } } },
    __proto: { S: 'a stranger’s name' },
  };
  await client.send(new sdk.PutItemCommand({ TableName, Item }));
  const { Item: got } = await client.send(new sdk.GetItemCommand({ TableName, Key: key('types'), ConsistentRead: true }));
  assert.deepEqual(got, Item);
});

test('an item that is not there is no error', async () => {
  const got = await client.send(new sdk.GetItemCommand({ TableName, Key: key('absent'), ReturnConsumedCapacity: 'TOTAL' }));
  assert.equal(got.Item, undefined);
  assert.deepEqual(got.ConsumedCapacity, { TableName, CapacityUnits: 0.5 });
});

test('an item of nearly 400 KB is whole; a longer one is refused', async () => {
  const long = { ...key('long'), text: { S: '하늘😀'.repeat(39_000) } };
  await client.send(new sdk.PutItemCommand({ TableName, Item: long }));
  const { Item, ConsumedCapacity } = await client.send(
    new sdk.GetItemCommand({ TableName, Key: key('long'), ReturnConsumedCapacity: 'TOTAL', ConsistentRead: true }),
  );
  assert.deepEqual(Item, long);
  assert.equal(ConsumedCapacity?.CapacityUnits, 96);
  await client.send(new sdk.PutItemCommand({ TableName, Item: { ...key('long'), text: { S: 'short' } } }));
  const { Item: short } = await client.send(new sdk.GetItemCommand({ TableName, Key: key('long') }));
  assert.deepEqual(short?.['text'], { S: 'short' });
  await assert.rejects(client.send(new sdk.PutItemCommand({ TableName, Item: { ...long, more: { S: 'x'.repeat(20_000) } } })), {
    name: 'ValidationException',
    message: 'Item size has exceeded the maximum allowed size',
  });
});

test('a condition that fails says so, with the item when asked', async () => {
  await client.send(new sdk.PutItemCommand({ TableName, Item: { ...key('guarded'), v: { N: '1' } } }));
  const put = new sdk.PutItemCommand({
    TableName,
    Item: key('guarded'),
    ConditionExpression: 'attribute_not_exists(id)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  await assert.rejects(client.send(put), (error: sdk.ConditionalCheckFailedException) => {
    assert.equal(error.name, 'ConditionalCheckFailedException');
    assert.equal(error.message, 'The conditional request failed');
    assert.deepEqual(error.Item, { ...key('guarded'), v: { N: '1' } });
    return true;
  });
});

test('an update changes what it names and tells it', async () => {
  const update = (UpdateExpression: string, ReturnValues: sdk.ReturnValue): Promise<sdk.UpdateItemCommandOutput> =>
    client.send(
      new sdk.UpdateItemCommand({
        TableName,
        Key: key('counter'),
        UpdateExpression,
        ExpressionAttributeNames: { '#n': 'n' },
        ExpressionAttributeValues: { ':one': { N: '1' } },
        ReturnValues,
      }),
    );
  assert.deepEqual((await update('ADD #n :one', 'UPDATED_NEW')).Attributes, { n: { N: '1' } });
  assert.deepEqual((await update('SET #n = #n + :one', 'UPDATED_OLD')).Attributes, { n: { N: '1' } });
  assert.deepEqual((await update('SET #n = #n + :one', 'ALL_NEW')).Attributes, { ...key('counter'), n: { N: '3' } });
});

test('a deleted item is told, then gone', async () => {
  await client.send(new sdk.PutItemCommand({ TableName, Item: key('short-lived') }));
  const deleted = await client.send(new sdk.DeleteItemCommand({ TableName, Key: key('short-lived'), ReturnValues: 'ALL_OLD' }));
  assert.deepEqual(deleted.Attributes, key('short-lived'));
  assert.equal((await client.send(new sdk.GetItemCommand({ TableName, Key: key('short-lived') }))).Item, undefined);
});

test('keys that do not fit the table are refused', async () => {
  await assert.rejects(client.send(new sdk.GetItemCommand({ TableName, Key: { id: { N: '1' } } })), {
    message: 'The provided key element does not match the schema',
  });
  await assert.rejects(client.send(new sdk.PutItemCommand({ TableName, Item: { other: { S: 'a' } } })), {
    message: 'One or more parameter values were invalid: Missing the key id in the item',
  });
  await assert.rejects(client.send(new sdk.GetItemCommand({ TableName: 'nowhere', Key: key('a') })), {
    name: 'ResourceNotFoundException',
    message: 'Requested resource not found',
  });
});

/** What a client hears that says what it accepts: the coding of each answer, which is undone for the SDK. */
async function codingOf(accepted: string, id: string): Promise<string | undefined> {
  const asking = cloud.client(sdk.DynamoDBClient);
  let coding: string | undefined;
  asking.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request as { headers: Record<string, string> };
      request.headers['accept-encoding'] = accepted;
      const result = await next(args);
      const response = result.response as { headers: Record<string, string>; body: Readable };
      coding = response.headers['content-encoding'];
      const bytes = Buffer.concat(await Array.fromAsync(response.body));
      response.body = Readable.from([coding === 'gzip' ? gunzipSync(bytes) : coding === 'deflate' ? inflateSync(bytes) : bytes]);
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );
  assert.ok((await asking.send(new sdk.GetItemCommand({ TableName, Key: key(id) }))).Item);
  return coding;
}

test('an answer of 4 KB and more is compressed as its caller likes best', async () => {
  await client.send(new sdk.PutItemCommand({ TableName, Item: { ...key('large'), text: { S: 'x'.repeat(4096) } } }));
  await client.send(new sdk.PutItemCommand({ TableName, Item: { ...key('small'), text: { S: 'x'.repeat(3000) } } }));
  for (const [accepted, coding] of [
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['GZIP, identity', 'gzip'],
    ['br, identity, deflate, gzip', 'deflate'],
    ['gzip;q=0.2, deflate; q = 0.5', 'deflate'],
    ['deflate;q=0.5, gzip;q=31', 'gzip'],
    ['*', 'gzip'],
    ['*, deflate', 'deflate'],
    ['*, gzip;q=0.5', 'deflate'],
    ['br, zstd, x-gzip, constructor', undefined],
    ['gzip ;q=0', undefined],
    ['*;q=0', undefined],
  ] as const)
    assert.equal(await codingOf(accepted, 'large'), coding, accepted);
  assert.equal(await codingOf('gzip', 'small'), undefined);
});

test('a request may come compressed, and is limited as what it means', async () => {
  const sending = (coding: string, pack: (text: string) => Buffer): sdk.DynamoDBClient => {
    const one = cloud.client(sdk.DynamoDBClient);
    one.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { headers: Record<string, string>; body: string | Buffer };
        request.body = pack(request.body as string);
        request.headers['content-encoding'] = coding;
        request.headers['content-length'] = String(request.body.length);
        return next(args);
      },
      { step: 'build', priority: 'low' },
    );
    return one;
  };
  const put = (one: sdk.DynamoDBClient, id: string): Promise<unknown> => one.send(new sdk.PutItemCommand({ TableName, Item: key(id) }));
  for (const [coding, pack] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ] as const) {
    await put(
      sending(coding, (text) => pack(text)),
      coding,
    );
    assert.ok((await client.send(new sdk.GetItemCommand({ TableName, Key: key(coding) }))).Item);
    await refused(
      put(
        sending(coding, (text) => Buffer.from(text)),
        'plain',
      ),
      'SerializationException',
    );
    const padded = (text: string): Buffer => pack(`${' '.repeat(16 * 1024 * 1024)}${text}`);
    await refused(put(sending(coding, padded), 'padded'), { status: 413 });
  }
});

test('an update that only takes away makes no item', async () => {
  const update = (id: string, rest: Partial<sdk.UpdateItemCommandInput>): Promise<sdk.UpdateItemCommandOutput> =>
    client.send(new sdk.UpdateItemCommand({ TableName, Key: key(id), ReturnValues: 'ALL_NEW', ...rest }));
  const found = async (id: string): Promise<unknown> => (await client.send(new sdk.GetItemCommand({ TableName, Key: key(id) }))).Item;
  for (const [at, taking] of [
    { UpdateExpression: 'REMOVE a' },
    { UpdateExpression: 'DELETE a :s', ExpressionAttributeValues: { ':s': { SS: ['x'] } } },
    { AttributeUpdates: { a: { Action: 'DELETE' as const } } },
  ].entries()) {
    assert.equal((await update(`none-${at}`, taking)).Attributes, undefined);
    assert.equal(await found(`none-${at}`), undefined);
  }
  await update('empty', {});
  assert.deepEqual(await found('empty'), key('empty'));
  await update('taken', { UpdateExpression: 'SET a = :a', ExpressionAttributeValues: { ':a': { S: 'x' } } });
  assert.deepEqual((await update('taken', { UpdateExpression: 'REMOVE a' })).Attributes, key('taken'));
});

test('a name of an attribute has one byte to 65,535', async () => {
  const long = '하'.repeat(21_845);
  await client.send(new sdk.PutItemCommand({ TableName, Item: { ...key('names'), [long]: { S: 'x' } } }));
  const Key = key('names');
  for (const [name, message] of [
    [`${long}x`, /Attribute name is too large, must be less than 65536 bytes/],
    ['', /Empty attribute name/],
  ] as const) {
    const ExpressionAttributeNames = { '#name': name };
    const wanted = { code: 'ValidationException', message };
    await refused(client.send(new sdk.PutItemCommand({ TableName, Item: { ...Key, [name]: { S: 'x' } } })), wanted);
    await refused(client.send(new sdk.PutItemCommand({ TableName, Item: { ...Key, map: { M: { [name]: { S: 'x' } } } } })), wanted);
    await refused(client.send(new sdk.GetItemCommand({ TableName, Key, AttributesToGet: [name] })), wanted);
    await refused(client.send(new sdk.GetItemCommand({ TableName, Key, ProjectionExpression: '#name', ExpressionAttributeNames })), wanted);
    await refused(client.send(new sdk.UpdateItemCommand({ TableName, Key, AttributeUpdates: { [name]: { Action: 'DELETE' } } })), wanted);
  }
});

test('of a transaction the first action that is wrong is told, and no other', async () => {
  const put = (id: sdk.AttributeValue): sdk.TransactWriteItem => ({ Put: { TableName, Item: { id } } });
  const TransactItems = [put({ S: 'right' }), put({ N: '7' }), put({ N: '8' })];
  const { CancellationReasons } = await refused(
    client.send(new sdk.TransactWriteItemsCommand({ TransactItems })),
    'TransactionCanceledException',
  );
  assert.deepEqual(
    (CancellationReasons as sdk.CancellationReason[]).map(({ Code }) => Code),
    ['None', 'ValidationError', 'None'],
  );
  const ReturnValuesOnConditionCheckFailure = 'none' as 'NONE';
  const odd = { Delete: { TableName, Key: key('right'), ReturnValuesOnConditionCheckFailure } };
  await refused(client.send(new sdk.TransactWriteItemsCommand({ TransactItems: [odd] })), {
    code: 'ValidationException',
    message: /at 'transactItems\.1\.member\.delete\.returnValuesOnConditionCheckFailure' failed to satisfy constraint/,
  });
});
