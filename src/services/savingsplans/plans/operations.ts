/** CreateSavingsPlan and its kin: https://docs.aws.amazon.com/savingsplans/latest/APIReference/API_CreateSavingsPlan.html */

import { picodollars, shortText } from '../../../framework/billing/decimal.ts';
import { hoursOfTerm, planArn, savingsPlans, secondsPerYear, type SavingsPlan } from '../../../framework/billing/savings-plans.ts';
import { tagsOf } from '../../../framework/tags.ts';
import { offeringNotFound, quotaExceeded, validation } from '../errors.ts';
import { commitmentMax, commitmentMin, partialShare, plansMax, queueYearsMax, returnedCommitmentMax } from '../limits.ts';
import { among, passes, wantedRegions } from '../filters.ts';
import { findOffering, type Offering } from '../offerings/offering.ts';
import { pageOf } from '../pages.ts';
import type { Input, Operation } from '../sdk.ts';
import { checkTags } from '../tags/operations.ts';
import { endOf, requirePlan, returnableUntil, shownPlan, stateOf } from './plan.ts';
import { filterValues, ratesOf, rateShown } from './rates.ts';

export const CreateSavingsPlan: Operation<'CreateSavingsPlan'> = async (request, input) => {
  const { savingsPlanOfferingId: offeringId, clientToken: token } = input;
  const offering = findOffering(offeringId);
  if (!offering) throw offeringNotFound(offeringId);
  const { account, now } = request;
  const plan: SavingsPlan = {
    ...{ ...offering, account, id: request.random.uuid(), offering: offeringId, bought: now, start: startOf(input.purchaseTime, now) },
    ...paymentsOf(offering, input),
    ...(token !== undefined && { token }),
    tags: checkTags(tagsOf(input.tags)),
  };
  const id = await request.store.write(async (tx) => {
    const all = (await savingsPlans.scan(tx, [account])).map(({ row }) => row);
    const known = token === undefined ? undefined : all.find((row) => row.token === token);
    if (known && (known.offering !== plan.offering || known.commitment !== plan.commitment))
      throw validation('The clientToken was used for another purchase.');
    if (known) return known.id;
    if (all.filter((row) => ['active', 'queued'].includes(stateOf(row, now))).length >= plansMax)
      throw quotaExceeded(`An account can have ${plansMax} savings plans.`);
    await savingsPlans.put(tx, plan);
    return plan.id;
  });
  return { savingsPlanId: id };
};

function startOf(time: Date | undefined, now: number): number {
  if (!time) return now;
  const start = time.getTime();
  if (Number.isNaN(start) || start <= now || start > now + queueYearsMax * secondsPerYear * 1000)
    throw validation('The purchaseTime must be in the future, and within three years.');
  return start;
}

/** The whole value of a plan is its commitment for each hour of the term. */
function paymentsOf(
  { payment, years }: Offering,
  input: Input<'CreateSavingsPlan'>,
): Pick<SavingsPlan, 'commitment' | 'upfront' | 'recurring'> {
  const { commitment, upfrontPaymentAmount: given } = input;
  if (!/^\d{1,7}(?:\.\d{1,8})?$/.test(commitment) || Number(commitment) < commitmentMin || Number(commitment) > commitmentMax)
    throw validation(`The commitment must be an amount from ${commitmentMin} to ${commitmentMax} dollars an hour.`);
  if (given !== undefined && payment !== 'Partial Upfront')
    throw validation('An upfrontPaymentAmount is taken with the payment option Partial Upfront alone.');
  const hour = picodollars(commitment);
  const hours = BigInt(hoursOfTerm(years));
  if (payment === 'No Upfront') return { commitment, upfront: '0', recurring: commitment };
  if (payment === 'All Upfront') return { commitment, upfront: shortText(hour * hours), recurring: '0' };
  const upfront = given ?? shortText((hour * hours) / 2n);
  if (!/^\d{1,12}(?:\.\d{1,12})?$/.test(upfront)) throw validation('The upfrontPaymentAmount must be an amount of dollars.');
  const share = Number(upfront) / (Number(commitment) * Number(hours));
  if (share < partialShare.min - 1e-9 || share > partialShare.max)
    throw validation('The upfrontPaymentAmount must be from 50 to 99 percent of the total value of the savings plan.');
  return { commitment, upfront, recurring: shortText((hour * hours - picodollars(upfront)) / hours) };
}

const planValues = (plan: SavingsPlan): Readonly<Record<string, string | undefined>> => {
  const { commitment, upfrontPaymentAmount, start, end } = shownPlan(plan, plan.start);
  return {
    ...{ region: plan.region, 'ec2-instance-family': plan.family, 'instance-family': plan.family, commitment, start, end },
    ...{ upfront: upfrontPaymentAmount, term: String(plan.years * secondsPerYear) },
    ...{ 'savings-plan-type': plan.type, 'payment-option': plan.payment },
  };
};

export const DescribeSavingsPlans: Operation<'DescribeSavingsPlans'> = async (request, input) => {
  const { account, now } = request;
  const all = (await request.store.read((tx) => savingsPlans.scan(tx, [account]))).map(({ row }) => row);
  const fitting = all.filter(
    (plan) =>
      among(input.savingsPlanIds, plan.id) &&
      among(input.savingsPlanArns, planArn(plan)) &&
      among(input.states, stateOf(plan, now)) &&
      passes(input.filters, planValues(plan)),
  );
  const { page, ...next } = pageOf(
    fitting.toSorted((a, b) => a.start - b.start),
    input,
  );
  return { savingsPlans: page.map((plan) => shownPlan(plan, now)), ...next };
};

export const DescribeSavingsPlanRates: Operation<'DescribeSavingsPlanRates'> = async (request, input) => {
  const plan = await request.store.read((tx) => requirePlan(tx, request.account, input.savingsPlanId));
  const rates = [...ratesOf(plan, wantedRegions(input.filters))].filter((rate) => passes(input.filters, filterValues(rate)));
  const { page, ...next } = pageOf(rates, input);
  return { savingsPlanId: plan.id, searchResults: page.map((rate) => ({ ...rateShown(rate), currency: 'USD' as const })), ...next };
};

export const DeleteQueuedSavingsPlan: Operation<'DeleteQueuedSavingsPlan'> = async (request, { savingsPlanId: id }) => {
  await request.store.write(async (tx) => {
    const plan = await requirePlan(tx, request.account, id);
    if (stateOf(plan, request.now) !== 'queued') throw validation(`The savings plan ${id} is not queued.`);
    await savingsPlans.put(tx, { ...plan, unqueued: true });
  });
  return {};
};

/** A plan that is given back was never bought, for the bill: what was paid comes back, and what it paid for costs what it did. */
export const ReturnSavingsPlan: Operation<'ReturnSavingsPlan'> = async (request, { savingsPlanId: id }) => {
  const { now } = request;
  await request.store.write(async (tx) => {
    const plan = await requirePlan(tx, request.account, id);
    if (plan.returned !== undefined) return;
    if (stateOf(plan, now) !== 'active' || endOf(plan) <= now) throw validation(`The savings plan ${id} is not active.`);
    if (Number(plan.commitment) > returnedCommitmentMax)
      throw validation(`A savings plan of more than ${returnedCommitmentMax} dollars an hour cannot be returned.`);
    if (now > returnableUntil(plan))
      throw validation('A savings plan can be returned within seven days, in the calendar month of its purchase.');
    await savingsPlans.put(tx, { ...plan, returned: now });
  });
  return { savingsPlanId: id };
};
