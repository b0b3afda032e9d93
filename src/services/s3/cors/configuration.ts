/** CORS of buckets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html */

import { configurationOf, deleteConfiguration, putConfiguration } from '../buckets/configurations.ts';
import { lookUp } from '../buckets/lookup.ts';
import { invalidRequest, malformedXml, noSuchConfiguration } from '../errors.ts';
import { corsRulesMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';
import type { CorsRule } from './rule.ts';

export const GetBucketCors: Operation<'GetBucketCors'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  const rules = await configurationOf<CorsRule[]>(request, bucket, 'cors');
  if (!rules) throw noSuchConfiguration('NoSuchCORSConfiguration', 'The CORS configuration does not exist', input.Bucket);
  return { CORSRules: rules };
};

export const PutBucketCors: Operation<'PutBucketCors'> = async (request, input) => {
  const rules = input.CORSConfiguration.CORSRules ?? [];
  if (rules.length === 0 || rules.length > corsRulesMax) throw malformedXml();
  await putConfiguration(request, input.Bucket, 'cors', rules.map(checkedRule));
  return {};
};

export const DeleteBucketCors: Operation<'DeleteBucketCors'> = async (request, input) => {
  await deleteConfiguration(request, input.Bucket, 'cors');
  return {};
};

const methods: ReadonlySet<string> = new Set(['GET', 'PUT', 'HEAD', 'POST', 'DELETE']);
const idLengthMax = 255;

type GivenRule = NonNullable<Input<'PutBucketCors'>['CORSConfiguration']['CORSRules']>[number];

function checkedRule(rule: GivenRule): CorsRule {
  const { ID, AllowedHeaders, AllowedMethods = [], AllowedOrigins = [], ExposeHeaders, MaxAgeSeconds } = rule;
  if (AllowedMethods.length === 0 || AllowedOrigins.length === 0 || (ID?.length ?? 0) > idLengthMax) throw malformedXml();
  for (const method of AllowedMethods)
    if (!methods.has(method)) throw invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
  for (const origin of AllowedOrigins)
    if (wildcards(origin) > 1) throw invalidRequest(`AllowedOrigin "${origin}" can not have more than one wildcard.`);
  for (const header of AllowedHeaders ?? [])
    if (wildcards(header) > 1) throw invalidRequest(`AllowedHeader "${header}" can not have more than one wildcard.`);
  for (const header of ExposeHeaders ?? [])
    if (wildcards(header) > 0)
      throw invalidRequest(`ExposeHeader "${header}" contains wildcard. We currently do not support wildcard for ExposeHeader.`);
  return {
    ...(ID !== undefined && { ID }),
    ...(AllowedHeaders && { AllowedHeaders }),
    ...{ AllowedMethods, AllowedOrigins },
    ...(ExposeHeaders && { ExposeHeaders }),
    ...(MaxAgeSeconds !== undefined && { MaxAgeSeconds }),
  };
}

function wildcards(text: string): number {
  return text.split('*').length - 1;
}
