/** Global indexes whose keys have several attributes: what they hold, in which order, and how they are asked. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as sdk from '@aws-sdk/client-dynamodb';
import * as fc from 'fast-check';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { createTable } from '../../../../tests/ready-table.ts';

let cloud: LiveCloud;
let client: sdk.DynamoDBClient;

before(async () => {
  cloud = await startCloud();
  client = cloud.client(sdk.DynamoDBClient);
});
after(() => cloud.close());

const matchTableName = 'matches';
const matchIndex = 'of-region';
type Values = Record<string, sdk.AttributeValue>;
const matchKeys = (hashes: readonly string[], ranges: readonly string[]): sdk.KeySchemaElement[] => [
  ...hashes.map((AttributeName) => ({ AttributeName, KeyType: 'HASH' as const })),
  ...ranges.map((AttributeName) => ({ AttributeName, KeyType: 'RANGE' as const })),
];
/** A table whose index has two partition attributes and three to sort by, of all types. */
const matchTable = {
  TableName: matchTableName,
  AttributeDefinitions: [
    { AttributeName: 'id', AttributeType: 'S' as const },
    { AttributeName: 'game', AttributeType: 'S' as const },
    { AttributeName: 'region', AttributeType: 'N' as const },
    { AttributeName: 'round', AttributeType: 'N' as const },
    { AttributeName: 'name', AttributeType: 'S' as const },
    { AttributeName: 'mark', AttributeType: 'B' as const },
  ],
  KeySchema: matchKeys(['id'], []),
  BillingMode: 'PAY_PER_REQUEST' as const,
} satisfies sdk.CreateTableCommandInput;
const matchIndexes = [
  { IndexName: matchIndex, KeySchema: matchKeys(['game', 'region'], ['round', 'name', 'mark']), Projection: { ProjectionType: 'ALL' } },
] satisfies sdk.GlobalSecondaryIndex[];

/** Short values, of which some are beginnings of others and some hold zero bytes. */
const names = ['', '\0', 'a', 'a\0', 'a\0b', 'ab', 'b', '가'].map((text) => `n${text}`);
const rounds = ['-3', '-0.5', '0', '0.05', '2', '10'];
const marks = [[0], [0, 0], [0, 255], [1], [255], [255, 0]].map((bytes) => Uint8Array.from(bytes));
const match = (n: number): Values => ({
  id: { S: `match ${n}` },
  game: { S: n % 3 === 0 ? 'go' : 'chess' },
  region: { N: String(n % 2) },
  // Every seventh lacks one attribute of the key, and so is not in the index.
  ...(n % 7 !== 0 && { round: { N: rounds[(n * 5) % rounds.length]! } }),
  name: { S: names[(n * 11) % names.length]! },
  mark: { B: marks[n % marks.length]! },
  note: { S: `note ${n}` },
});
const allMatches = Array.from({ length: 90 }, (_, n) => match(n));

test('an index has several partition attributes and several to sort by', async () => {
  const made = await createTable(client, new sdk.CreateTableCommand({ ...matchTable, GlobalSecondaryIndexes: matchIndexes }));
  assert.deepEqual(made.TableDescription!.GlobalSecondaryIndexes![0]!.KeySchema, matchIndexes[0]!.KeySchema);
  for (const Item of allMatches) await client.send(new sdk.PutItemCommand({ TableName: matchTableName, Item }));
  const scanned = await client.send(new sdk.ScanCommand({ TableName: matchTableName, IndexName: matchIndex }));
  assert.equal(scanned.Count, allMatches.filter(({ round }) => round).length);
});

const compareMatches = (one: sdk.AttributeValue, other: sdk.AttributeValue): number =>
  one.N === undefined ? Buffer.compare(Buffer.from(one.B ?? one.S!), Buffer.from(other.B ?? other.S!)) : Number(one.N) - Number(other.N);
