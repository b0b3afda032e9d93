/** The readers of S3 Select give the same rows however the text is cut, and those that were written. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { unpackBzip2 } from './bzip2.ts';
import { csvReader } from './csv-reader.ts';
import { newJsonReader } from './json-reader.ts';
import { newLineReader } from './line-reader.ts';
import { recordsWithin, type ObjectBytes } from './object-bytes.ts';
import type { SourceStep } from './syntax.ts';

const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });

function* pieces(text: string, sizes: readonly number[]): Generator<string> {
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield text.slice(at, at + size);
    at += size;
  }
}

function readAll<Row>(reader: { push(text: string): Row[]; end(): Row[] }, text: string, sizes: readonly number[]): Row[] {
  const rows = [...pieces(text, sizes)].flatMap((piece) => reader.push(piece));
  return [...rows, ...reader.end()];
}

const csv = { recordDelimiter: '\n', fieldDelimiter: ',', quote: '"', escape: '"', comment: '#', quotedRecordDelimiters: true };
const field = fc.stringMatching(/^[a",\n#\\ ]*$/);

test('CSV that was written with quotes is read back', () => {
  fc.assert(
    fc.property(fc.array(fc.array(field, { minLength: 1, maxLength: 4 })), cuts, (rows, sizes) => {
      const text = rows.map((row) => `${row.map((one) => `"${one.replaceAll('"', '""')}"`).join(',')}\n`).join('');
      assert.deepEqual(readAll(csvReader(csv), text, sizes), rows);
    }),
  );
});

test('CSV with another escape is read back', () => {
  fc.assert(
    fc.property(fc.array(fc.array(field, { minLength: 1, maxLength: 4 })), cuts, (rows, sizes) => {
      const quoted = (one: string) => `"${one.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
      const text = rows.map((row) => `${row.map(quoted).join(',')}\n`).join('');
      assert.deepEqual(readAll(csvReader({ ...csv, escape: '\\' }), text, sizes), rows);
    }),
  );
});

test('lines of JSON and values that follow each other are read back', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), cuts, fc.boolean(), (values, sizes, pretty) => {
      const plain = values.map((value) => JSON.stringify(value));
      const texts = (rows: readonly { value: unknown }[]) => rows.map(({ value }) => JSON.stringify(value));
      assert.deepEqual(texts(readAll(newLineReader(), values.map((value) => `${JSON.stringify(value)}\n`).join(''), sizes)), plain);
      const text = values.map((value) => JSON.stringify(value, undefined, pretty ? 2 : 0)).join(' ');
      assert.deepEqual(texts(readAll(newJsonReader([]), text, sizes)), plain);
    }),
  );
});

/** The path of FROM as one would follow it with the whole document in memory. */
function follow(value: unknown, [step, ...path]: readonly SourceStep[]): unknown[] {
  if (step === undefined) return [value];
  const isArray = Array.isArray(value);
  if ('all' in step) return isArray ? value.flatMap((item) => follow(item, path)) : [undefined];
  if ('index' in step) return isArray && step.index < value.length ? follow(value[step.index], path) : [undefined];
  const object = typeof value === 'object' && value !== null && !isArray ? (value as Record<string, unknown>) : undefined;
  return object && Object.hasOwn(object, step.name) ? follow(object[step.name], path) : [undefined];
}

test('the walk along a path finds what the whole document has there', () => {
  const { document } = fc.letrec((tie) => ({
    document: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(1, 'x"]}', true, null, ''),
      fc.array(tie('document'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c\n'), tie('document'), { maxKeys: 3 }),
    ),
  }));
  const step: fc.Arbitrary<SourceStep> = fc.oneof(
    fc.constant({ all: true } as const),
    fc.constantFrom('a', 'b').map((name) => ({ name, quoted: true })),
    fc.nat(2).map((index) => ({ index })),
  );
  fc.assert(
    fc.property(document, fc.array(step, { maxLength: 3 }), cuts, (value, path, sizes) => {
      const rows = readAll(newJsonReader(path), JSON.stringify(value), sizes);
      assert.deepEqual(
        rows.map((row) => row.value),
        follow(JSON.parse(JSON.stringify(value)), path),
      );
    }),
  );
});

test('ranges that follow each other give each record once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.stringMatching(/^[a-c]{0,5}$/)),
      fc.array(fc.nat(40)),
      fc.constantFrom('\n', '\r\n'),
      async (lines, bounds, mark) => {
        const bytes = Buffer.from(lines.map((line) => line + mark).join(''));
        const object: ObjectBytes = {
          size: bytes.length,
          read: async function* (start, end) {
            for (let at = start; at < end; at += 3) yield bytes.subarray(at, Math.min(end, at + 3));
          },
        };
        const starts = [...new Set([0, ...bounds.filter((bound) => bound < bytes.length)])].toSorted((a, b) => a - b);
        let text = '';
        for (const [index, first] of starts.entries())
          for await (const piece of recordsWithin(object, { first, last: (starts[index + 1] ?? bytes.length) - 1 }, mark))
            text += Buffer.from(piece).toString();
        assert.equal(text, bytes.toString());
      },
    ),
  );
});

test('bzip2 of every kind of block is unpacked', async () => {
  const inputs = [
    '',
    'a',
    'a'.repeat(300_000),
    'ab'.repeat(5000),
    Array.from({ length: 40_000 }, (_, n) => `${(n * 7919) % 10_007},`).join(''),
  ];
  for (const text of inputs) {
    const script = 'import sys,bz2;d=sys.stdin.buffer.read();sys.stdout.buffer.write(bz2.compress(d,1)+bz2.compress(d,9))';
    const packed = execFileSync('python3', ['-c', script], { input: text });
    const source = async function* () {
      for (let at = 0; at < packed.length; at += 100) yield packed.subarray(at, at + 100);
    };
    let plain = '';
    for await (const bytes of unpackBzip2(source())) plain += bytes.toString();
    assert.ok(plain === text + text, `${text.length} characters`);
  }
});
