/** What is made of frozen values is remembered as long as its parts are the same. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLasting, lasting, rememberMade } from './lasting.ts';

test('a lasting value is frozen as a whole, and known as one', () => {
  const value = lasting({ held: { list: [1] } });
  assert.ok(isLasting(value));
  assert.ok(!isLasting(value.held));
  assert.throws(() => value.held.list.push(2), TypeError);
});

test('it is made anew when a part is another one, and always of what may change', () => {
  let times = 0;
  const made = rememberMade<number>();
  const make = (): number => ++times;
  const [from, part] = [Object.freeze({}), Object.freeze({})];
  assert.deepEqual([made(from, [part], make), made(from, [part], make)], [1, 1]);
  assert.deepEqual([made(from, [part, undefined], make), made(from, [], make), made(from, [part], make)], [2, 3, 4]);
  const changing = {};
  assert.deepEqual([made(changing, [], make), made(changing, [], make)], [5, 6]);
});
