/** Filters: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Expression.html */

import type { Expression, MatchOption } from '@aws-sdk/client-cost-explorer';
import type { Charge } from '../../framework/billing/rate.ts';
import { notImplemented } from '../../framework/aws-error.ts';
import { dimension } from './dimensions.ts';
import { validationFailed } from './errors.ts';
import type { ResourceTags } from './resource-tags.ts';

export type Predicate = (charge: Charge) => boolean;

/** Deeper nesting is refused before it is read. */
const depthMax = 10;

/** True for charges that a filter lets pass. Throws ValidationException for what says nothing, or two things at once. */
export function predicateOf(filter: Expression | undefined, tags: ResourceTags, depth = 0): Predicate {
  if (!filter) return () => true;
  if (depth > depthMax) throw validationFailed('Expression is nested too deeply.');
  const { And, Or, Not, Dimensions, Tags, CostCategories } = filter;
  const given = [And, Or, Not, Dimensions, Tags, CostCategories].filter((part) => part !== undefined);
  if (given.length !== 1)
    throw validationFailed('Expression must have exactly one root: And, Or, Not, Dimensions, Tags or CostCategories.');
  if (CostCategories) throw notImplemented('ce: Filter with CostCategories');
  if (And || Or) {
    const parts = (And ?? Or)!;
    if (parts.length < 2) throw validationFailed(`${And ? 'And' : 'Or'} expression must have at least 2 operands`);
    const tests = parts.map((part) => predicateOf(part, tags, depth + 1));
    return And ? (charge) => tests.every((test) => test(charge)) : (charge) => tests.some((test) => test(charge));
  }
  if (Not) {
    const test = predicateOf(Not, tags, depth + 1);
    return (charge) => !test(charge);
  }
  if (Dimensions) {
    const { read } = dimension(Dimensions.Key);
    return matching(read, Dimensions);
  }
  const { Key } = Tags!;
  if (Key === undefined) throw validationFailed('Tags expression must have a key.');
  return matching((charge) => tags.of(charge)[Key], Tags!);
}

type Wanted = { Values?: string[] | undefined; MatchOptions?: MatchOption[] | undefined };

function matching(read: (charge: Charge) => string | undefined, { Values, MatchOptions = [] }: Wanted): Predicate {
  if (MatchOptions.includes('GREATER_THAN_OR_EQUAL')) throw notImplemented('ce: MatchOptions with GREATER_THAN_OR_EQUAL');
  if (MatchOptions.includes('ABSENT')) return (charge) => read(charge) === undefined;
  if (!Values || Values.length === 0) throw validationFailed('Filter values must not be empty.');
  const fold = MatchOptions.includes('CASE_INSENSITIVE') ? (text: string): string => text.toLowerCase() : (text: string): string => text;
  const wanted = Values.map(fold);
  const fits = fitting(MatchOptions);
  return (charge) => {
    const value = fold(read(charge) ?? '');
    return wanted.some((each) => fits(value, each));
  };
}

function fitting(options: readonly MatchOption[]): (value: string, wanted: string) => boolean {
  if (options.includes('STARTS_WITH')) return (value, wanted) => value.startsWith(wanted);
  if (options.includes('ENDS_WITH')) return (value, wanted) => value.endsWith(wanted);
  if (options.includes('CONTAINS')) return (value, wanted) => value.includes(wanted);
  return (value, wanted) => value === wanted;
}
