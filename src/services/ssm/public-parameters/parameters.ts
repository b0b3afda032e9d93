/** Parameters that AWS publishes, as reading operations show them. */

import type { ParameterType } from '@aws-sdk/client-ssm';
import type { ServiceRequest } from '../../../framework/request.ts';
import type { Reference } from '../parameters/names.ts';
import { publicArn } from '../parameters/names.ts';
import { imageParameters } from './images.ts';

/** A parameter as it is answered. */
export type Shown = {
  Name: string;
  Type: ParameterType;
  Value: string;
  Version: number;
  DataType: string;
  LastModifiedDate: Date;
  ARN: string;
  Selector?: string;
};

const version = 1;

/** No parameter of one's own can begin so. */
export const isPublicName = (name: string): boolean => name.startsWith('/aws/');

/** All of a region, in order of names. */
export async function publicParameters(request: ServiceRequest): Promise<Shown[]> {
  return (await imageParameters(request)).map(({ name, value, since }) => ({
    ...{ Name: name, Type: 'String' as const, Value: value, Version: version, DataType: 'text', LastModifiedDate: new Date(since) },
    ARN: publicArn(request, name),
  }));
}

/** The one that is meant, in its only version. */
export function publicVersions(all: readonly Shown[], { names, selector }: Reference): Shown | undefined {
  const found = all.find(({ Name }) => Name === names[0]);
  if (!found || (selector !== undefined && selector !== String(version))) return undefined;
  return { ...found, ...(selector !== undefined && { Selector: `:${selector}` }) };
}
