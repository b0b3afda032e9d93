/** Reads the JSON of policies strictly: objects as Maps (safe for `__proto__`), no key twice, bounded depth. */

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

export class JsonSyntax extends Error {
  override name = 'JsonSyntax';
}

const DEPTH_MAX = 16;
const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Throws JsonSyntax. */
export function readJson(text: string): Json {
  let at = 0;

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  }

  function sign(character: string): boolean {
    take(SPACE);
    if (text[at] !== character) return false;
    at++;
    return true;
  }

  function expect(character: string): void {
    if (!sign(character)) throw new JsonSyntax(`expected ${character} at ${at}`);
  }

  function string(): string {
    take(SPACE);
    const found = take(STRING);
    if (found === undefined) throw new JsonSyntax(`expected a string at ${at}`);
    return JSON.parse(found) as string;
  }

  function value(depth: number): Json {
    if (depth > DEPTH_MAX) throw new JsonSyntax('nested too deeply');
    if (sign('{')) return object(depth);
    if (sign('[')) return array(depth);
    if (text[at] === '"') return string();
    const scalar = take(SCALAR);
    if (scalar === undefined) throw new JsonSyntax(`unexpected text at ${at}`);
    return JSON.parse(scalar) as Json;
  }

  function object(depth: number): JsonObject {
    const members = new Map<string, Json>();
    if (sign('}')) return members;
    do {
      const key = string();
      if (members.has(key)) throw new JsonSyntax(`${key} comes twice`);
      expect(':');
      members.set(key, value(depth + 1));
    } while (sign(','));
    expect('}');
    return members;
  }

  function array(depth: number): Json[] {
    const items: Json[] = [];
    if (sign(']')) return items;
    do items.push(value(depth + 1));
    while (sign(','));
    expect(']');
    return items;
  }

  const whole = value(0);
  take(SPACE);
  if (at !== text.length) throw new JsonSyntax(`text after the end at ${at}`);
  return whole;
}
