/** Rows as they lie in the store: of this version, of the first one, whole and in parts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WriteTransaction } from '../../../store/store.ts';
import type { Item } from '../values/attribute-value.ts';
import { itemBytes, pageBytes } from '../values/size.ts';
import { encodeRow, hasParts, putRow, wholeRow } from './rows.ts';

const item: Item = {
  id: { S: 'a{b' },
  bytes: { B: Buffer.from([1, 2, 255]) },
  all: { L: [{ M: { set: { BS: [Buffer.from('x')] } } }, { N: '1.5' }] },
};

test('a row tells its sizes without being parsed, and its JSON is what is answered', async () => {
  let written = '';
  const tx = { put: async (_: Uint8Array, value: string) => void (written = value) } as unknown as WriteTransaction;
  await putRow(tx, Buffer.of(1), encodeRow(item, 'id'));
  const { bytes } = encodeRow(item, 'id');
  const row = wholeRow(written)!;
  assert.deepEqual([row.bytes, row.pageBytes, row.parts], [itemBytes(item), pageBytes(item, 'id'), 0]);
  assert.equal(bytes, itemBytes(item));
  assert.equal(row.json, '{"id":{"S":"a{b"},"bytes":{"B":"AQL/"},"all":{"L":[{"M":{"set":{"BS":["eA=="]}}},{"N":"1.5"}]}}');
  assert.deepEqual({ ...row.item }.bytes, item['bytes']);
});

test('rows of the first version are read: plain, with bytes, and heads of long ones', () => {
  const plain = wholeRow('[1,{"id":{"S":"a"},"n":{"N":"7"}}]', 'id')!;
  assert.deepEqual([plain.item, plain.bytes], [{ id: { S: 'a' }, n: { N: '7' } }, 6]);
  const binary = wholeRow('[1,{"id":{"B":"AQL/"}},1]')!;
  assert.deepEqual({ ...binary.item }, { id: { B: Buffer.from([1, 2, 255]) } });
  assert.equal(wholeRow('[1,0,0,3]'), undefined);
  assert.deepEqual([hasParts('[1,0,0,3]'), hasParts('[2,500,600,3,0]'), hasParts('[2,5,6,0,0,{"a":{"N":"1"}}]')], [true, true, false]);
});
