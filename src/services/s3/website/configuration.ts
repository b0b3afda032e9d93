/** Website configurations of buckets: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketWebsite.html */

import { configurationOf, deleteConfiguration, putConfiguration } from '../buckets/configurations.ts';
import { lookUp } from '../buckets/lookup.ts';
import { invalidArgument, invalidRequest, malformedXml, noSuchConfiguration } from '../errors.ts';
import { routingRulesMax } from '../limits.ts';
import type { Input, Operation } from '../sdk.ts';

export type Website = Input<'PutBucketWebsite'>['WebsiteConfiguration'];
export type RoutingRule = NonNullable<Website['RoutingRules']>[number];

export const GetBucketWebsite: Operation<'GetBucketWebsite'> = async (request, input) => {
  const { bucket } = await lookUp(request, input.Bucket);
  const website = await configurationOf<Website>(request, bucket, 'website');
  if (!website)
    throw noSuchConfiguration('NoSuchWebsiteConfiguration', 'The specified bucket does not have a website configuration', input.Bucket);
  return website;
};

export const PutBucketWebsite: Operation<'PutBucketWebsite'> = async (request, input) => {
  const website = input.WebsiteConfiguration;
  checkWebsite(website);
  await putConfiguration(request, input.Bucket, 'website', website);
  return {};
};

export const DeleteBucketWebsite: Operation<'DeleteBucketWebsite'> = async (request, input) => {
  await deleteConfiguration(request, input.Bucket, 'website');
  return {};
};

function checkWebsite({ ErrorDocument, IndexDocument, RedirectAllRequestsTo, RoutingRules }: Website): void {
  if (RedirectAllRequestsTo) {
    if (ErrorDocument || IndexDocument || RoutingRules)
      throw invalidArgument(
        'RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.',
        'RedirectAllRequestsTo',
        '',
      );
    if (!RedirectAllRequestsTo.HostName) throw malformedXml();
    return checkProtocol(RedirectAllRequestsTo.Protocol);
  }
  if (!IndexDocument)
    throw invalidArgument('A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty', 'IndexDocument', 'null');
  const { Suffix } = IndexDocument;
  if (!Suffix || Suffix.includes('/'))
    throw invalidArgument('The IndexDocument Suffix is not well formed', 'IndexDocument', Suffix ?? 'null');
  if (ErrorDocument && !ErrorDocument.Key) throw invalidArgument('The ErrorDocument Key is not well formed', 'ErrorDocument', 'null');
  if (RoutingRules?.length === 0) throw malformedXml();
  const rules = RoutingRules ?? [];
  if (rules.length > routingRulesMax)
    throw invalidRequest(
      `${rules.length} routing rules provided, the number of routing rules in a website configuration is limited to ${routingRulesMax}.`,
    );
  for (const rule of rules) checkRule(rule);
}

function checkRule({ Condition: condition, Redirect: redirect }: RoutingRule): void {
  if (!redirect || Object.keys(redirect).length === 0) throw malformedXml();
  if (condition && condition.KeyPrefixEquals === undefined && condition.HttpErrorCodeReturnedEquals === undefined)
    throw invalidRequest(
      "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't be present.",
    );
  const error = condition?.HttpErrorCodeReturnedEquals;
  if (error !== undefined && !/^[45]\d\d$/.test(error))
    throw invalidRequest(`The provided HTTP error code (${error}) is not valid. Valid codes are 4XX or 5XX.`);
  if (redirect.ReplaceKeyPrefixWith !== undefined && redirect.ReplaceKeyWith !== undefined)
    throw invalidRequest('You can only define ReplaceKeyPrefix or ReplaceKey but not both.');
  const code = redirect.HttpRedirectCode;
  if (code !== undefined && !/^3(?!00)\d\d$/.test(code))
    throw invalidRequest(`The provided HTTP redirect code (${code}) is not valid. Valid codes are 3XX except 300.`);
  checkProtocol(redirect.Protocol);
}

function checkProtocol(protocol: string | undefined): void {
  if (protocol !== undefined && protocol !== 'http' && protocol !== 'https')
    throw invalidRequest('Invalid protocol, protocol can be http or https. If not defined the protocol will be selected automatically.');
}
