/** How instances of the t families pay for what they burst: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html */

import { describe } from '../describe.ts';
import { invalidParameterValue, missingParameter, refusal } from '../errors.ts';
import { instanceTypes } from '../instance-types/instance-type.ts';
import type { Operation } from '../sdk.ts';
import { instances, instanceType, type Instance } from './instance.ts';

const isBurstable = (row: Instance): boolean => instanceTypes.get(row.type)?.family.burstable ?? false;

/** As it was asked for; t2 is standard by itself and the others are unlimited. */
const creditsOf = (row: Instance): 'standard' | 'unlimited' => row.credits ?? (row.type.startsWith('t2.') ? 'standard' : 'unlimited');

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
  const shown = rows.filter((row) => named || (isBurstable(row) && row.state !== 'terminated' && creditsOf(row) === 'unlimited'));
  return { InstanceCreditSpecifications: shown.map((row) => ({ InstanceId: row.id, CpuCredits: creditsOf(row) })), ...next };
};

/** Each instance by itself: what cannot be changed is told beside what was. */
export const ModifyInstanceCreditSpecification: Operation<'ModifyInstanceCreditSpecification'> = async (request, input) => {
  const wanted = (input.InstanceCreditSpecifications ?? []).map(({ InstanceId: id, CpuCredits: credits }) => {
    if (id === undefined) throw missingParameter('InstanceId');
    if (credits !== 'standard' && credits !== 'unlimited')
      throw invalidParameterValue(`Value (${String(credits)}) for parameter cpuCredits is invalid.`);
    return { id, credits } as const;
  });
  if (wanted.length === 0) throw missingParameter('InstanceCreditSpecification');
  return request.store.write(async (tx) => {
    const changed = [];
    const refused = [];
    for (const { id, credits } of wanted) {
      const row = await instances.get(tx, request.account, request.region, id);
      if (row && isBurstable(row)) {
        await instances.put(tx, { ...row, credits });
        changed.push({ InstanceId: id });
      } else {
        const Error = row
          ? { Code: 'InstanceCreditSpecification.NotSupported' as const, Message: notSupported(row) }
          : { Code: 'InvalidInstanceID.NotFound' as const, Message: `The instance ID '${id}' does not exist` };
        refused.push({ InstanceId: id, Error });
      }
    }
    return { SuccessfulInstanceCreditSpecifications: changed, UnsuccessfulInstanceCreditSpecifications: refused };
  });
};
