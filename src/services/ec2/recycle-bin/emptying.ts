/** The reconciler of the recycle bin: what has been in it for its time goes for good. */

import { deletedSnapshots } from '../../../framework/ebs-snapshots/snapshot.ts';
import type { Reconciler } from '../../../framework/reconciler.ts';
import { forgetEnded } from '../forgetting.ts';
import { volumes } from '../volumes/volume.ts';
import { recycledImages, recycledSnapshots, recycledVolumes } from './bin.ts';

const until = (row: { exits: number }): number => row.exits;

export const emptying: Reconciler = {
  name: 'ec2/recycle-bin',
  watches: [recycledSnapshots, recycledImages, recycledVolumes],
  async run(context) {
    const next = [
      await forgetEnded(context, recycledSnapshots, {
        ...{ index: 'exits', until },
        forget: async (tx, { account, region, id }) => {
          await recycledSnapshots.delete(tx, account, region, id);
          await deletedSnapshots.put(tx, { id });
        },
      }),
      await forgetEnded(context, recycledImages, {
        ...{ index: 'exits', until },
        forget: (tx, { account, region, id }) => recycledImages.delete(tx, account, region, id),
      }),
      await forgetEnded(context, recycledVolumes, {
        ...{ index: 'exits', until },
        // Its disk and its keys are given back as those of every volume.
        forget: async (tx, { entered: _in, exits: _out, ...row }) => {
          await recycledVolumes.delete(tx, row.account, row.region, row.id);
          await volumes.put(tx, { ...row, state: 'deleting' });
        },
      }),
    ].filter((at) => at !== undefined);
    return next.length === 0 ? undefined : { nextAt: Math.min(...next) };
  },
};
