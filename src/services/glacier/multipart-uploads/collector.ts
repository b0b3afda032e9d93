/** Takes away uploads that nothing was sent to for a day, with their parts. */

import type { Reconciler } from '../../../framework/reconciler.ts';
import { uploads } from '../tables.ts';
import { releaseParts } from '../archives/archive.ts';
import { idleMilliseconds } from './upload.ts';

export const collector: Reconciler = {
  name: 'glacier/idle-uploads',
  every: 3_600_000,
  run: async ({ store, blobs, now, signal }) => {
    for (let more = true; more;) {
      signal.throwIfAborted();
      more = await store.write(async (tx) => {
        const [oldest] = await uploads.scanIndex(tx, 'touched', [], { limit: 1 });
        if (!oldest || oldest.row.touched + idleMilliseconds > now) return false;
        const { account, region, vault, id } = oldest.row;
        await releaseParts(tx, { blobs }, id);
        await uploads.delete(tx, account, region, vault, id);
        return true;
      });
    }
  },
};
