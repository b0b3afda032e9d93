/** The console under /_console/: its files, and the small private API that it has besides the public one. See docs/decisions/0020. */

import type { HttpRequest, HttpResponse } from '../../framework/http-message.ts';
import { zonesOf } from '../../framework/regions.ts';
import { hostnameOf, isLocalName } from '../../framework/local-names.ts';
import { isFromAnotherSite, judgeAccess } from '../access.ts';
import { changeClock, showClock } from '../clock.ts';
import type { ControlledCloud } from '../controlled-cloud.ts';
import type { ControlOptions } from '../control.ts';
import { changeFault, showFaults } from '../faults.ts';
import { showMailbox } from '../mailbox.ts';
import { answer, refuse, type ControlError } from '../message.ts';
import { showOwnerPage } from '../owner-pages.ts';
import { changeSpotFault, showSpotFaults } from '../spot-faults.ts';
import { statusOf } from '../status.ts';
import { explainRequest } from '../why.ts';
import { streamChanges } from './events.ts';
import { createConsoleFiles, type ConsoleBuild } from './files.ts';
import { createSessions, type ConsoleSession } from './sessions.ts';
import { createSignIn } from './sign-in.ts';

/** Answers a request below /_console, or the browser's for `/`. */
export type Console = (request: HttpRequest) => Promise<HttpResponse>;

const base = '/_console/';
const api = `${base}api/`;
const tokenHeader = 'x-haneul-console';

type Route = {
  /** `signed`: with a session's token; `owner`: one of the cloud's owner. */
  who: 'anyone' | 'signed' | 'owner';
  run(request: HttpRequest, session: ConsoleSession | undefined, rest: string): Promise<unknown> | unknown;
};

export function createConsole(cloud: ControlledCloud, options: ControlOptions, build: ConsoleBuild): Console {
  const files = createConsoleFiles(build);
  const signIn = createSignIn(cloud);
  const sessions = createSessions(cloud, (request) => isOwnersMachine(request, options));
  const routes = new Map<string, Route>([
    ['GET settings', { who: 'anyone', run: () => settingsOf(cloud, options) }],
    ['POST sign-in', { who: 'anyone', run: (request) => signIn(request) }],
    ['POST session', { who: 'anyone', run: (request) => sessions.begin(request) }],
    ['GET events', { who: 'signed', run: (request, session) => streamChanges(cloud, request, session!.account) }],
    ['GET status', { who: 'owner', run: () => statusOf(cloud, options) }],
    ['GET clock', { who: 'signed', run: () => showClock(cloud) }],
    ['POST clock', { who: 'owner', run: (request) => changeClock(cloud, request) }],
    ['GET faults', { who: 'owner', run: () => showFaults(cloud) }],
    ['POST faults', { who: 'owner', run: (request) => changeFault(cloud, request) }],
    ['GET zones/', { who: 'owner', run: (_request, _session, region) => ({ zones: zonesOf(region).map(({ name }) => name) }) }],
    ['GET faults/spot', { who: 'owner', run: () => showSpotFaults(cloud) }],
    ['POST faults/spot', { who: 'owner', run: (request) => changeSpotFault(cloud, request) }],
    ['GET messages', { who: 'owner', run: (request) => showOwnerPage(cloud, 'sqs', 'messages', request.rawQuery) }],
    ['GET why-dropped', { who: 'owner', run: (request) => showOwnerPage(cloud, 'ec2', 'why-dropped', request.rawQuery) }],
    ['GET mailbox', { who: 'owner', run: (request) => showMailbox(cloud, request) }],
    ['GET why/', { who: 'signed', run: (_request, session, rest) => explainOwn(cloud, session!, rest) }],
  ]);
  return async (request) => {
    if (!request.rawPath.startsWith(api)) {
      if (request.method !== 'GET' && request.method !== 'HEAD')
        return refuse({ status: 405, code: 'MethodNotAllowed', message: 'the console is read with GET' });
      if (request.rawPath === '/' || request.rawPath === '/_console') return { status: 302, headers: { location: base } };
      return files(request, request.rawPath.slice(base.length));
    }
    request.body.once('error', () => request.body.destroy());
    try {
      return await answerApi(request, routes, sessions.of, options);
    } catch (error) {
      if (isControlError(error)) return refuse(error);
      throw error;
    }
  };
}

async function answerApi(
  request: HttpRequest,
  routes: ReadonlyMap<string, Route>,
  sessionOf: (token: string) => ConsoleSession | undefined,
  options: ControlOptions,
): Promise<HttpResponse> {
  if (isFromAnotherSite(request)) return refuse(forbidden('requests from web pages of other sites are refused'));
  // With the test key on, a name that somebody points at this machine must not reach it (DNS rebinding).
  if (options.testKey && !isLocalName(hostnameOf(request.headers['host'])))
    return refuse(forbidden('the Host header must name this machine: localhost or a loopback address'));
  const path = request.rawPath.slice(api.length);
  const slash = path.lastIndexOf('/') + 1;
  const exact = routes.get(`${request.method} ${path}`);
  const route = exact ?? (slash > 0 ? routes.get(`${request.method} ${path.slice(0, slash)}`) : undefined);
  if (!route) return refuse({ status: 404, code: 'NotFound', message: `there is no ${request.method} ${request.rawPath}` });
  const session = sessionOf(request.headers[tokenHeader] ?? '');
  if (route.who !== 'anyone' && !session)
    return refuse({ status: 401, code: 'SessionRequired', message: 'begin a session of the console first' });
  if (route.who === 'owner' && !session!.owner) return refuse(forbidden("only the cloud's owner may do this"));
  const result = await route.run(request, session, exact ? '' : path.slice(slash));
  return isResponse(result) ? result : answer(200, result);
}

/** What the page needs before anyone has signed in. */
function settingsOf(cloud: ControlledCloud, options: ControlOptions) {
  return {
    version: options.version,
    testKey: cloud.testKey,
    services: cloud.services.names,
    now: new Date(cloud.clock.now()).toISOString(),
  };
}

function isOwnersMachine(request: HttpRequest, options: ControlOptions): boolean {
  return options.testKey && judgeAccess(request, 'owner', options) === undefined;
}

/** The decision of a call: to its caller and to the owner, and to everyone else as if there were none. */
async function explainOwn(cloud: ControlledCloud, session: ConsoleSession, requestId: string) {
  const why = await explainRequest(cloud, requestId);
  if (session.owner || why.caller.arn === session.arn) return why;
  throw { status: 404, code: 'NoSuchRequest', message: 'that request is not among your own' } satisfies ControlError;
}

function forbidden(message: string): ControlError {
  return { status: 403, code: 'Forbidden', message };
}

function isResponse(value: unknown): value is HttpResponse {
  return typeof value === 'object' && value !== null && 'status' in value && 'headers' in value;
}

function isControlError(error: unknown): error is ControlError {
  return typeof error === 'object' && error !== null && 'status' in error && 'code' in error && !(error instanceof Error);
}
