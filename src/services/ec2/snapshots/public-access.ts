/** Blocking that snapshots are shared with all: https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html */

import { ebsSettings, settingsOf } from '../../../framework/ebs-snapshots/settings.ts';
import { invalidParameterValue } from '../errors.ts';
import type { Operation } from '../sdk.ts';

export const EnableSnapshotBlockPublicAccess: Operation<'EnableSnapshotBlockPublicAccess'> = async (request, input) => {
  const { State } = input;
  if (State !== 'block-all-sharing' && State !== 'block-new-sharing')
    throw invalidParameterValue(`Invalid value '${State as string}' for State: it may be block-all-sharing or block-new-sharing.`);
  await request.store.write(async (tx) => ebsSettings.put(tx, { ...(await settingsOf(tx, request)), publicAccess: State }));
  return { State };
};

export const DisableSnapshotBlockPublicAccess: Operation<'DisableSnapshotBlockPublicAccess'> = async (request) => {
  await request.store.write(async (tx) => {
    const { publicAccess: _blocked, ...settings } = await settingsOf(tx, request);
    await ebsSettings.put(tx, settings);
  });
  return { State: 'unblocked' };
};

export const GetSnapshotBlockPublicAccessState: Operation<'GetSnapshotBlockPublicAccessState'> = async (request) => {
  const { publicAccess = 'unblocked' } = await request.store.read((tx) => settingsOf(tx, request));
  return { State: publicAccess, ManagedBy: 'account' };
};
