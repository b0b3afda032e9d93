/**
 * Finds the rows of a JSON object as its text comes: each line, or whatever the path in FROM leads to. Only one row is held, never the document.
 */

import { recordCharactersMax } from './csv-reader.ts';
import { selectError } from './errors.ts';
import type { JsonRow } from './json-format.ts';
import { isNameOf } from './names.ts';
import type { SourceStep } from './syntax.ts';
import { parseJson } from './values.ts';

export type JsonReader = { push(text: string): JsonRow[]; end(): JsonRow[] };

/** A container that is open. Its members are looked for by the step at `depth` of the path; `found` says that one was. */
type Frame = { readonly isArray: boolean; readonly depth: number; index: number; key: string; found: boolean };

/** Beyond this depth nobody writes JSON, but attackers do. */
const nestingMax = 1000;
const blank = /\s*/y;
const plainString = /[^"\\]*/y;
const scalar = /[-+.0-9A-Za-z]*/y;

/** `path` follows the values at the top. Throws JSONParsingError and OverMaxRecordSize. */
export function newJsonReader(path: readonly SourceStep[]): JsonReader {
  return new Walker(path);
}

/** Where the text stands between two pushes. It is a class since all of its methods share that state. */
class Walker implements JsonReader {
  readonly #path: readonly SourceStep[];
  #text = '';
  #at = 0;
  #rows: JsonRow[] = [];
  readonly #frames: Frame[] = [];
  /** Where the row that is being read begins, and how deep within it the text stands. */
  #start = -1;
  #depth = 0;
  #skipping = false;
  #wanted: 'value' | 'key' | 'colon' | 'next' | 'first' = 'value';

  constructor(path: readonly SourceStep[]) {
    this.#path = path;
  }

  push(text: string): JsonRow[] {
    this.#dropRead();
    this.#text += text;
    while (this.#step(false));
    this.#dropRead();
    if (this.#text.length > recordCharactersMax) throw selectError('OverMaxRecordSize');
    return this.#rows.splice(0);
  }

  end(): JsonRow[] {
    while (this.#step(true));
    this.#pass(blank);
    if (this.#at < this.#text.length || this.#frames.length > 0 || this.#depth > 0) throw selectError('JSONParsingError');
    return this.#rows.splice(0);
  }

  /** Drops the text that is no longer needed, and moves what points into it. */
  #dropRead(): void {
    const from = this.#start === -1 || this.#skipping ? this.#at : this.#start;
    if (from === 0) return;
    this.#text = this.#text.slice(from);
    this.#at -= from;
    if (this.#start !== -1) this.#start = 0;
  }

  /** One token further; false when the text does not hold a whole one. */
  #step(final: boolean): boolean {
    this.#pass(blank);
    if (this.#at >= this.#text.length) return false;
    return this.#depth > 0 ? this.#stepWithin() : this.#stepBetween(final);
  }

  #pass(pattern: RegExp): void {
    pattern.lastIndex = this.#at;
    pattern.test(this.#text);
    this.#at = pattern.lastIndex;
  }

  /** Inside a value that is taken or skipped as a whole only its depth matters. */
  #stepWithin(): boolean {
    const character = this.#text[this.#at]!;
    if (character === '"') return this.#passString();
    if (character === '{' || character === '[') {
      if (++this.#depth > nestingMax) throw selectError('JSONParsingError');
    } else if (character === '}' || character === ']') this.#depth--;
    else if (character === ',' || character === ':') {
      this.#at++;
      return true;
    } else {
      const before = this.#at;
      this.#pass(scalar);
      if (this.#at === before) throw selectError('JSONParsingError');
      return true;
    }
    this.#at++;
    if (this.#depth === 0) this.#endValue();
    return true;
  }

  /** Steps over a string; false when its end has not come. */
  #passString(): boolean {
    const before = this.#at;
    this.#at++;
    for (;;) {
      this.#pass(plainString);
      const character = this.#text[this.#at];
      if (character === '"') {
        this.#at++;
        return true;
      }
      if (character === undefined || this.#at + 1 >= this.#text.length) {
        this.#at = before;
        return false;
      }
      this.#at += 2;
    }
  }

  #stepBetween(final: boolean): boolean {
    const character = this.#text[this.#at]!;
    const frame = this.#frames.at(-1);
    switch (this.#wanted) {
      case 'colon':
        return this.#take(character, ':', 'value');
      case 'next':
        if (frame && character === (frame.isArray ? ']' : '}')) return this.#close(frame);
        if (frame?.isArray) frame.index++;
        return this.#take(character, ',', frame?.isArray ? 'value' : 'key');
      case 'first':
        if (character === (frame!.isArray ? ']' : '}')) return this.#close(frame!);
        this.#wanted = frame!.isArray ? 'value' : 'key';
        return true;
      case 'key':
        return this.#takeKey(frame!);
      case 'value':
        return this.#beginValue(character, final);
    }
  }

  #take(character: string, expected: string, next: 'value' | 'key'): boolean {
    if (character !== expected) throw selectError('JSONParsingError');
    this.#at++;
    this.#wanted = next;
    return true;
  }

  #takeKey(frame: Frame): boolean {
    const start = this.#at;
    if (this.#text[start] !== '"') throw selectError('JSONParsingError');
    if (!this.#passString()) return false;
    frame.key = this.#parsed(this.#text.slice(start, this.#at)) as string;
    this.#wanted = 'colon';
    return true;
  }

  #beginValue(character: string, final: boolean): boolean {
    const frame = this.#frames.at(-1);
    const matches = !frame || this.#matches(frame);
    const depth = frame ? frame.depth + 1 : 0;
    const step = this.#path[depth];
    const opens = character === '{' || character === '[';
    if (matches && step && character === ('name' in step ? '{' : '[')) {
      if (frame) frame.found = true;
      this.#frames.push({ isArray: character === '[', depth, index: 0, key: '', found: false });
      this.#at++;
      this.#wanted = 'first';
      return true;
    }
    const start = this.#at;
    if (opens) {
      this.#at++;
      this.#depth = 1;
    } else if (!this.#passScalar(character, final)) return false;
    if (matches && frame) frame.found = true;
    this.#start = start;
    // What the path does not fit is one row of nothing.
    if (matches && step) this.#rows.push({ value: undefined });
    this.#skipping = !matches || step !== undefined;
    if (!opens) this.#endValue();
    return true;
  }

  /** Steps over a string, a number or a word; false when its end has not come. */
  #passScalar(character: string, final: boolean): boolean {
    if (character === '"') return this.#passString();
    const before = this.#at;
    this.#pass(scalar);
    if (this.#at === before) throw selectError('JSONParsingError');
    if (this.#at < this.#text.length || final) return true;
    this.#at = before;
    return false;
  }

  #endValue(): void {
    const text = this.#text.slice(this.#start, this.#at);
    this.#start = -1;
    this.#wanted = this.#frames.length === 0 ? 'value' : 'next';
    if (this.#skipping) return;
    if (text.length > recordCharactersMax) throw selectError('OverMaxRecordSize');
    this.#rows.push({ value: this.#parsed(text) });
  }

  #matches(frame: Frame): boolean {
    const step = this.#path[frame.depth]!;
    if ('all' in step) return true;
    return 'index' in step ? step.index === frame.index : isNameOf(step, frame.key);
  }

  /** A container in which the path found nothing is a row of nothing; an empty array is none. */
  #close(frame: Frame): boolean {
    this.#at++;
    this.#frames.pop();
    const isEmpty = 'all' in this.#path[frame.depth]!;
    if (!frame.found && !isEmpty) this.#rows.push({ value: undefined });
    this.#wanted = this.#frames.length === 0 ? 'value' : 'next';
    return true;
  }

  #parsed(text: string): unknown {
    try {
      return parseJson(text);
    } catch (error) {
      throw selectError('JSONParsingError', error);
    }
  }
}
