/** Parameters that AWS publishes; parameters of one's own are not built, so there are none. */

import { arn } from '../../../framework/arn.ts';
import type { Authorizer } from '../../../framework/authorization.ts';
import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidNextToken, parameterNotFound, validationException } from '../errors.ts';
import { parametersPerPageMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import { imageParameters, type PublicParameter } from './images.ts';

const version = 1;

const parameterOf = ({ region }: ServiceRequest, { name, value, since }: PublicParameter) => ({
  ...{ Name: name, Type: 'String' as const, Value: value, Version: version, DataType: 'text', LastModifiedDate: new Date(since) },
  ARN: publicArn(region, name),
});

/** It belongs to no account. */
const publicArn = (region: string, name: string): string => arn('ssm', region, '', `parameter${name.startsWith('/') ? name : `/${name}`}`);

/** A name may end with a version: `name:1`. */
async function find(request: ServiceRequest, names: readonly string[]): Promise<(PublicParameter | undefined)[]> {
  const there = new Map((await imageParameters(request)).map((one) => [one.name, one]));
  return names.map((name) => there.get(name.replace(new RegExp(`:${version}$`), '')));
}

export const GetParameter: Operation<'GetParameter'> = async (request, { Name: name }) => {
  const [found] = await find(request, [name]);
  if (!found) throw parameterNotFound();
  return { Parameter: parameterOf(request, found) };
};

export const GetParameters: Operation<'GetParameters'> = async (request, { Names: names }) => {
  if (names.length > parametersPerPageMax)
    throw validationException(
      `1 validation error detected: Value '[${names.join(', ')}]' at 'names' failed to satisfy constraint: Member must have length less than or equal to ${parametersPerPageMax}.`,
    );
  const found = await find(request, names);
  return {
    Parameters: found.filter((one) => one !== undefined).map((one) => parameterOf(request, one)),
    InvalidParameters: names.filter((_name, at) => found[at] === undefined),
  };
};

export const GetParametersByPath: Operation<'GetParametersByPath'> = async (request, input) => {
  const { Path: path, Recursive: recursive = false, MaxResults: limit = parametersPerPageMax, NextToken: token } = input;
  if (input.ParameterFilters?.length) throw notImplemented('ssm:GetParametersByPath with ParameterFilters');
  if (!path.startsWith('/'))
    throw validationException(
      'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
    );
  if (limit < 1 || limit > parametersPerPageMax) throw validationException(`MaxResults must be from 1 to ${parametersPerPageMax}.`);
  const below = path.endsWith('/') ? path : `${path}/`;
  const all = (await imageParameters(request)).filter(
    ({ name }) => name.startsWith(below) && (recursive || !name.slice(below.length).includes('/')),
  );
  const after = token === undefined ? '' : Buffer.from(token, 'base64url').toString();
  if (token !== undefined && !after.startsWith(below)) throw invalidNextToken();
  const rest = all.filter(({ name }) => name > after);
  const page = rest.slice(0, limit);
  return {
    Parameters: page.map((one) => parameterOf(request, one)),
    ...(rest.length > limit && { NextToken: Buffer.from(page.at(-1)!.name).toString('base64url') }),
  };
};

const reads =
  <Given>(operation: string, names: (input: Given) => readonly string[]): Authorizer<Given> =>
  ({ region }, input) =>
    names(input).map((name) => ({ action: `ssm:${operation}`, resource: publicArn(region, name) }));

export const parameterPermissions = {
  GetParameter: reads<Input<'GetParameter'>>('GetParameter', ({ Name }) => [Name]),
  GetParameters: reads<Input<'GetParameters'>>('GetParameters', ({ Names }) => Names),
  GetParametersByPath: reads<Input<'GetParametersByPath'>>('GetParametersByPath', ({ Path }) => [Path]),
};
