/** Where each statement of a policy stands in its text, as the policy simulator tells it: lines and columns from 1, each after its brace. */

export type Position = { Line: number; Column: number };
export type Span = { StartPosition: Position; EndPosition: Position };

/** The spans of the statements of an accepted policy, in order. */
export function statementSpans(text: string): Span[] {
  const start = statementStart(text);
  if (start === undefined) return [];
  const spans: Span[] = [];
  let depth = 0;
  let opened = -1;
  for (let at = start; at < text.length; at++) {
    const mark = text[at];
    if (mark === '"') at = endOfString(text, at);
    else if (mark === '{' && ++depth === 1) opened = at;
    else if (mark === '}' && --depth === 0)
      spans.push({ StartPosition: positionOf(text, opened + 1), EndPosition: positionOf(text, at + 1) });
    if (depth === 0 && (mark === ']' || (mark === '}' && text[start] === '{'))) break;
  }
  return spans;
}

/** Where the value of the outermost `Statement` begins. */
function statementStart(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const mark = text[at]!;
    if (mark === '{' || mark === '[') depth++;
    else if (mark === '}' || mark === ']') depth--;
    else if (mark === '"') {
      const end = endOfString(text, at);
      const isName = /^\s*:/.test(text.slice(end + 1, end + 64));
      if (depth === 1 && isName && text.slice(at + 1, end) === 'Statement') return text.slice(end).search(/[{[]/) + end;
      at = end;
    }
  }
  return undefined;
}

function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end;
}

function positionOf(text: string, at: number): Position {
  const before = text.slice(0, at);
  return { Line: before.split('\n').length, Column: at - before.lastIndexOf('\n') };
}
