/** Properties of the text and byte forms: what is written is read again, and nothing that is read crashes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeCbor } from '../../src/protocols/cbor-decode.ts';
import { encodeCbor, writeAny } from '../../src/protocols/cbor-encode.ts';
import { parseForm } from '../../src/protocols/form.ts';
import { headerReader, headerWriter } from '../../src/protocols/header-text.ts';
import type { Shape } from '../../src/protocols/model.ts';
import { bytesFromBase64, formatTimestamp, numberFromText, timestampFromText } from '../../src/protocols/scalars.ts';
import { WireFault } from '../../src/protocols/wire-fault.ts';
import { escapeXml } from '../../src/protocols/xml-writer.ts';
import { parseXml } from '../../src/protocols/xml-tree.ts';

const string: Shape = { kind: 'string', traits: {} };
const strings: Shape = {
  kind: 'list',
  name: 'Strings',
  traits: {},
  member: { name: 'member', required: false, traits: {}, ownTraits: {}, shape: string },
};

/** Text of the characters that XML 1.0 allows and does not normalise. */
const xmlText = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\u0000-\u0008\u000b-\u001f\ud800-\udfff\ufffe\uffff]/g, ''));

function onlyFaults(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof WireFault, String((error as Error).stack));
  }
}

test('XML text is read as it was written', () => {
  fc.assert(fc.property(xmlText, (text) => assert.equal(parseXml(Buffer.from(`<a>${escapeXml(text)}</a>`)).text, text)));
});

test('CBOR values are read as they were written', () => {
  const value = fc.jsonValue({ maxDepth: 4 }).filter((made) => !JSON.stringify(made).includes('__proto__'));
  fc.assert(fc.property(value, (made) => assert.deepEqual(decodeCbor(encodeCbor(() => writeAny(made))), made)));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.bigInt(),
        fc.double(),
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31T23:59:59Z') }),
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      ),
      (made) => {
        const read = decodeCbor(encodeCbor(() => writeAny(made)));
        if (typeof made === 'bigint') assert.equal(BigInt(read as number), made);
        else assert.deepEqual(read, made);
      },
    ),
  );
});

test('header lists are read as they were written', () => {
  const item = fc
    .string({ unit: fc.constantFrom('a', 'b', ',', '"', '\\', ' ', '-') })
    .filter((text) => text === text.trim() && text !== '' && !/^[^",]*\\/.test(text) && !text.includes('\\'));
  fc.assert(
    fc.property(fc.array(item, { minLength: 1 }), (items) => assert.deepEqual(headerReader(strings)(headerWriter(strings)(items)), items)),
  );
});

test('timestamps, numbers and base64 are read as they were written', () => {
  const whole = fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31T23:59:59Z') })
    .map((date) => new Date(Math.floor(date.getTime() / 1000) * 1000));
  fc.assert(
    fc.property(whole, fc.constantFrom('date-time' as const, 'http-date' as const, 'epoch-seconds' as const), (date, format) => {
      assert.deepEqual(timestampFromText(String(formatTimestamp(date, format))), date);
    }),
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) =>
      assert.equal(numberFromText(String(number)), Number(String(number))),
    ),
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => assert.deepEqual(bytesFromBase64(Buffer.from(bytes).toString('base64')), Buffer.from(bytes))),
  );
});

test('whatever the bytes, a reader gives a value or a fault', () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((made) => Buffer.from(made));
  fc.assert(
    fc.property(bytes, (made) => onlyFaults(() => decodeCbor(made))),
    { numRuns: 1000 },
  );
  fc.assert(fc.property(bytes, (made) => onlyFaults(() => parseXml(made))));
  const formText = fc.string({ unit: fc.constantFrom('a', '.', '1', '=', '&', '%', '+', 'f', 'é') });
  fc.assert(fc.property(formText, (made) => onlyFaults(() => parseForm(made))));
  const markup = fc
    .array(
      fc.constantFrom('<a>', '</a>', '<a/>', '<!--', '-->', '<![CDATA[', ']]>', '&amp;', '&#0;', '&#x110000;', 'x', '<?p?>', ' b="c"', '<'),
      { maxLength: 12 },
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(markup, (made) => onlyFaults(() => parseXml(Buffer.from(made)))),
    { numRuns: 1000 },
  );
});
