/** SHA-256 tree hashes: of each MiB, then of pairs, up to one: https://docs.aws.amazon.com/amazonglacier/latest/dev/checksum-calculations.html */

import { createHash, type Hash } from 'node:crypto';

export const leafBytes = 1024 * 1024;

/** Takes bytes in pieces of any length; `digest` may be asked once. */
export function treeHasher(): { update(bytes: Uint8Array): void; digest(): Buffer } {
  const leaves: Buffer[] = [];
  let leaf: Hash | undefined;
  let filled = 0;
  const finish = (): void => {
    leaves.push(leaf!.digest());
    leaf = undefined;
    filled = 0;
  };
  return {
    update(bytes) {
      for (let at = 0; at < bytes.length;) {
        leaf ??= createHash('sha256');
        const taken = Math.min(leafBytes - filled, bytes.length - at);
        leaf.update(bytes.subarray(at, at + taken));
        at += taken;
        filled += taken;
        if (filled === leafBytes) finish();
      }
    },
    digest() {
      if (leaf || leaves.length === 0) {
        leaf ??= createHash('sha256');
        finish();
      }
      return combined(leaves);
    },
  };
}

/** The root over hashes of neighbours, all of which but the last stand for the same number of leaves, a power of two. */
export function combined(hashes: readonly Buffer[]): Buffer {
  let level = hashes;
  while (level.length > 1) {
    const above: Buffer[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i]!, level[i + 1]];
      above.push(right ? createHash('sha256').update(left).update(right).digest() : left);
    }
    level = above;
  }
  return level[0]!;
}
