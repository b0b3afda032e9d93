/** XXH64, XXH3 and XXH128 by WebAssembly, which is loaded when somebody first wants one of them. */

import type { IHasher } from 'hash-wasm';

export type XxHashName = 'xxhash64' | 'xxhash3' | 'xxhash128';

const makers = { xxhash64: 'createXXHash64', xxhash3: 'createXXHash3', xxhash128: 'createXXHash128' } as const;

/** One a name and thread: streams leave their state beside it, and take turns. */
const engines = new Map<string, IHasher>();

export const isXxHash = (name: string): name is XxHashName => Object.hasOwn(makers, name);

/** Makes those of the names ready that are XXHashes; undefined where nothing is to be waited for. */
export function loadXxHashes(names: readonly string[]): Promise<void> | undefined {
  const missing = names.filter(isXxHash).filter((name) => !engines.has(name));
  return missing.length === 0 ? undefined : load(missing);
}

async function load(names: readonly XxHashName[]): Promise<void> {
  const library = await import('hash-wasm');
  for (const name of names) {
    const engine = await library[makers[name]]();
    if (!engines.has(name)) engines.set(name, engine);
  }
}

export type XxHash = {
  update(bytes: Uint8Array): void;
  /** Most significant byte first, as the algorithm's canonical form has it. */ digest(): Buffer;
};

/** A hash of a stream. Throws where `loadXxHashes` was not waited for. */
export function createXxHash(name: XxHashName): XxHash {
  const engine = engines.get(name);
  if (!engine) throw new Error(`${name} was not loaded`);
  let state = engine.init().save();
  return {
    update(bytes) {
      state = engine.load(state).update(bytes).save();
    },
    digest: () => Buffer.from(engine.load(state).digest('binary')),
  };
}
