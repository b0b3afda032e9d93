/** Keys sort as tuples do, values survive encoding, and tables keep their indexes right through upgrades. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decodeValue, encodeValue } from '../codec.ts';
import { decodeKey, encodeKey, extendKey, type KeyPart } from '../keys.ts';
import { migrateTables, storedTables, type MigrationProgress } from '../migrate.ts';
import { openStore } from '../open-store.ts';
import { NewerRecord, NotUnique, type Store } from '../store.ts';
import { table } from '../table.ts';

async function openTemporary(): Promise<Store> {
  const store = await openStore({ temporary: true });
  after(() => store.close());
  return store;
}

test('rows that are peeked at are frozen and the same as long as they stay as they are', async () => {
  const store = await openTemporary();
  const pets = table<{ id: string; kind: string; legs: number[] }, 'kind'>('tests/pets', {
    key: (row) => [row.id],
    indexes: { kind: (row) => [row.kind] },
  });
  const cats = () => store.read((tx) => pets.peekIndex(tx, 'kind', ['cat']));
  await store.write(async (tx) => {
    for (const id of ['a', 'b']) await pets.put(tx, { id, kind: 'cat', legs: [4] });
  });
  const [first, second] = await cats();
  assert.deepEqual(await cats(), await store.read((tx) => pets.scanIndex(tx, 'kind', ['cat'])));
  assert.equal((await cats())[0]!.row, first!.row);
  assert.equal(await store.read((tx) => pets.peek(tx, 'a')), first!.row);
  assert.throws(() => first!.row.legs.push(5), TypeError);
  await store.write(async (tx) => {
    await pets.put(tx, { id: 'a', kind: 'cat', legs: [3] });
    assert.deepEqual((await pets.peekIndex(tx, 'kind', ['cat'], { limit: 1 }))[0]!.row.legs, [3]);
  });
  const [changed, same] = await cats();
  assert.deepEqual([changed!.row.legs, first!.row.legs], [[3], [4]]);
  assert.equal(same!.row, second!.row);
  const other = await openTemporary();
  await other.write((tx) => pets.put(tx, { id: 'a', kind: 'cat', legs: [] }));
  assert.deepEqual(await other.read((tx) => pets.peek(tx, 'a')), { id: 'a', kind: 'cat', legs: [] });
  assert.deepEqual((await cats())[0]!.row, changed!.row);
});

test('a key that is extended is the key of all its parts', () => {
  const parts: KeyPart[] = ['group', -0, 'a\0b', 7.5, '', -1.25, 'ä\u{1f600}', Infinity, 3n, null, Buffer.of(0, 1)];
  for (const first of parts)
    for (const second of parts)
      assert.deepEqual(Buffer.from(extendKey(encodeKey('row'), [first, second])), Buffer.from(encodeKey('row', first, second)));
  assert.throws(() => extendKey(encodeKey('row'), [Number.NaN]), TypeError);
  assert.throws(() => extendKey(encodeKey('row'), ['\ud800', 1]), TypeError);
});

test('keys round-trip and sort', () => {
  const ascending: KeyPart[] = [
    null,
    Buffer.of(),
    Buffer.of(0),
    Buffer.of(0, 0),
    Buffer.of(0, 1),
    Buffer.of(1),
    Buffer.of(255),
    '',
    '\0',
    '\0a',
    'a',
    'a\0',
    'aa',
    'b',
    'é',
    '\uffff',
    '😀',
    -(2n ** 100n),
    -(2n ** 64n),
    -(2n ** 64n) + 1n,
    -256n,
    -255n,
    -1n,
    0n,
    1n,
    255n,
    256n,
    2n ** 64n - 1n,
    2n ** 64n,
    2n ** 100n,
    -Infinity,
    -1e300,
    -2,
    -1.5,
    -1e-300,
    0,
    1e-300,
    0.5,
    1,
    2,
    1_795_000_000_000,
    2 ** 53,
    Infinity,
  ];
  const encoded = ascending.map((part) => encodeKey(part));
  for (let i = 1; i < encoded.length; i++)
    assert.ok(Buffer.compare(encoded[i - 1]!, encoded[i]!) < 0, `${String(ascending[i - 1])} < ${String(ascending[i])}`);
  assert.deepEqual(
    encoded.map((key) => decodeKey(key)[0]),
    ascending.map((part) => (Buffer.isBuffer(part) ? Uint8Array.from(part) : part)),
  );
  assert.ok(Buffer.compare(encodeKey('a', 'z'), encodeKey('a\0', 'a')) < 0, 'a tuple sorts before one with a longer first part');
  assert.throws(() => encodeKey('\ud800'), TypeError);
  assert.throws(() => encodeKey(NaN), TypeError);
});

test('values round-trip, those of a stranger too', () => {
  const value = { date: new Date(5), bytes: Buffer.from('ab'), big: 2n ** 70n, nested: [{ at: new Date(0) }], $: 'own', plain: null };
  assert.deepEqual(decodeValue(encodeValue(value)), value);
  assert.deepEqual(decodeValue(encodeValue({ text: '"$":' })), { text: '"$":' });
  assert.deepEqual(decodeValue(encodeValue({ gone: undefined, kept: 1 })), { kept: 1 });
  const hostile = JSON.parse('{"__proto__":{"polluted":true},"at":1}') as Record<string, unknown>;
  const back = decodeValue(encodeValue({ ...{ when: new Date(0) }, tags: hostile })) as { tags: Record<string, unknown> };
  assert.deepEqual(Object.keys(back.tags), ['__proto__', 'at']);
  assert.equal(back.tags.polluted, undefined);
  for (const bad of [NaN, Infinity]) assert.throws(() => encodeValue({ n: bad }), TypeError);
});

type Queue1 = { id: string; title: string };
type Queue = { id: string; name: string; created: Date };
const before = table<Queue1, 'byName'>('sqs/queues', { key: (q) => [q.id], indexes: { byName: (q) => [q.title] } });
const queues = table<Queue, 'byName' | 'named'>('sqs/queues', {
  key: (q) => [q.id],
  indexes: { byName: (q) => [q.name], named: (q) => (q.name === 'zed' ? [q.created.getTime()] : undefined) },
  version: 2,
  upgrade: { 2: (old: Queue1) => ({ id: old.id, name: old.title.toLowerCase(), created: new Date(0) }) },
});

test('tables keep indexes, page, and upgrade', async () => {
  const store = await openTemporary();
  await migrateTables(store, [before]);
  await store.write(async (tx) => {
    for (const n of [1, 2, 3, 4, 5]) await before.put(tx, { id: `q${n}`, title: `Name${9 - n}` });
    await before.put(tx, { id: 'q5', title: 'Zed' });
    await before.delete(tx, 'q4');
  });
  const titles = await store.read(async (tx) => (await before.scanIndex(tx, 'byName')).map(({ row }) => row.title));
  assert.deepEqual(titles, ['Name6', 'Name7', 'Name8', 'Zed']);

  assert.equal((await store.read((tx) => queues.get(tx, 'q5')))?.name, 'zed');
  const told: MigrationProgress[] = [];
  await migrateTables(store, [queues], (progress) => told.push(progress));
  assert.deepEqual(told.at(-1), { table: 'sqs/queues', from: 1, to: 2, rows: 4 });
  await store.write((tx) => queues.put(tx, { id: 'q1', name: 'aaa', created: new Date(1) }));
  const all = await store.read(async (tx) => ({
    byName: (await queues.scanIndex(tx, 'byName')).map(({ row }) => row.id),
    named: (await queues.scanIndex(tx, 'named')).map(({ row }) => row.id),
    exact: (await queues.scanIndex(tx, 'byName', ['name7'])).map(({ row }) => row.id),
  }));
  assert.deepEqual(all, { byName: ['q1', 'q3', 'q2', 'q5'], named: ['q5'], exact: ['q2'] });
  const [first, second] = await store.read((tx) => queues.scan(tx, [], { limit: 2 }));
  const rest = await store.read((tx) => queues.scan(tx, [], { after: second!.cursor }));
  assert.deepEqual([first!.row.id, second!.row.id, ...rest.map(({ row }) => row.id)], ['q1', 'q2', 'q3', 'q5']);
});

test('records of a newer release are refused before anything is changed, naming the table', async () => {
  const store = await openTemporary();
  await migrateTables(store, [queues]);
  await store.write((tx) => queues.put(tx, { id: 'q1', name: 'n', created: new Date(0) }));
  const other = table<{ id: string }>('sqs/others', { key: (row) => [row.id] });
  await assert.rejects(
    migrateTables(store, [other, before]),
    (error: Error) => error instanceof NewerRecord && error.message.includes('sqs/queues'),
  );
  await assert.rejects(
    store.read((tx) => before.get(tx, 'q1')),
    NewerRecord,
  );
  assert.deepEqual(await storedTables(store), ['sqs/queues']);
});

test('a migration that was cut off is done again from the start', async () => {
  const store = await openTemporary();
  await migrateTables(store, [before]);
  await store.write(async (tx) => {
    for (let n = 0; n < 1200; n++) await before.put(tx, { id: `q${n}`, title: `T${n}` });
  });
  const cut = migrateTables(store, [queues], () => {
    throw new Error('power cut');
  });
  await assert.rejects(cut, /power cut/);
  await migrateTables(store, [queues]);
  const rows = await store.read((tx) => queues.scanIndex(tx, 'byName'));
  assert.equal(rows.length, 1200);
  assert.ok(rows.every(({ row }) => row.created instanceof Date));
});

test('an index that is new finds the rows that were there before it', async () => {
  const store = await openTemporary();
  type Thing = { id: string; size: number };
  const without = table<Thing>('test/things', { key: (row) => [row.id] });
  await migrateTables(store, [without]);
  await store.write((tx) => without.put(tx, { id: 'a', size: 5 }));
  const things = table<Thing, 'bySize'>('test/things', { key: (row) => [row.id], indexes: { bySize: (row) => [row.size] } });
  await migrateTables(store, [things]);
  assert.equal((await store.read((tx) => things.find(tx, 'bySize', 5)))?.id, 'a');
  await migrateTables(store, [things], () => assert.fail('once is enough'));
});

test('a unique index has one row for its parts', async () => {
  const store = await openTemporary();
  type User = { account: string; name: string; id: string };
  const users = table<User, 'byId'>('test/users', {
    key: (row) => [row.account, row.name],
    indexes: { byId: (row) => [row.id] },
    unique: ['byId'],
  });
  await store.write((tx) => users.put(tx, { account: '1', name: 'ann', id: 'A' }));
  await assert.rejects(
    store.write((tx) => users.put(tx, { account: '2', name: 'bob', id: 'A' })),
    NotUnique,
  );
  await store.write(async (tx) => {
    await users.put(tx, { account: '1', name: 'ann', id: 'B' });
    await users.put(tx, { account: '2', name: 'bob', id: 'A' });
  });
  assert.deepEqual(await store.read(async (tx) => [(await users.find(tx, 'byId', 'A'))?.name, (await users.find(tx, 'byId', 'B'))?.name]), [
    'bob',
    'ann',
  ]);
  await store.write((tx) => users.delete(tx, '2', 'bob'));
  assert.equal(await store.read((tx) => users.find(tx, 'byId', 'A')), undefined);
});

test('walking a table visits every row once, and bounds hold in both directions', async () => {
  const store = await openTemporary();
  const numbers = table<{ group: string; n: number }>('test/numbers', { key: (row) => [row.group, row.n] });
  await store.write(async (tx) => {
    for (const group of ['a', 'b', 'c']) for (let n = 0; n < 25; n++) await numbers.put(tx, { group, n });
  });
  const seen: number[] = [];
  for await (const { n } of numbers.each(store, ['b'], 10)) seen.push(n);
  assert.deepEqual(
    seen,
    Array.from({ length: 25 }, (_, n) => n),
  );
  const evens = table<{ n: number }, 'even'>('test/evens', {
    key: (row) => [row.n],
    indexes: { even: (row) => (row.n % 2 === 0 ? [-row.n] : undefined) },
  });
  await store.write(async (tx) => {
    for (let n = 0; n < 25; n++) await evens.put(tx, { n });
  });
  const downward: number[] = [];
  for await (const { n } of evens.eachIndexed(store, 'even', [], 5)) downward.push(n);
  assert.deepEqual(
    downward,
    Array.from({ length: 13 }, (_, at) => 24 - 2 * at),
  );
  const scan = (page: object) => store.read(async (tx) => (await numbers.scan(tx, ['b'], page)).map(({ row }) => `${row.group}${row.n}`));
  const cursor = async (group: string, n: number) => (await store.read((tx) => numbers.scan(tx, [group, n])))[0]!.cursor;
  assert.deepEqual(await scan({ after: await cursor('b', 22) }), ['b23', 'b24']);
  assert.deepEqual(await scan({ after: await cursor('b', 2), reverse: true }), ['b1', 'b0']);
  assert.deepEqual(await scan({ before: await cursor('b', 2) }), ['b0', 'b1']);
  assert.deepEqual(await scan({ after: await cursor('a', 3), limit: 1 }), ['b0'], 'a bound outside of the prefix does not widen it');
  assert.deepEqual(await scan({ after: await cursor('c', 3), reverse: true, limit: 1 }), ['b24']);
  const between = await store.read((tx) => numbers.between(tx, ['a', 24], ['b', 2]));
  assert.deepEqual(
    between.map(({ row }) => `${row.group}${row.n}`),
    ['a24', 'b0', 'b1'],
  );
});

test('a packed table writes what its rows do not say by their key, and reads the plain records from before', async () => {
  type City = { country: string; name: string; people: number };
  const store = await openTemporary();
  const key = ({ country, name }: City) => [country, name];
  const plain = table<City>('atlas/cities', { key });
  const cities = table<City, 'people'>('atlas/cities', {
    key,
    indexes: { people: ({ people }) => [people] },
    version: 2,
    packing: { since: 2, pack: ({ people }) => people, unpack: (people, [country, name]) => ({ country, name, people }) as City },
  });
  await store.write((tx) => plain.put(tx, { country: 'KR', name: 'Busan', people: 3 }));
  await migrateTables(store, [cities]);
  await store.write((tx) => cities.put(tx, { country: 'KR', name: 'Seoul', people: 9 }));
  await store.write((tx) => cities.put(tx, { country: 'KR', name: 'Seoul', people: 10 }));
  await store.read(async (tx) => {
    const seoul = { country: 'KR', name: 'Seoul', people: 10 };
    const busan = { country: 'KR', name: 'Busan', people: 3 };
    assert.deepEqual(await cities.get(tx, 'KR', 'Seoul'), seoul);
    assert.deepEqual(await cities.getMany(tx, [['KR', 'Seoul']]), [seoul]);
    const rows = (scanned: readonly { row: City }[]) => scanned.map(({ row }) => row);
    assert.deepEqual(rows(await cities.scan(tx)), [busan, seoul]);
    assert.deepEqual(rows(await cities.scanIndex(tx, 'people')), [busan, seoul]);
    assert.equal(await tx.get(encodeKey('row', 'atlas/cities', 'KR', 'Seoul')), '[2,10]');
  });
});
