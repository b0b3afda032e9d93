/** Platform applications and their endpoints. What is pushed leaves through the operator's webhook, or lies in the mailbox. */

import { AwsError, notImplemented } from '../../../framework/aws-error.ts';
import { letterCharactersMax, type Letter } from '../../../framework/mailbox.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { invalidParameter } from '../errors.ts';
import { pageRows } from '../limits.ts';
import { sendLetter } from '../deliveries/letters.ts';
import { textFor, type Contents } from '../messages/contents.ts';
import { cursorOf, tokenOf } from '../pagination.ts';
import type { Operation } from '../sdk.ts';
import { feedbackBy, statusNote } from '../reports/delivery-status.ts';
import { notes, platformApplications, platformEndpoints, type PlatformEndpoint } from '../tables.ts';
import {
  applicationArn,
  applicationKey,
  endpointArn,
  endpointKey,
  platforms,
  requireApplicationName,
  requireEndpointName,
  type EndpointName,
} from './platform.ts';

const secrets = new Set(['PlatformCredential', 'PlatformPrincipal']);
const plain = new Set([
  'SuccessFeedbackSampleRate',
  'SuccessFeedbackRoleArn',
  'FailureFeedbackRoleArn',
  'ApplePlatformTeamID',
  'ApplePlatformBundleID',
]);

const noApplication = () => new AwsError('NotFound', 'PlatformApplication does not exist', { status: 404 });
const noEndpoint = () => new AwsError('NotFound', 'Endpoint does not exist', { status: 404 });
const disabled = () => new AwsError('EndpointDisabled', 'Endpoint is disabled', { status: 400 });

/** What is kept of an application's attributes. Throws InvalidParameter or NotImplemented. */
function checkedAttributes(given: Readonly<Record<string, string>>): [string, string][] {
  const kept: [string, string][] = [];
  for (const [name, value] of Object.entries(given)) {
    if (secrets.has(name)) continue;
    if (/^Event(EndpointCreated|EndpointDeleted|EndpointUpdated|DeliveryFailure)$/.test(name)) {
      if (value !== '') throw notImplemented(`sns platform applications with ${name}`);
    } else if (plain.has(name)) kept.push([name, value]);
    else throw invalidParameter(`Attributes Reason: Invalid value for attribute: ${name}`);
  }
  return kept;
}

function checkName(name: string): void {
  const refuse = (reason: string) => invalidParameter(`${name.slice(0, 300)} Reason: ${reason}`);
  if (name === '') throw refuse('cannot be empty');
  if (name.length > 256) throw refuse('must be at most 256 characters long');
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw refuse("must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'");
}

/** Google's and Microsoft's phones know one secret alone; the others a public part beside it. */
function checkCredentials(platform: string, attributes: Readonly<Record<string, string>>): void {
  const { PlatformCredential: credential, PlatformPrincipal: principal } = attributes;
  const refuse = (reason: string) => invalidParameter(`Attributes Reason: ${reason}`);
  if (!credential && principal) throw refuse('PlatformPrincipal attribute provided without PlatformCredential');
  if (!credential) throw refuse('PlatformCredential is required');
  if (!principal && ['ADM', 'BAIDU', 'WNS'].includes(platform))
    throw refuse('PlatformCredential attribute provided without PlatformPrincipal');
}

export const CreatePlatformApplication: Operation<'CreatePlatformApplication'> = async ({ store, account, region }, input) => {
  const { Name: name, Platform: platform } = input;
  if (!platforms.has(platform)) throw invalidParameter(`Platform Reason: ${platform.slice(0, 100)} is not supported`);
  checkName(name);
  checkCredentials(platform, input.Attributes ?? {});
  const row = { account, region, platform, name, attributes: checkedAttributes(input.Attributes) };
  await store.write((tx) => platformApplications.put(tx, row));
  return { PlatformApplicationArn: applicationArn(row) };
};

export const DeletePlatformApplication: Operation<'DeletePlatformApplication'> = async ({ store }, input) => {
  const name = requireApplicationName(input.PlatformApplicationArn);
  await store.write((tx) => platformApplications.delete(tx, ...applicationKey(name)));
  for await (const row of platformEndpoints.each(store, applicationKey(name)))
    await store.write((tx) => platformEndpoints.delete(tx, ...endpointKey(row)));
  return {};
};

export const GetPlatformApplicationAttributes: Operation<'GetPlatformApplicationAttributes'> = async ({ store }, input) => {
  const name = requireApplicationName(input.PlatformApplicationArn);
  const row = await store.read((tx) => platformApplications.get(tx, ...applicationKey(name)));
  if (!row) throw noApplication();
  return { Attributes: { Enabled: 'true', ...Object.fromEntries(row.attributes) } };
};

export const SetPlatformApplicationAttributes: Operation<'SetPlatformApplicationAttributes'> = async ({ store }, input) => {
  const name = requireApplicationName(input.PlatformApplicationArn);
  const changed = checkedAttributes(input.Attributes);
  await store.write(async (tx) => {
    const row = await platformApplications.get(tx, ...applicationKey(name));
    if (!row) throw noApplication();
    await platformApplications.put(tx, { ...row, attributes: [...new Map([...row.attributes, ...changed])] });
  });
  return {};
};

export const ListPlatformApplications: Operation<'ListPlatformApplications'> = async ({ store, account, region }, input) => {
  const page = await store.read((tx) =>
    platformApplications.scan(tx, [account, region], { limit: pageRows, ...cursorOf(input.NextToken) }),
  );
  return {
    PlatformApplications: page.map(({ row }) => ({
      PlatformApplicationArn: applicationArn(row),
      Attributes: { Enabled: 'true', ...Object.fromEntries(row.attributes) },
    })),
    ...tokenOf(page),
  };
};

