/** Values of which the JSON is known before they are: what was stored as text goes out as text. */

const texts = new WeakMap<object, string>();

/** The JSON text of a value, as AWS's JSON protocols write it; undefined where it is not known. */
export function jsonTextOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? texts.get(value) : undefined;
}

/**
 * A value whose JSON text is known. A writer of JSON takes the text; whoever looks into it (a caller in process, another protocol)
 * finds what `read` gives, which is called once, at the first look.
 */
export function knownByText<T extends object>(kind: 'list' | 'map', text: string, read: () => T): T {
  let value: T | undefined;
  const found = (): T => (value ??= Object.assign(target, read()));
  const target = (kind === 'list' ? [] : Object.create(null)) as T;
  const proxy = new Proxy(target, {
    get: (_, name) => Reflect.get(found(), name) as unknown,
    has: (_, name) => Reflect.has(found(), name),
    ownKeys: () => Reflect.ownKeys(found()),
    getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(found(), name),
  });
  texts.set(proxy, text);
  return proxy;
}
