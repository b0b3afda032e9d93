/** Tidy sees each breach that it is there for, and leaves good code alone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importBreaches } from './imports.ts';
import { sizeBreaches } from './sizes.ts';
import { parseSource } from './source.ts';
import { wordBreaches } from './words.ts';

const head = '/** A file. */\n';

function breaches(path: string, code: string): string[] {
  const file = parseSource(path, head + code);
  return [...importBreaches(file), ...wordBreaches(file)].map(({ line, message }) => `${line}: ${message}`);
}

const clean: Record<string, [path: string, code: string]> = {
  'a page of the console that uses a shared room': ['console/src/sqs/a.tsx', "import { useAnswer } from '../resource/use-answer.ts';"],
  'a service that uses the framework': ['src/services/sqs/a.ts', "import { arn } from '../../framework/arn.ts';"],
  'a service that uses its SDK as types': ['src/services/sqs/a.ts', "import type * as Sdk from '@aws-sdk/client-sqs';"],
  'a table in a service': ['src/services/sqs/tables.ts', "import { table } from '../../store/table.ts';"],
  'a test of a service that starts a cloud': [
    'src/services/sqs/tests/a.test.ts',
    "import { startCloud } from '../../../../tests/live-cloud.ts';",
  ],
  'words in comments and strings': [
    'src/services/sqs/a.ts',
    "// Date.now() is not for us\nconst text = 'Date.now() and setTimeout()';\nconst pattern = /process\\./;",
  ],
  'time from the request': ['src/services/sqs/a.ts', 'const at = new Date(request.now);'],
  'a swallowed rejection with its reason': ['src/store/a.ts', '// it is closed either way\nawait file.close().catch(() => {});'],
};
for (const [what, [path, code]] of Object.entries(clean)) test(`allowed: ${what}`, () => assert.deepEqual(breaches(path, code), []));

const forbidden: Record<string, [path: string, code: string, message: RegExp]> = {
  'another service of the console': ['console/src/sqs/a.tsx', "import { x } from '../sns/client.ts';", /sqs must not import sns/],
  'the cloud from the console': ['console/src/sqs/a.tsx', "import { x } from '../../../src/cloud.ts';", /from outside console/],
  'node in a browser': ['console/src/sqs/a.tsx', "import { readFileSync } from 'node:fs';", /a browser has no/],
  'another service': ['src/services/sqs/a.ts', "import { x } from '../sns/topics.ts';", /^2: sqs must not import sns/],
  'the gateway from a service': ['src/services/sqs/a.ts', "import { x } from '../../gateway/gateway.ts';", /must not import gateway/],
  'the store itself from a service': [
    'src/services/sqs/a.ts',
    "import { openStore } from '../../store/open-store.ts';",
    /must not import store/,
  ],
  'the SDK at run time': ['src/services/sqs/a.ts', "import { SQSClient } from '@aws-sdk/client-sqs';", /types only/],
  'an import over several lines': [
    'src/host/a.ts',
    "import {\n  a,\n  b,\n} from '../gateway/parts.ts';",
    /^5: host must not import gateway/,
  ],
  'a lazy import': ['src/framework/a.ts', "const a = await import('../gateway/parts.ts');", /framework must not import gateway/],
  'the runtime from the framework, even as types': [
    'src/framework/a.ts',
    "import type { X } from '../runtime/clock.ts';",
    /types of runtime/,
  ],
  'files in a service': ['src/services/sqs/a.ts', "import { readFile } from 'node:fs/promises';", /does not use node:fs/],
  'the real time in a service': ['src/services/sqs/a.ts', 'const now = Date.now();', /request\.now/],
  'chance in a service': ['src/services/sqs/a.ts', 'const id = Math.random();', /request\.random/],
  'a timer in a service': ['src/services/sqs/a.ts', 'setTimeout(run, 5);', /request\.clock/],
  'the environment': ['src/store/a.ts', "const a = process.env['A'];", /only main\.ts/],
  'an empty catch': ['src/store/a.ts', 'try { a(); } catch {\n}', /caught error/],
  'a swallowed rejection': ['src/store/a.ts', 'await a().catch(() => undefined);', /swallowed/],
  'unfinished work': ['src/store/a.ts', '// TODO: more', /finish it/],
  'a name that says nothing': ['src/store/utils.ts', '', /'utils\.ts' says nothing/],
  'a folder that says nothing': ['src/store/common/keys.ts', '', /'common' says nothing/],
  'capital letters in a file name': ['src/store/KeyPart.ts', '', /lower-case/],
};
for (const [what, [path, code, message]] of Object.entries(forbidden)) {
  test(`seen: ${what}`, () => {
    const [first, ...more] = breaches(path, code);
    assert.match(first ?? 'nothing', message);
    assert.deepEqual(more, []);
  });
}

test('seen: a file without a head comment', () => {
  assert.match(wordBreaches(parseSource('src/store/a.ts', 'const a = 1;'))[0]!.message, /begins with a sentence/);
});

test('seen: files and functions that are too long', () => {
  const body = '  a();\n'.repeat(80);
  const files = [
    parseSource('src/a.ts', `${head}function long() {\n${body}}\nconst other = async () => {\n${body}};\n`),
    parseSource('src/b.ts', head + 'a;\n'.repeat(500)),
  ];
  assert.deepEqual(
    sizeBreaches(files)
      .filter(({ path }) => path.startsWith('src/'))
      .map(({ path, line, message }) => `${path}:${line} ${message}`),
    [
      'src/a.ts:2 long() has 82 lines; 70 are allowed',
      'src/a.ts:84 other() has 82 lines; 70 are allowed',
      'src/b.ts:1 the file has 501 lines; 400 are allowed',
    ],
  );
});