const shown = ({ token, enabled, userData }: PlatformEndpoint): Record<string, string> => ({
  Enabled: String(enabled),
  Token: token,
  ...(userData !== '' && { CustomUserData: userData }),
});

/** The endpoint with what the attributes say. Throws InvalidParameter. */
function changed(endpoint: PlatformEndpoint, attributes: Readonly<Record<string, string>>): PlatformEndpoint {
  const next = { ...endpoint };
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'Enabled') {
      if (!/^(true|false)$/i.test(value)) throw invalidParameter('Attributes Reason: Invalid value for attribute: Enabled');
      next.enabled = value.toLowerCase() === 'true';
    } else if (name === 'Token') next.token = value;
    else if (name === 'CustomUserData') next.userData = value;
    else throw invalidParameter(`Attributes Reason: Invalid value for attribute: ${name}`);
  }
  if (next.token === '' || next.token.length > 400) throw invalidParameter('Token');
  if (Buffer.byteLength(next.userData) > 2048)
    throw invalidParameter('CustomUserData Reason: Must be at most 2048 bytes long in UTF-8 encoding');
  return next;
}

/** The same token again answers the same endpoint, if it would be the same. */
export const CreatePlatformEndpoint: Operation<'CreatePlatformEndpoint'> = async ({ store, random }, input) => {
  const { name: application, ...where } = requireApplicationName(input.PlatformApplicationArn);
  const blank = { ...where, application, id: random.uuid(), token: input.Token, enabled: true, userData: input.CustomUserData ?? '' };
  const wanted = changed(blank, input.Attributes ?? {});
  const row = await store.write(async (tx) => {
    if (!(await platformApplications.get(tx, where.account, where.region, where.platform, application))) throw noApplication();
    const present = await platformEndpoints.find(tx, 'token', where.account, where.region, where.platform, application, wanted.token);
    if (present) {
      if (present.enabled === wanted.enabled && present.userData === wanted.userData) return present;
      throw invalidParameter(
        `Token Reason: Endpoint ${endpointArn(present)} already exists with the same Token, but different attributes.`,
      );
    }
    await platformEndpoints.put(tx, wanted);
    return wanted;
  });
  return { EndpointArn: endpointArn(row) };
};

export const DeleteEndpoint: Operation<'DeleteEndpoint'> = async ({ store }, input) => {
  const name = requireEndpointName(input.EndpointArn);
  await store.write((tx) => platformEndpoints.delete(tx, ...endpointKey(name)));
  return {};
};

export const GetEndpointAttributes: Operation<'GetEndpointAttributes'> = async ({ store }, input) => {
  const name = requireEndpointName(input.EndpointArn);
  const row = await store.read((tx) => platformEndpoints.get(tx, ...endpointKey(name)));
  if (!row) throw noEndpoint();
  return { Attributes: shown(row) };
};

export const SetEndpointAttributes: Operation<'SetEndpointAttributes'> = async ({ store }, input) => {
  const name = requireEndpointName(input.EndpointArn);
  await store.write(async (tx) => {
    const row = await platformEndpoints.get(tx, ...endpointKey(name));
    if (!row) throw noEndpoint();
    await platformEndpoints.put(tx, changed(row, input.Attributes));
  });
  return {};
};

export const ListEndpointsByPlatformApplication: Operation<'ListEndpointsByPlatformApplication'> = async ({ store }, input) => {
  const key = applicationKey(requireApplicationName(input.PlatformApplicationArn));
  const { application, page } = await store.read(async (tx) => ({
    application: await platformApplications.get(tx, ...key),
    page: await platformEndpoints.scan(tx, key, { limit: pageRows, ...cursorOf(input.NextToken) }),
  }));
  if (!application) throw noApplication();
  return { Endpoints: page.map(({ row }) => ({ EndpointArn: endpointArn(row), Attributes: shown(row) })), ...tokenOf(page) };
};

/** Publishes to one endpoint what `read` gives, which is looked at after the endpoint. Throws InvalidParameter or EndpointDisabled. */
export async function pushToEndpoint(request: ServiceRequest, name: EndpointName, read: () => Contents): Promise<string> {
  const id = request.random.uuid();
  const { account, region, platform, application } = name;
  await request.store.write(async (tx) => {
    const row = await platformEndpoints.get(tx, ...endpointKey(name));
    if (!row) throw invalidParameter('TargetArn Reason: No endpoint found for the target arn specified');
    if (!row.enabled) throw disabled();
    const contents = read();
    await sendLetter(tx, request.host, pushLetter(row, contents, { id, at: request.now }));
    const attributes = (await platformApplications.get(tx, account, region, platform, application))?.attributes ?? [];
    const feedback = feedbackBy(attributes, '');
    const outcome = { id, at: request.now, message: contents.message, destination: endpointArn(row), attempts: 1, ok: true };
    const subject = { account, region, name: `app/${platform}/${application}` };
    const note = feedback && statusNote(request, subject, feedback, { ...outcome, statusCode: 200, response: '' });
    if (note) await notes.put(tx, note);
  });
  request.use({ usageType: 'DeliveryAttempts-APNS', quantity: 1, unit: 'Count' });
  return id;
}

export function pushLetter(row: PlatformEndpoint, contents: Contents, { id, at }: { id: string; at: number }): Letter {
  return {
    ...{ id, at, account: row.account, region: row.region, service: 'sns', kind: 'push', to: endpointArn(row) },
    subject: contents.subject ?? '',
    body: textFor(contents, row.platform).slice(0, letterCharactersMax),
  };
}