const operators: Record<string, (value: sdk.AttributeValue, a: sdk.AttributeValue, b: sdk.AttributeValue) => boolean> = {
  '=': (value, a) => compareMatches(value, a) === 0,
  '<': (value, a) => compareMatches(value, a) < 0,
  '<=': (value, a) => compareMatches(value, a) <= 0,
  '>': (value, a) => compareMatches(value, a) > 0,
  '>=': (value, a) => compareMatches(value, a) >= 0,
  BETWEEN: (value, a, b) => compareMatches(value, a) >= 0 && compareMatches(value, b) <= 0,
  begins_with: (value, a) =>
    Buffer.from(value.B ?? value.S!)
      .subarray(0, Buffer.from(a.B ?? a.S!).length)
      .equals(Buffer.from(a.B ?? a.S!)),
};
const sortAttributes = ['round', 'name', 'mark'] as const;
const placeOfMatch = (item: Values): sdk.AttributeValue[] => sortAttributes.map((name) => item[name]!);

test('what a query of several key attributes finds, and in which order, is what a list of all items says', async () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
  console.log(`seed ${seed}`);
  const valueOf: Record<string, fc.Arbitrary<sdk.AttributeValue>> = {
    round: fc.constantFrom(...rounds).map((N) => ({ N })),
    name: fc.constantFrom(...names).map((S) => ({ S })),
    mark: fc.constantFrom(...marks).map((B) => ({ B })),
  };
  const asked = fc.record({
    game: fc.constantFrom('go', 'chess'),
    region: fc.constantFrom('0', '1'),
    from: fc.nat(allMatches.length - 1),
    conditions: fc.nat(3),
    operator: fc.constantFrom(...Object.keys(operators)),
    bounds: fc.record(valueOf),
    others: fc.record(valueOf),
    ScanIndexForward: fc.boolean(),
    Limit: fc.integer({ min: 1, max: 7 }),
  });
  await fc.assert(
    fc.asyncProperty(asked, async ({ game, region, from, conditions, operator, bounds, others, ScanIndexForward, Limit }) => {
      const last = sortAttributes[conditions - 1];
      fc.pre(!(operator === 'begins_with' && last === 'round'));
      const equal = sortAttributes.slice(0, Math.max(0, conditions - 1));
      const [low, high] = last ? [bounds[last]!, others[last]!].toSorted(compareMatches) : [];
      const like = allMatches[from]!;
      fc.pre(equal.every((name) => like[name]));
      const clause =
        operator === 'begins_with' ? 'begins_with(#last, :low)' : `#last ${operator} :low${operator === 'BETWEEN' ? ' AND :high' : ''}`;
      const input = {
        TableName: matchTableName,
        IndexName: matchIndex,
        KeyConditionExpression: [
          'game = :game',
          ...equal.map((name) => `#${name} = :${name}`),
          '#region = :region',
          ...(last ? [clause] : []),
        ].join(' AND '),
        ExpressionAttributeNames: {
          '#region': 'region',
          ...Object.fromEntries(equal.map((name) => [`#${name}`, name])),
          ...(last && { '#last': last }),
        },
        ExpressionAttributeValues: {
          ':game': { S: game },
          ':region': { N: region },
          ...Object.fromEntries(equal.map((name) => [`:${name}`, like[name]!])),
          ...(last && { ':low': low!, ...(operator === 'BETWEEN' && { ':high': high! }) }),
        },
        ScanIndexForward,
        Limit,
      };
      const found: Values[] = [];
      for await (const page of sdk.paginateQuery({ client }, input)) found.push(...page.Items!);
      const expected = allMatches.filter(
        (item) =>
          item['round'] &&
          item['game']!.S === game &&
          item['region']!.N === region &&
          equal.every((name) => compareMatches(item[name]!, like[name]!) === 0) &&
          (!last || operators[operator]!(item[last]!, low!, high!)),
      );
      const order = (one: Values, other: Values): number => {
        const at = sortAttributes.findIndex((name) => compareMatches(one[name]!, other[name]!) !== 0);
        return at < 0 ? 0 : compareMatches(one[sortAttributes[at]!]!, other[sortAttributes[at]!]!) * (ScanIndexForward ? 1 : -1);
      };
      assert.deepEqual(found.map(placeOfMatch), expected.toSorted(order).map(placeOfMatch));
      const ids = (items: Values[]): string[] => items.map(({ id }) => id!.S!).toSorted();
      assert.deepEqual(ids(found), ids(expected));
    }),
    { numRuns: 150, seed },
  );
});

