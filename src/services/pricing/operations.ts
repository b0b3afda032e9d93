/** The Price List API: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Operations_AWS_Price_List_Service.html */

import type { Filter } from '@aws-sdk/client-pricing';
import { invalidNextToken, invalidParameter, notFound } from './errors.ts';
import { offersOf, offerText, serviceCodes, type Offer } from './offers.ts';
import type { Operation } from './sdk.ts';

const pageMax = 100;
const formatVersion = 'aws_v1';

/** https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_DescribeServices.html */
export const DescribeServices: Operation<'DescribeServices'> = async (_request, { ServiceCode, FormatVersion, MaxResults, NextToken }) => {
  checkFormat(FormatVersion);
  if (ServiceCode !== undefined) requireService(ServiceCode);
  const { page, next } = paged(ServiceCode === undefined ? serviceCodes : [ServiceCode], MaxResults, NextToken);
  return {
    Services: page.map((code) => ({ ServiceCode: code, AttributeNames: attributeNames(code) })),
    ...{ FormatVersion: formatVersion, ...(next !== undefined && { NextToken: next }) },
  };
};

/** https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetAttributeValues.html */
export const GetAttributeValues: Operation<'GetAttributeValues'> = async (
  _request,
  { ServiceCode, AttributeName, MaxResults, NextToken },
) => {
  requireService(ServiceCode);
  if (!attributeNames(ServiceCode).includes(AttributeName)) throw notFound(`AttributeName ${AttributeName} is not found.`);
  const values = new Set<string>();
  for (const { attributes } of offersOf(ServiceCode)) {
    const value = attributes[AttributeName];
    if (value !== undefined && value !== '') values.add(value);
  }
  const { page, next } = paged([...values].sort(), MaxResults, NextToken);
  return { AttributeValues: page.map((Value) => ({ Value })), ...(next !== undefined && { NextToken: next }) };
};

/** https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html */
export const GetProducts: Operation<'GetProducts'> = async (
  _request,
  { ServiceCode, Filters = [], FormatVersion, MaxResults, NextToken },
) => {
  checkFormat(FormatVersion);
  requireService(ServiceCode);
  const tests = Filters.map(testOf);
  const found = offersOf(ServiceCode).filter((offer) => tests.every((test) => test(offer)));
  const { page, next } = paged(found, MaxResults, NextToken);
  return { FormatVersion: formatVersion, PriceList: page.map(offerText), ...(next !== undefined && { NextToken: next }) };
};

function checkFormat(version: string | undefined): void {
  if (version !== undefined && version !== formatVersion) throw invalidParameter(`The format version ${version} is not supported.`);
}

function requireService(code: string): void {
  if (!serviceCodes.includes(code)) throw notFound(`ServiceCode ${code} is not found.`);
}

function attributeNames(code: string): string[] {
  const names = new Set(['termType']);
  for (const { attributes } of offersOf(code)) for (const name of Object.keys(attributes)) names.add(name);
  return [...names].sort();
}

/** A field that no product has fits none. */
function testOf({ Type, Field, Value }: Filter): (offer: Offer) => boolean {
  if (Field === undefined || Value === undefined) throw invalidParameter('A filter needs a field and a value.');
  const value = ({ sku, attributes }: Offer): string | undefined =>
    Field === 'sku' ? sku : Field === 'ServiceCode' ? attributes['servicecode'] : Field === 'termType' ? 'OnDemand' : attributes[Field];
  const listed = new Set(Value.split(','));
  switch (Type) {
    case 'TERM_MATCH':
    case 'EQUALS':
      return (offer) => value(offer)?.toLowerCase() === Value.toLowerCase();
    case 'CONTAINS':
      return (offer) => value(offer)?.includes(Value) === true;
    case 'ANY_OF':
      return (offer) => listed.has(value(offer) ?? '');
    case 'NONE_OF':
      return (offer) => !listed.has(value(offer) ?? '');
    default:
      throw invalidParameter(`The filter type ${Type ?? ''} is not supported.`);
  }
}

/** A token says where to go on. */
function paged<Row>(rows: readonly Row[], size: number = pageMax, token = '0'): { page: Row[]; next?: string } {
  if (size < 1 || size > pageMax) throw invalidParameter(`MaxResults must be between 1 and ${pageMax}.`);
  const from = Number(token);
  if (!Number.isSafeInteger(from) || from < 0 || from > rows.length) throw invalidNextToken();
  const page = rows.slice(from, from + size);
  const end = from + page.length;
  return { page, ...(end < rows.length && { next: String(end) }) };
}
