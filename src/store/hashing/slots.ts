/** The memory through which bytes reach the hashing workers: a fixed number of slots, taken in turn. */

/** A wake-up of a worker costs as much as copying a tenth of it. */
export const slotBytes = 1024 * 1024;
const slotsMax = 16;

const free: SharedArrayBuffer[] = [];
const waiting: ((slot: SharedArrayBuffer) => void)[] = [];
let made = 0;

/** A slot at once, or a promise of one when all are in use. They are only ever held while a worker reads them. */
export function takeSlot(): SharedArrayBuffer | Promise<SharedArrayBuffer> {
  const slot = free.pop();
  if (slot) return slot;
  if (made < slotsMax) {
    made++;
    return new SharedArrayBuffer(slotBytes);
  }
  return new Promise((resolve) => waiting.push(resolve));
}

export function giveSlot(slot: SharedArrayBuffer): void {
  const next = waiting.shift();
  if (next) next(slot);
  else free.push(slot);
}
