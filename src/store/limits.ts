/** Guards the sizes that every driver promises. */

import { KeyTooLarge, keyBytesMax, ValueTooLarge, valueBytesMax, type Key, type Value } from './store.ts';

/** Throws KeyTooLarge or ValueTooLarge. */
export function checkSize(key: Key, value: Value): void {
  if (key.length > keyBytesMax) throw new KeyTooLarge(`a key of ${key.length} bytes exceeds ${keyBytesMax}`);
  // A UTF-16 unit becomes three bytes at most, so nearly every value passes without being measured.
  if (value.length * 3 <= valueBytesMax) return;
  const bytes = Buffer.byteLength(value);
  if (bytes > valueBytesMax) throw new ValueTooLarge(`a value of ${bytes} bytes exceeds ${valueBytesMax}: longer ones belong into a blob`);
}
