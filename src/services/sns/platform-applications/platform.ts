/** Names of platform applications and of the endpoints in them. */

import { arn, parseArn } from '../../../framework/arn.ts';
import type { Check } from '../../../framework/authorization.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidParameter } from '../errors.ts';
import { platformEndpoints, type PlatformApplication, type PlatformEndpoint } from '../tables.ts';

export const platforms: ReadonlySet<string> = new Set([
  'ADM',
  'APNS',
  'APNS_SANDBOX',
  'APNS_VOIP',
  'APNS_VOIP_SANDBOX',
  'BAIDU',
  'GCM',
  'MPNS',
  'WNS',
  'MACOS',
  'MACOS_SANDBOX',
]);

export type ApplicationName = Pick<PlatformApplication, 'account' | 'region' | 'platform' | 'name'>;
export type EndpointName = Pick<PlatformEndpoint, 'account' | 'region' | 'platform' | 'application' | 'id'>;

export const applicationArn = ({ account, region, platform, name }: ApplicationName): string =>
  arn('sns', region, account, `app/${platform}/${name}`);
export const endpointArn = ({ account, region, platform, application, id }: EndpointName): string =>
  arn('sns', region, account, `endpoint/${platform}/${application}/${id}`);

/** Throws InvalidParameter. */
export function requireApplicationName(text: string): ApplicationName {
  const parsed = parseArn(text);
  const [kind, platform, name, ...rest] = parsed?.resource.split('/') ?? [];
  if (!parsed || parsed.service !== 'sns' || kind !== 'app' || !platform || !name || rest.length > 0)
    throw invalidParameter('PlatformApplicationArn');
  return { account: parsed.account, region: parsed.region, platform, name };
}

/** The endpoint that an ARN names, or undefined. */
export function endpointOfArn(text: string): EndpointName | undefined {
  const parsed = parseArn(text);
  const [kind, platform, application, id, ...rest] = parsed?.resource.split('/') ?? [];
  if (!parsed || parsed.service !== 'sns' || kind !== 'endpoint' || !platform || !application || !id || rest.length > 0) return undefined;
  return { account: parsed.account, region: parsed.region, platform, application, id };
}

/** Throws InvalidParameter. */
export function requireEndpointName(text: string): EndpointName {
  const name = endpointOfArn(text);
  if (!name) throw invalidParameter('EndpointArn');
  return name;
}

/** Throws InvalidParameter where a subscription is to lead to an endpoint that is not there. */
export async function requireEndpoint({ store }: ServiceRequest, text: string): Promise<void> {
  const name = endpointOfArn(text);
  const row = name && (await store.read((tx) => platformEndpoints.get(tx, ...endpointKey(name))));
  // AWS leaves no space between `arn` and the ARN.
  if (!row) throw invalidParameter(`Endpoint Reason: Endpoint does not exist for endpoint arn${text.slice(0, 300)}`);
}

export const applicationKey = ({ account, region, platform, name }: ApplicationName) => [account, region, platform, name] as const;
export const endpointKey = ({ account, region, platform, application, id }: EndpointName) =>
  [account, region, platform, application, id] as const;

/** Applications and endpoints have no policies of their own: only their account may use them. */
export function onPlatform(action: string, parameter: 'PlatformApplicationArn' | 'EndpointArn') {
  return (_request: ServiceRequest, input: { PlatformApplicationArn?: string | undefined; EndpointArn?: string | undefined }): Check[] => {
    const text = input[parameter] ?? '';
    const { account } = parameter === 'EndpointArn' ? requireEndpointName(text) : requireApplicationName(text);
    return [{ action, resource: text, resourceAccount: account }];
  };
}
