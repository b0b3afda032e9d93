/** Names that people chose: nothing in them is hidden, and nothing turns a line around. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fill } from '../../console/src/language/catalogue.ts';
import { visible, visibleJson } from '../../console/src/language/visible.ts';

test('marks of direction and controls are written out; letters of any language, line breaks and joined emoji stay', () => {
  assert.equal(visible('\u202Egpj.exe\u202C'), '[U+202E]gpj.exe[U+202C]');
  assert.equal(visible('a\u0000b\u001bc\u200bd\ufeff'), 'a[U+0000]b[U+001B]c[U+200B]d[U+FEFF]');
  for (const plain of ['안녕', 'שלום', 'two\nlines\tand a tab', '\u{1F468}\u200D\u{1F469}', '<img src=x>'])
    assert.equal(visible(plain), plain);
});

test('a sentence around such a name goes on as it was', () => {
  assert.equal(fill('Deleted {name}.', { name: '\u202Ea' }), 'Deleted [U+202E]a.');
});

test('JSON that is shown means the same', () => {
  const value = { key: '\u202Ea' };
  const text = visibleJson(JSON.stringify(value));
  assert.match(text, /\\u202e/);
  assert.deepEqual(JSON.parse(text), value);
});

test('names are drawn by Name alone: an element of its own would keep a line straight, and hide what is hidden', () => {
  const source = join(import.meta.dirname, '../../console/src');
  const drawing = globSync('**/*.tsx', { cwd: source }).filter((file) => readFileSync(join(source, file), 'utf8').includes('<bdi'));
  assert.deepEqual(drawing, [join('resource', 'name.tsx')]);
});
