/** Words that must not be in the code: names that say nothing, effects that services must not have, silence about errors. */

import { posix } from 'node:path';
import { lineAt, type Breach, type SourceFile } from './source.ts';

const emptyNames = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'base', 'misc', 'v2', 'shared', 'lib', 'stuff']);

type Rule = {
  pattern: RegExp;
  message: string;
  /** Looks at the whole text, comments included. */ inText?: boolean;
  where?: (path: string) => boolean;
  /** A comment on the line, or the one before, excuses it. */ unlessExplained?: boolean;
};

const isTest = (path: string): boolean => path.endsWith('.test.ts') || path.startsWith('tests/') || path.includes('/tests/');
const inService = (path: string): boolean => path.startsWith('src/services/') && !isTest(path);
const inSource = (path: string): boolean => path.startsWith('src/') && !isTest(path);
/** This folder must name what it forbids. */
const notTidyItself = (path: string): boolean => !path.startsWith('scripts/tidy');

const registries = ['registry', 'npmjs', 'org'].join(String.raw`\.?`);

const rules: readonly Rule[] = [
  { pattern: /\bnew Date\(\s*\)|\bDate\.now\(|\bDate\(\s*\)/g, message: 'a service reads the time from request.now', where: inService },
  {
    pattern: /\bMath\.random\(|\bcrypto\.randomUUID\(|\brandomBytes\(|\brandomUUID\(|\bgetRandomValues\(/g,
    message: 'a service draws from request.random',
    where: inService,
  },
  { pattern: /\b(setTimeout|setInterval|setImmediate)\(/g, message: 'a service waits with request.clock.until', where: inService },
  { pattern: /\bprocess\./g, message: 'a service does not see the process', where: inService },
  { pattern: /\bfetch\(/g, message: 'a service reaches the network through request.host or request.aws', where: inService },
  { pattern: /\bconsole\./g, message: 'the cloud speaks through its log', where: inSource },
  {
    pattern: /\bprocess\.env\b/g,
    message: 'only main.ts reads the environment',
    where: (path) => inSource(path) && path !== 'src/main.ts',
  },
  { pattern: /\bcatch\s*(\([^)]*\)\s*)?\{\s*\}/g, message: 'a caught error must be handled, or the reason for not doing so be code' },
  {
    pattern: /\.catch\(\s*\(\s*\)\s*=>\s*(\{\s*\}|undefined|null)\s*\)/g,
    message: 'a rejection is swallowed: handle it, or say why in a comment there',
    where: inSource,
    unlessExplained: true,
  },
  { pattern: /\b(TODO|FIXME|XXX|HACK)\b/g, message: 'finish it, or say NotImplemented', inText: true, where: notTidyItself },
  {
    pattern: /@ts-(ignore|nocheck)|eslint-disable|oxlint-disable(?!.* -- )/g,
    message: 'a silenced check needs `-- reason`, and ts-ignore never',
    inText: true,
    where: notTidyItself,
  },
  { pattern: new RegExp(registries, 'gi'), message: 'no package registry is named in the code', inText: true, where: notTidyItself },
  { pattern: /\b(test|it|describe)\.only\(|\bonly: true\b/g, message: 'a lone test hides the others', where: isTest },
];

const forbiddenBuiltIns =
  /^node:(fs|fs\/promises|net|tls|http|https|http2|dgram|child_process|cluster|worker_threads|process|os|timers|timers\/promises|sqlite|dns|dns\/promises)$/;

export function wordBreaches(file: SourceFile): Breach[] {
  const { path, text, code } = file;
  const breaches: Breach[] = [];
  for (const { pattern, message, inText, where, unlessExplained } of rules) {
    if (where && !where(path)) continue;
    const searched = inText ? text : code;
    for (const match of searched.matchAll(pattern)) {
      const line = lineAt(searched, match.index);
      if (unlessExplained && isExplained(file, line)) continue;
      breaches.push({ path, line, message });
    }
  }
  if (inService(path)) {
    for (const { specifier, line, typeOnly } of file.imports)
      if (!typeOnly && forbiddenBuiltIns.test(specifier)) breaches.push({ path, line, message: `a service does not use ${specifier}` });
  }
  return [...breaches, ...nameBreaches(path), ...headBreaches(file)];
}

function isExplained({ lines }: SourceFile, line: number): boolean {
  return [lines[line - 1], lines[line - 2]].some((text) => text !== undefined && /\/\/ \S/.test(text));
}

function nameBreaches(path: string): Breach[] {
  const bad = path.split('/').find((part) => emptyNames.has(part.replace(/\.(test|model\.test)?\.?tsx?$/, '').replace(/\.tsx?$/, '')));
  const names: Breach[] = bad === undefined ? [] : [{ path, line: 1, message: `'${bad}' says nothing about what is in it` }];
  if (!/^[a-z0-9.-]+$/.test(posix.basename(path))) names.push({ path, line: 1, message: 'file names are lower-case words with dashes' });
  return names;
}

function headBreaches({ path, text }: SourceFile): Breach[] {
  return /^(#![^\n]*\n)?\/\*\*/.test(text)
    ? []
    : [{ path, line: 1, message: 'a file begins with a sentence that says what it is for: /** ... */' }];
}
