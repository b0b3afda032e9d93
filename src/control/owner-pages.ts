/** `/_aws/SERVICE/…`: what a service shows to the owner of the cloud alone. Other paths below it are the gateway's. */

import { AwsError } from '../framework/aws-error.ts';
import type { HttpRequest, HttpResponse } from '../framework/http-message.ts';
import type { OwnerPage } from '../framework/service.ts';
import { judgeAccess, type AccessRules } from './access.ts';
import type { ControlledCloud } from './controlled-cloud.ts';
import { answer, refuse } from './message.ts';

/** Undefined where the service has no such page. */
export async function answerOwnerPage(cloud: ControlledCloud, rules: AccessRules, request: HttpRequest): Promise<HttpResponse | undefined> {
  const [, , service = '', name = ''] = request.rawPath.split('/', 5);
  const pages = cloud.services.names.includes(service) ? (await cloud.services.find(service))?.ownerPages : undefined;
  if (!pages || !Object.hasOwn(pages, name) || request.rawPath !== `/_aws/${service}/${name}`) return undefined;
  request.body.once('error', () => request.body.destroy());
  if (request.method !== 'GET') return refuse({ status: 405, code: 'MethodNotAllowed', message: `${request.rawPath} takes GET alone` });
  const refusal = judgeAccess(request, 'owner', rules);
  if (refusal) return refuse(refusal);
  return runOwnerPage(cloud, pages[name]!, new URLSearchParams(request.rawQuery));
}

/** For the console, whose owner has been asked for already. */
export async function showOwnerPage(cloud: ControlledCloud, service: string, name: string, query: string): Promise<HttpResponse> {
  const page = (await cloud.services.find(service))?.ownerPages?.[name];
  if (!page) return refuse({ status: 404, code: 'NotFound', message: `${service} has no page ${name}` });
  return runOwnerPage(cloud, page, new URLSearchParams(query));
}

async function runOwnerPage(cloud: ControlledCloud, page: OwnerPage, query: URLSearchParams): Promise<HttpResponse> {
  try {
    const { store, blobs, host, random, clock } = cloud;
    return answer(200, await page({ store, blobs, host, random, now: clock.now() }, query));
  } catch (error) {
    if (error instanceof AwsError) return refuse({ status: error.status ?? 400, code: error.code, message: error.message });
    throw error;
  }
}
