/** Lines of text gathered outside of the heap: as strings, thousands of them would keep the garbage collector copying. */

const FIRST_BYTES = 16 * 1024;
/** The most that UTF-8 needs for a UTF-16 unit. */
const BYTES_PER_UNIT = 3;

export type TextBuffer = {
  /** Bytes so far. */
  readonly length: number;
  /** Appends a line and its end. */
  add(line: string): void;
  /** Appends lines that are bytes already. */
  addBytes(bytes: Uint8Array): void;
  /** What has been gathered: a view, good until the next line. */
  bytes(): Buffer;
};

export function createTextBuffer(): TextBuffer {
  let buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  let length = 0;
  const makeRoom = (bytes: number): void => {
    if (length + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, length + bytes));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  };
  return {
    get length() {
      return length;
    },
    add(line) {
      makeRoom(line.length * BYTES_PER_UNIT + 1);
      length += buffer.write(line, length, 'utf8');
      buffer[length++] = 0x0a;
    },
    addBytes(bytes) {
      makeRoom(bytes.length);
      buffer.set(bytes, length);
      length += bytes.length;
    },
    bytes: () => buffer.subarray(0, length),
  };
}
