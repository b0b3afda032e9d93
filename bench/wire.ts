/** `node bench/wire.ts`: microseconds to read an input and to write an output, beside JSON.parse of the same bytes. */

import type { OperationModel, Protocol, ServiceModel } from '../src/protocols/model.ts';
import { writeCbor } from '../src/protocols/cbor-shapes.ts';
import { loadModel, modelIndex } from '../src/protocols/models.ts';
import { parseInput } from '../src/protocols/parse.ts';
import { formatOutput } from '../src/protocols/reply.ts';
import { routeRest } from '../src/protocols/rest-route.ts';
import type { WireRequest } from '../src/protocols/wire.ts';

const RUNS = Number(process.env['RUNS'] ?? 100_000);
const context = { requestId: '01234567-89ab-cdef-0123-456789abcdef' };
const post: WireRequest = { method: 'POST', path: '/', rawQuery: '', query: new Map(), headers: {} };

function measure(label: string, run: () => unknown, runs = RUNS): void {
  for (let warm = 0; warm < Math.min(runs, 5000); warm++) run();
  const start = process.cpuUsage();
  for (let at = 0; at < runs; at++) run();
  const used = process.cpuUsage(start);
  console.log(`${label.padEnd(52)} ${((used.user + used.system) / runs).toFixed(2).padStart(8)} µs`);
}

function operationOf(model: ServiceModel, name: string): OperationModel {
  return model.operations.get(name) as OperationModel;
}

function both(service: string, name: string, protocol: Protocol, body: Buffer, output: Record<string, unknown>): void {
  const model = loadModel(service);
  const operation = operationOf(model, name);
  measure(`${service} ${name} ${protocol} parse (${body.length} B)`, () => parseInput(model, protocol, operation, post, body));
  measure(`${service} ${name} ${protocol} format`, () => formatOutput(model, protocol, operation, output, context));
}

function loading(): void {
  const start = performance.now();
  modelIndex();
  const indexed = performance.now();
  loadModel('sts');
  const one = performance.now();
  const before = process.memoryUsage().heapUsed;
  for (const { name } of modelIndex()) loadModel(name);
  const all = performance.now();
  const heap = (process.memoryUsage().heapUsed - before) / 1024 / 1024;
  console.log(
    `index ${(indexed - start).toFixed(1)} ms, one model ${(one - indexed).toFixed(1)} ms, all ${modelIndex().length} ${(all - one).toFixed(0)} ms and ${heap.toFixed(0)} MiB of heap`,
  );
}

function queues(): void {
  const input = {
    QueueUrl: 'http://localhost:4566/000000000000/queue',
    MessageBody: 'x'.repeat(200),
    MessageAttributes: { a: { DataType: 'String', StringValue: 'v' }, b: { DataType: 'Number', StringValue: '1' } },
  };
  const output = { MessageId: '1'.repeat(36), MD5OfMessageBody: 'a'.repeat(32), MD5OfMessageAttributes: 'b'.repeat(32) };
  const json = Buffer.from(JSON.stringify(input));
  const attribute = (at: number, name: string, type: string, value: string) =>
    `&MessageAttribute.${at}.Name=${name}&MessageAttribute.${at}.Value.DataType=${type}&MessageAttribute.${at}.Value.StringValue=${value}`;
  const form = `Action=SendMessage&Version=2012-11-05&QueueUrl=${encodeURIComponent(input.QueueUrl)}&MessageBody=${input.MessageBody}${attribute(1, 'a', 'String', 'v')}${attribute(2, 'b', 'Number', '1')}`;
  measure('  floor: JSON.parse of the same', () => JSON.parse(json.toString()));
  both('sqs', 'SendMessage', 'awsJson1_0', json, output);
  both('sqs', 'SendMessage', 'rpcv2Cbor', writeCbor(operationOf(loadModel('sqs'), 'SendMessage').input, input), output);
  both('sqs', 'SendMessage', 'awsQuery', Buffer.from(form), output);
}

function items(): void {
  const item: Record<string, unknown> = {};
  for (let at = 0; at < 10; at++)
    item[`attribute${at}`] = at % 2 === 0 ? { S: 'value'.repeat(5) } : { M: { x: { S: 'y' }, l: { L: [{ S: 'a' }, { N: '2' }] } } };
  const json = Buffer.from(JSON.stringify({ TableName: 'table', Item: item }));
  measure('  floor: JSON.parse of the same', () => JSON.parse(json.toString()));
  both('dynamodb', 'PutItem', 'awsJson1_0', json, { Attributes: item });
}

function identities(): void {
  const form = Buffer.from('Action=GetCallerIdentity&Version=2011-06-15');
  both('sts', 'GetCallerIdentity', 'awsQuery', form, { Account: '000000000000', UserId: 'AIDA', Arn: 'arn:aws:iam::000000000000:user/a' });
}

function objects(): void {
  const model = loadModel('s3');
  const headers = {
    host: 'localhost:4566',
    range: 'bytes=0-100',
    'x-amz-date': '20261120T000000Z',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    authorization: 'x',
    accept: '*/*',
  };
  const request: WireRequest = {
    method: 'GET',
    path: '/folder/a%20b.txt',
    rawQuery: 'x-id=GetObject',
    query: new Map([['x-id', ['GetObject']]]),
    headers,
    bucket: 'bucket',
  };
  const get = operationOf(model, 'GetObject');
  const empty = Buffer.alloc(0);
  const found = {
    Body: empty,
    ContentLength: 10,
    ETag: '"x"',
    LastModified: new Date(),
    ContentType: 'text/plain',
    Metadata: { a: 'b', c: 'd' },
    AcceptRanges: 'bytes',
  };
  const listed = {
    Name: 'b',
    KeyCount: 1000,
    Contents: Array.from({ length: 1000 }, (_, at) => ({
      Key: `key${at}`,
      Size: at,
      ETag: '"x"',
      LastModified: new Date(),
      StorageClass: 'STANDARD',
    })),
  };
  const labels = routeRest(model, request)?.labels ?? {};
  measure('s3 GetObject route', () => routeRest(model, request));
  measure('s3 GetObject bind', () => parseInput(model, 'restXml', get, request, empty, labels));
  measure('s3 GetObject format', () => formatOutput(model, 'restXml', get, found, context));
  measure(
    's3 ListObjectsV2 format, 1,000 keys',
    () => formatOutput(model, 'restXml', operationOf(model, 'ListObjectsV2'), listed, context),
    RUNS / 100,
  );
  const remove = Buffer.from(`<Delete>${'<Object><Key>folder/some-key</Key></Object>'.repeat(1000)}</Delete>`);
  measure(
    's3 DeleteObjects parse, 1,000 keys',
    () => parseInput(model, 'restXml', operationOf(model, 'DeleteObjects'), post, remove, { Bucket: 'b' }),
    RUNS / 100,
  );
}

loading();
for (const part of [queues, items, identities, objects]) part();
