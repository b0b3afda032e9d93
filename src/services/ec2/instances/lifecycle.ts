/** Start, stop, reboot, terminate: wishes, which the keeper makes true. */

import type { WriteTransaction } from '../../../store/store.ts';
import { operationNotPermitted, refusal, unsupportedOperation } from '../errors.ts';
import { checkStart } from '../regions/zone-faults.ts';
import { drawStart } from '../subnets/subnet.ts';
import type { Operation } from '../sdk.ts';
import { requireStartable, requireStoppable } from '../spot-requests/guards.ts';
import { volumesOfInstance } from '../volumes/volume.ts';
import {
  incorrectInstanceState,
  instances,
  reasons,
  requireInstances,
  stateCodes,
  userInitiated,
  type Instance,
  type InstanceState,
} from './instance.ts';
import { requireHibernation } from './hibernation.ts';
import { checkCapacity, roomOnHost } from './capacity.ts';
import { wake } from './waking.ts';

const shownState = (state: InstanceState) => ({ Code: stateCodes[state], Name: state });

const changed = (before: Instance, after: InstanceState) => ({
  ...{ InstanceId: before.id, PreviousState: shownState(before.state), CurrentState: shownState(after) },
});

export const StartInstances: Operation<'StartInstances'> = async (request, input) => {
  await checkCapacity(request.host);
  await roomOnHost(request, { least: 1, most: 1, spot: false });
  const start = drawStart(request.random);
  const rows = await request.store.write(async (tx) => {
    const found = await requireInstances(tx, request, input.InstanceIds);
    for (const row of found) {
      if (row.state === 'running' || row.state === 'pending') continue;
      if (row.state !== 'stopped') throw incorrectInstanceState(`The instance '${row.id}' is not in a state from which it can be started.`);
      await checkStart(tx, row.zone, row.type);
      await requireRootVolume(tx, row);
      await requireStartable(tx, row);
      await wake(tx, row, { now: request.now, start, range: request.host.networks.publicRange });
    }
    return found;
  });
  return { StartingInstances: rows.map((row) => changed(row, row.state === 'running' ? 'running' : 'pending')) };
};

async function requireRootVolume(tx: WriteTransaction, instance: Instance): Promise<void> {
  const { id, rootDevice } = instance;
  const attached = await volumesOfInstance(tx, instance);
  const hasRoot = attached.some((row) => row.attachments.some((one) => one.instance === id && one.device === rootDevice));
  if (!hasRoot)
    throw refusal('IncorrectInstanceState')(
      `Invalid value '${id}' for instanceId. Instance does not have a volume attached at root (${rootDevice})`,
    );
}

export const StopInstances: Operation<'StopInstances'> = async (request, input) => {
  const rows = await request.store.write(async (tx) => {
    const found = await requireInstances(tx, request, input.InstanceIds);
    for (const row of found) {
      if (row.state === 'stopped' || row.state === 'stopping') continue;
      if (row.state !== 'running' && row.state !== 'pending')
        throw incorrectInstanceState(`This instance '${row.id}' is not in a state from which it can be stopped.`);
      if (row.stopProtection)
        throw operationNotPermitted(
          `The instance '${row.id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
        );
      await requireStoppable(tx, row);
      if (input.Hibernate) requireHibernation(row);
      const how = input.Hibernate ? { hibernating: true as const, reason: reasons.userHibernate } : { reason: reasons.userShutdown };
      await instances.put(tx, { ...row, ...how, state: 'stopping', transition: userInitiated(request.now) });
    }
    return found;
  });
  return { StoppingInstances: rows.map((row) => changed(row, row.state === 'stopped' ? 'stopped' : 'stopping')) };
};

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html: protected ones let nothing of their zone go. */
export const TerminateInstances: Operation<'TerminateInstances'> = async (request, input) => {
  const rows = await request.store.write(async (tx) => {
    const found = await requireInstances(tx, request, input.InstanceIds);
    const guarded = found.find((row) => row.terminationProtection && row.state !== 'terminated');
    if (guarded)
      throw operationNotPermitted(
        `The instance '${guarded.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
      );
    for (const row of found) {
      if (row.state === 'terminated' || row.state === 'shutting-down') continue;
      await instances.put(tx, { ...row, state: 'shutting-down', reason: reasons.userShutdown, transition: userInitiated(request.now) });
    }
    return found;
  });
  return { TerminatingInstances: rows.map((row) => changed(row, row.state === 'terminated' ? 'terminated' : 'shutting-down')) };
};

export const RebootInstances: Operation<'RebootInstances'> = async (request, input) => {
  await request.store.write(async (tx) => {
    for (const row of await requireInstances(tx, request, input.InstanceIds)) {
      if (row.state !== 'running' && row.state !== 'pending')
        throw incorrectInstanceState(`This instance '${row.id}' is not in a state from which it can be rebooted.`);
      if (row.state === 'running') await instances.put(tx, { ...row, reboot: true });
    }
  });
  return {};
};

const monitoring =
  (enabled: boolean): Operation<'MonitorInstances'> =>
  async (request, input) => {
    const rows = await request.store.write(async (tx) => {
      const found = await requireInstances(tx, request, input.InstanceIds);
      for (const row of found) {
        if (row.state === 'terminated') throw unsupportedOperation(`The instance '${row.id}' is terminated.`);
        await instances.put(tx, { ...row, monitored: enabled });
      }
      return found;
    });
    return { InstanceMonitorings: rows.map(({ id }) => ({ InstanceId: id, Monitoring: { State: enabled ? 'enabled' : 'disabled' } })) };
  };

export const MonitorInstances: Operation<'MonitorInstances'> = monitoring(true);
export const UnmonitorInstances: Operation<'UnmonitorInstances'> = monitoring(false);
