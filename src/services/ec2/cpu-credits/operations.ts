/** How instances of the t families pay for what they burst: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html */

import { describe } from '../describe.ts';
import { invalidParameterValue, missingParameter, refusal } from '../errors.ts';
import { families, type Family } from '../instance-types/families.ts';
import type { Operation } from '../sdk.ts';
import { instances, instanceType, type Instance } from '../instances/instance.ts';
import { defaultCredits, defaultMode } from './credit-record.ts';
import type { CreditMode } from './credits.ts';
import { isBurstable, modeOf } from './keeper.ts';

const notSupported = (row: Instance): string => `The specified instance ${row.id} does not use CPU credits for CPU usage.`;

/** Without ids AWS answers those alone that are unlimited. */
export const DescribeInstanceCreditSpecifications: Operation<'DescribeInstanceCreditSpecifications'> = async (request, input) => {
  const named = (input.InstanceIds?.length ?? 0) > 0;
  const { rows, next } = await describe(request, input, {
    ...{ type: instanceType, ids: input.InstanceIds, limits: { min: 5, max: 1000 } },
    filters: { 'instance-id': (row) => row.id },
  });
  const foreign = rows.find((row) => !isBurstable(row));
  if (named && foreign) throw refusal('InstanceCreditSpecification.NotSupported')(notSupported(foreign));
  const shown = rows.filter((row) => named || (isBurstable(row) && row.state !== 'terminated' && modeOf(row) === 'unlimited'));
  return { InstanceCreditSpecifications: shown.map((row) => ({ InstanceId: row.id, CpuCredits: modeOf(row) })), ...next };
};

/** Each instance by itself: what cannot be changed is told beside what was. */
export const ModifyInstanceCreditSpecification: Operation<'ModifyInstanceCreditSpecification'> = async (request, input) => {
  const wanted = (input.InstanceCreditSpecifications ?? []).map(({ InstanceId: id, CpuCredits: credits }) => {
    if (id === undefined) throw missingParameter('InstanceId');
    return { id, credits: checkedMode(credits) };
  });
  if (wanted.length === 0) throw missingParameter('InstanceCreditSpecification');
  return request.store.write(async (tx) => {
    const changed = [];
    const refused = [];
    for (const { id, credits } of wanted) {
      const row = await instances.get(tx, request.account, request.region, id);
      if (row && isBurstable(row) && isChangeable(row)) {
        await instances.put(tx, { ...row, credits });
        changed.push({ InstanceId: id });
      } else {
        refused.push({ InstanceId: id, Error: whyNot(id, row) });
      }
    }
    return { SuccessfulInstanceCreditSpecifications: changed, UnsuccessfulInstanceCreditSpecifications: refused };
  });
};

const isChangeable = (row: Instance): boolean => row.state !== 'terminated' && row.state !== 'shutting-down';

function whyNot(id: string, row: Instance | undefined) {
  if (!row) return { Code: 'InvalidInstanceID.NotFound' as const, Message: `The instance ID '${id}' does not exist` };
  if (!isBurstable(row)) return { Code: 'InstanceCreditSpecification.NotSupported' as const, Message: notSupported(row) };
  return { Code: 'IncorrectInstanceState' as const, Message: `The instance '${id}' is not in the 'running' or 'stopped' state.` };
}

function checkedMode(given: string | undefined): CreditMode {
  if (given === 'standard' || given === 'unlimited') return given;
  throw invalidParameterValue(`Value (${String(given)}) for parameter cpuCredits is invalid.`);
}

export const GetDefaultCreditSpecification: Operation<'GetDefaultCreditSpecification'> = async (request, input) => {
  const family = familyNamed(input.InstanceFamily);
  const credits = await request.store.read((tx) => defaultMode(tx, request, { family }));
  return { InstanceFamilyCreditSpecification: { InstanceFamily: input.InstanceFamily, CpuCredits: credits } };
};

/** For instances that are launched from now on. */
export const ModifyDefaultCreditSpecification: Operation<'ModifyDefaultCreditSpecification'> = async (request, input) => {
  const { account, region } = request;
  const family = familyNamed(input.InstanceFamily).name;
  const credits = checkedMode(input.CpuCredits);
  await request.store.write((tx) => defaultCredits.put(tx, { account, region, family, credits }));
  return { InstanceFamilyCreditSpecification: { InstanceFamily: input.InstanceFamily, CpuCredits: credits } };
};

function familyNamed(name: string): Family {
  const family = families.find((one) => one.name === name && one.burstable);
  if (!family) throw invalidParameterValue(`Value (${name}) for parameter instanceFamily is invalid.`);
  return family;
}
