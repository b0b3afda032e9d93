/** A source file as tidy sees it: its text, its code without comments and strings, and what it imports. */

export type Breach = { path: string; line: number; message: string };

export type Import = { specifier: string; /** True for `import type` and `import('…')` in a type. */ typeOnly: boolean; line: number };

export type SourceFile = {
  /** From the root of the repository, with slashes. */
  path: string;
  text: string;
  lines: readonly string[];
  /** The text with every comment, and the inside of every string, turned into blanks: line and column stay. */
  code: string;
  imports: readonly Import[];
};

export function parseSource(path: string, text: string): SourceFile {
  return { path, text, lines: text.split('\n'), code: blankOut(text), imports: importsOf(text) };
}

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

const importStatements = /^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
const dynamicImports = /(typeof\s+)?\bimport\(\s*['"]([^'"]+)['"]/g;

function importsOf(text: string): Import[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replaceAll(/[^\n]/g, ' '));
  const found: Import[] = [];
  for (const match of code.matchAll(importStatements))
    found.push({ specifier: match[2]!, typeOnly: match[1] !== undefined, line: lineAt(code, match.index + match[0].length) });
  for (const match of code.matchAll(dynamicImports)) {
    // `import('x').Name` names a type; `await import('x')` and `() => import('x')` load.
    const loads = /(await|=>|return|\()\s*$/.test(code.slice(0, match.index)) && match[1] === undefined;
    found.push({ specifier: match[2]!, typeOnly: !loads, line: lineAt(code, match.index) });
  }
  return found;
}

/** A scanner of just enough TypeScript: comments, quotes, templates with their expressions, and regular expressions. */
function blankOut(text: string): string {
  const token =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|(?<=[=(,:[!&|?{};\n]\s*|return\s)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*/g;
  return text.replaceAll(
    token,
    (found) => found[0] + found.slice(1, -1).replaceAll(/[^\n]/g, ' ') + (found.startsWith('/') ? ' ' : found.slice(-1)),
  );
}