const ofRegion = { TableName: matchTableName, IndexName: matchIndex };
const asked = (KeyConditionExpression: string, ExpressionAttributeValues: Values): Promise<sdk.QueryCommandOutput> =>
  client.send(
    new sdk.QueryCommand({
      ...ofRegion,
      KeyConditionExpression,
      ExpressionAttributeValues,
      ...(/#/.test(KeyConditionExpression) && {
        ExpressionAttributeNames: Object.fromEntries(KeyConditionExpression.match(/#\w+/g)!.map((name) => [name, name.slice(1)])),
      }),
    }),
  );
const regionValues: Values = { ':g': { S: 'go' }, ':r': { N: '1' } };

test('a query names every partition attribute, and sort attributes from left to right', async () => {
  const refused = (text: string, values: Values, message: RegExp): Promise<void> =>
    assert.rejects(asked(text, values), (error: Error) => error.name === 'ValidationException' && message.test(error.message));
  await refused('game = :g', { ':g': { S: 'go' } }, /region: a HASH key attribute must have an equality condition/);
  await refused('game = :g AND #region > :r', regionValues, /HASH key attribute region must have an equality/);
  const gap = { ...regionValues, ':n': { S: 'na' } };
  await refused('game = :g AND #region = :r AND #name = :n', gap, /RANGE key attribute round must have an equality.*name has a condition/);
  const early = { ...gap, ':round': { N: '1' } };
  await refused('game = :g AND #region = :r AND #name = :n AND round > :round', early, /RANGE key attribute round must have an equality/);
  await refused('game = :g AND #region = :r AND note = :n', gap, /Query key condition not supported/);
  await refused('game = :g AND #region = :r', { ':g': { S: 'go' }, ':r': { S: '1' } }, /type does not match schema type/);
  const filter = {
    ...ofRegion,
    KeyConditionExpression: 'game = :g AND #r = :r',
    ExpressionAttributeNames: { '#r': 'region', '#m': 'mark' },
  };
  await assert.rejects(
    client.send(new sdk.QueryCommand({ ...filter, FilterExpression: 'attribute_exists(#m)', ExpressionAttributeValues: regionValues })),
    { message: 'Filter Expression can only contain non-primary key attributes: Primary key attribute: mark' },
  );
});

test('legacy conditions ask for several key attributes too', async () => {
  const eq = (value: sdk.AttributeValue): sdk.Condition => ({ ComparisonOperator: 'EQ', AttributeValueList: [value] });
  const KeyConditions = { game: eq({ S: 'go' }), region: eq({ N: '1' }), round: { ...eq({ N: '0' }), ComparisonOperator: 'GE' as const } };
  const { Items } = await client.send(new sdk.QueryCommand({ ...ofRegion, KeyConditions }));
  const expected = await asked('game = :g AND #region = :r AND round >= :z', { ...regionValues, ':z': { N: '0' } });
  assert.ok(Items!.length > 0);
  assert.deepEqual(Items, expected.Items);
});

test('a starting key has every key attribute of its index and its table, and lies where the query does', async () => {
  const page = await client.send(
    new sdk.QueryCommand({
      ...ofRegion,
      KeyConditionExpression: 'game = :g AND #r = :r',
      ExpressionAttributeNames: { '#r': 'region' },
      ExpressionAttributeValues: regionValues,
      Limit: 1,
    }),
  );
  const start = page.LastEvaluatedKey!;
  assert.deepEqual(Object.keys(start).toSorted(), ['game', 'id', 'mark', 'name', 'region', 'round']);
  const from = (ExclusiveStartKey: Values): Promise<unknown> =>
    client.send(
      new sdk.QueryCommand({
        ...ofRegion,
        KeyConditionExpression: 'game = :g AND #r = :r',
        ExpressionAttributeNames: { '#r': 'region' },
        ExpressionAttributeValues: regionValues,
        ExclusiveStartKey,
      }),
    );
  const { mark: _, ...short } = start;
  await assert.rejects(from(short), { message: 'The provided starting key is invalid' });
  await assert.rejects(from({ ...start, more: { S: '' } }), { message: 'The provided starting key is invalid' });
  await assert.rejects(from({ ...start, region: { N: '0' } }), { message: /outside query boundaries/ });
  await assert.rejects(from({ ...start, name: { S: 'n'.repeat(1024) } }), { message: /Aggregated size of all range keys/ });
});

test('attributes of a key count together', async () => {
  const put = (given: Values): Promise<unknown> =>
    client.send(new sdk.PutItemCommand({ TableName: matchTableName, Item: { ...match(1), id: { S: 'long' }, ...given } }));
  await put({ game: { S: 'g'.repeat(2046) }, name: { S: 'n'.repeat(1020) } });
  await assert.rejects(put({ game: { S: 'g'.repeat(2047) } }), {
    message: /Size of hashkey has exceeded the maximum size limit of2048 bytes/,
  });
  await assert.rejects(put({ name: { S: 'n'.repeat(1021) } }), {
    message: /Aggregated size of all range keys has exceeded the size limit of 1024/,
  });
  await assert.rejects(put({ mark: { S: 'text' } }), {
    message: /Type mismatch for Index Key mark Expected: B Actual: S IndexName: of-region/,
  });
  await assert.rejects(put({ name: { S: '' } }), { message: /cannot contain an empty string value. IndexName: of-region, IndexKey: name/ });
  const found = await asked('game = :g AND #region = :r', { ':g': { S: 'g'.repeat(2046) }, ':r': { N: '1' } });
  assert.deepEqual(
    found.Items!.map(({ id }) => id!.S),
    ['long'],
  );
  await client.send(new sdk.DeleteItemCommand({ TableName: matchTableName, Key: { id: { S: 'long' } } }));
});

test('an index of several attributes is filled from a table that has items, and gives what it projects', async () => {
  const [TableName, IndexName] = ['filled', 'later'];
  const plain = { ...matchTable, TableName, AttributeDefinitions: matchTable.AttributeDefinitions.slice(0, 1) };
  await createTable(client, new sdk.CreateTableCommand(plain));
  for (const Item of allMatches.slice(0, 30)) await client.send(new sdk.PutItemCommand({ TableName, Item }));
  // Without its type, it stays out of an index.
  await client.send(new sdk.PutItemCommand({ TableName, Item: { ...match(1), id: { S: 'other' }, mark: { S: 'text' } } }));
  const KeySchema = matchKeys(['game', 'region'], ['round', 'mark']);
  await client.send(
    new sdk.UpdateTableCommand({
      TableName,
      AttributeDefinitions: matchTable.AttributeDefinitions.filter(({ AttributeName }) => AttributeName !== 'name'),
      GlobalSecondaryIndexUpdates: [{ Create: { IndexName, KeySchema, Projection: { ProjectionType: 'KEYS_ONLY' } } }],
    }),
  );
  const index = async (): Promise<sdk.GlobalSecondaryIndexDescription> =>
    (await client.send(new sdk.DescribeTableCommand({ TableName }))).Table!.GlobalSecondaryIndexes![0]!;
  await cloud.cloud.settled();
  assert.equal((await index()).IndexStatus, 'ACTIVE');
  assert.deepEqual((await index()).KeySchema, KeySchema);
  const { Items } = await client.send(new sdk.ScanCommand({ TableName, IndexName }));
  const wanted = allMatches.slice(0, 30).filter(({ round }) => round);
  assert.deepEqual(Items!.map(({ id }) => id!.S).toSorted(), wanted.map(({ id }) => id!.S).toSorted());
  assert.deepEqual(Object.keys(Items![0]!).toSorted(), ['game', 'id', 'mark', 'region', 'round']);
});

test('keys of an index have up to four attributes of each kind, those of the partition first', async () => {
  const refused = async (KeySchema: sdk.KeySchemaElement[], message: RegExp): Promise<void> => {
    const named = new Set(['id', ...KeySchema.map(({ AttributeName }) => AttributeName!)]);
    const definition = {
      ...matchTable,
      TableName: 'refused',
      AttributeDefinitions: [...named].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      GlobalSecondaryIndexes: [{ IndexName: 'one', KeySchema, Projection: { ProjectionType: 'ALL' as const } }],
    };
    await assert.rejects(client.send(new sdk.CreateTableCommand(definition)), { name: 'ValidationException', message });
  };
  const many = (letter: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${letter}${n}`);
  await refused(matchKeys(many('h', 5), []), /exceeds the maximum allowed number of HASH key attributes/);
  await refused(matchKeys(many('h', 1), many('r', 5)), /exceeds the maximum allowed number of RANGE key attributes/);
  await refused(matchKeys(many('h', 5), many('r', 4)), /length less than or equal to 8/);
  await refused([...matchKeys(['a'], ['b']), ...matchKeys(['c'], [])], /All HASH key attributes must precede RANGE key attributes/);
  await refused(matchKeys(['a', 'b', 'a'], []), /multiple key attributes with the same name/);
  await refused(matchKeys(['a', 'a'], []), /^Both the Hash Key and the Range Key element in the KeySchema have the same name$/);
  await refused(matchKeys([], ['a', 'b']), /The first KeySchemaElement is not a HASH key type/);
  await assert.rejects(
    client.send(new sdk.CreateTableCommand({ ...matchTable, TableName: 'refused', KeySchema: matchKeys(['id', 'game'], []) })),
    { message: 'Invalid KeySchema: The second KeySchemaElement is not a RANGE key type' },
  );
});

test('statements of PartiQL read an index by its partition attributes, in the order of its sort attributes', async () => {
  const select = async (clause: string): Promise<string[]> => {
    const { Items } = await client.send(new sdk.ExecuteStatementCommand({ Statement: `SELECT * FROM "matches"."of-region" ${clause}` }));
    return Items!.map(({ id }) => id!.S!);
  };
  const idsOf = async (text: string, values: Values): Promise<string[]> => (await asked(text, values)).Items!.map(({ id }) => id!.S!);
  const all = await idsOf('game = :g AND #region = :r', regionValues);
  assert.deepEqual(await select(`WHERE game = 'go' AND "region" = 1`), all);
  assert.deepEqual(await select(`WHERE game = 'go' AND "region" = 1 ORDER BY round DESC`), all.toReversed());
  const later = await idsOf('game = :g AND #region = :r AND round > :z', { ...regionValues, ':z': { N: '0' } });
  assert.deepEqual(await select(`WHERE "region" = 1 AND round > 0 AND game = 'go'`), later);
  const both = [...all, ...(await idsOf('game = :g AND #region = :r', { ...regionValues, ':g': { S: 'chess' } }))];
  assert.deepEqual((await select(`WHERE game IN ['go', 'chess'] AND "region" = 1`)).toSorted(), both.toSorted());
  assert.deepEqual((await select(`WHERE "region" = 1`)).toSorted(), both.toSorted());
  const ordered = `WHERE game = 'go' AND "region" = 1 ORDER BY "name"`;
  await assert.rejects(select(ordered), { message: 'ORDER BY clause must name the sort key attributes of the index from left to right' });
});
