/** The values that dimensions and tags have had: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetDimensionValues.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { Charge } from '../../../framework/billing/rate.ts';
import { chargesFor } from '../costs/operations.ts';
import { dimension } from '../dimensions.ts';
import { invalidNextToken, validationFailed } from '../errors.ts';
import { readPast } from '../period.ts';
import type { Operation } from '../sdk.ts';

export const GetDimensionValues: Operation<'GetDimensionValues'> = async (request, input) => {
  const { Dimension, SearchString, Context = 'COST_AND_USAGE', SortBy, BillingViewArn, MaxResults, NextPageToken } = input;
  if (BillingViewArn !== undefined) throw notImplemented('ce: BillingViewArn');
  if (Context !== 'COST_AND_USAGE') throw notImplemented(`ce: Context ${Context}`);
  if (SortBy && SortBy.length > 0) throw notImplemented('ce:GetDimensionValues with SortBy');
  const { read } = dimension(Dimension);
  const { list } = await chargesFor(request, readPast(input.TimePeriod, request.now), input.Filter);
  const { page, total, next } = paged(valuesOf(list, read, SearchString), MaxResults, NextPageToken);
  const isAccount = Dimension === 'LINKED_ACCOUNT';
  return {
    DimensionValues: page.map((Value) => ({ Value, Attributes: isAccount ? { description: Value } : noAttributes })),
    ReturnSize: page.length,
    TotalSize: total,
    ...(next !== undefined && { NextPageToken: next }),
  };
};

/** Without a key the keys, with one its values: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetTags.html */
export const GetTags: Operation<'GetTags'> = async (request, input) => {
  const { TagKey, SearchString, SortBy, BillingViewArn, MaxResults, NextPageToken } = input;
  if (BillingViewArn !== undefined) throw notImplemented('ce: BillingViewArn');
  if (SortBy && SortBy.length > 0) throw notImplemented('ce:GetTags with SortBy');
  const { list, tags } = await chargesFor(request, readPast(input.TimePeriod, request.now), input.Filter, true);
  const found =
    TagKey === undefined
      ? [...new Set(list.flatMap((charge) => Object.keys(tags.of(charge))))].filter((key) => fits(key, SearchString)).sort()
      : valuesOf(list, (charge) => tags.of(charge)[TagKey] ?? '', SearchString);
  const { page, total, next } = paged(found, MaxResults, NextPageToken);
  return { Tags: page, ReturnSize: page.length, TotalSize: total, ...(next !== undefined && { NextPageToken: next }) };
};

const noAttributes: Record<string, string> = {};

const fits = (value: string, search = ''): boolean => value.toLowerCase().includes(search.toLowerCase());

function valuesOf(list: readonly Charge[], read: (charge: Charge) => string | undefined, search?: string): string[] {
  const values = new Set<string>();
  for (const charge of list) {
    const value = read(charge);
    if (value !== undefined && fits(value, search)) values.add(value);
  }
  return [...values].sort();
}

/** A token says where to go on. */
function paged(values: readonly string[], size: number | undefined, token: string | undefined) {
  if (size !== undefined && size < 1) throw validationFailed('MaxResults must be at least 1.');
  const from = token === undefined ? 0 : Number(token);
  if (!Number.isSafeInteger(from) || from < 0 || from > values.length) throw invalidNextToken();
  const page = values.slice(from, size === undefined ? undefined : from + size);
  const end = from + page.length;
  return { page, total: values.length, next: end < values.length ? String(end) : undefined };
}
