/** The cloud's own small HTTP API, under /_haneul and, for tools that know LocalStack, /_localstack. */

import type { HttpRequest, HttpResponse } from '../framework/http-message.ts';
import { judgeAccess, type Access, type AccessRules } from './access.ts';
import type { Console } from './console/console.ts';
import type { ConsoleBuild } from './console/files.ts';
import { changeClock, showClock } from './clock.ts';
import type { ControlledCloud } from './controlled-cloud.ts';
import { changeFault, showFaults } from './faults.ts';
import { healthOf, readinessOf } from './health.ts';
import { answer, refuse, type ControlError } from './message.ts';
import { answerOwnerPage } from './owner-pages.ts';
import { emptyMailbox, receiveText, showMailbox } from './mailbox.ts';
import { changeSpotFault, showSpotFaults } from './spot-faults.ts';
import { statusOf } from './status.ts';
import { explainRequest } from './why.ts';

export type ControlOptions = AccessRules & {
  version: string;
  /** Real time when the process began, milliseconds since the epoch. */
  startedAt: number;
  /** True once the cloud has started wholly, its ready hooks included. */
  ready: () => boolean;
  /** Where records and bytes lie, in words for the owner; without passwords. */
  places: { store: string; blobs: string };
  /** Runs after a reset, for what must be there again: a root key. */
  afterReset?: () => Promise<void>;
  /** Where the built console lies; absent: there is none. */
  console?: ConsoleBuild;
};

/** Answers requests whose path is ours; undefined for every other. */
export type Control = (request: HttpRequest) => Promise<HttpResponse | undefined>;

type Route = {
  access: Access;
  run(request: HttpRequest, cloud: ControlledCloud, options: ControlOptions, rest: string): Promise<unknown> | unknown;
};

const reset: Route = {
  access: 'owner',
  run: async (_request, cloud, options) => {
    await cloud.reset();
    await options.afterReset?.();
    return { reset: true };
  },
};
const health: Route = { access: 'anyone', run: (_request, cloud, options) => healthOf(cloud, options) };
const readiness: Route = { access: 'anyone', run: (_request, _cloud, options) => readinessOf(options) };

/** With all prices, which a start does not need. */
const costs = () => import('./cost.ts');

/** By method and path; a path that ends in `/` takes one more segment. */
const routes = new Map<string, Route>([
  ['GET /_haneul/health', health],
  ['GET /_localstack/health', health],
  ['GET /_localstack/init', readiness],
  ['GET /_localstack/init/ready', readiness],
  ['POST /_haneul/reset', reset],
  ['POST /_localstack/state/reset', reset],
  ['GET /_haneul/status', { access: 'owner', run: (_request, cloud, options) => statusOf(cloud, options) }],
  ['GET /_haneul/clock', { access: 'owner', run: (_request, cloud) => showClock(cloud) }],
  ['POST /_haneul/clock', { access: 'owner', run: (request, cloud) => changeClock(cloud, request) }],
  ['GET /_haneul/cost', { access: 'owner', run: async (request, cloud) => (await costs()).showCost(cloud, request) }],
  ['POST /_haneul/cost', { access: 'owner', run: async (request, cloud) => (await costs()).changeCost(cloud, request) }],
  ['GET /_haneul/faults', { access: 'owner', run: (_request, cloud) => showFaults(cloud) }],
  ['POST /_haneul/faults', { access: 'owner', run: (request, cloud) => changeFault(cloud, request) }],
  ['GET /_haneul/faults/spot', { access: 'owner', run: (_request, cloud) => showSpotFaults(cloud) }],
  ['POST /_haneul/faults/spot', { access: 'owner', run: (request, cloud) => changeSpotFault(cloud, request) }],
  ['GET /_haneul/mailbox', { access: 'owner', run: (request, cloud) => showMailbox(cloud, request) }],
  ['POST /_haneul/mailbox', { access: 'owner', run: (request, cloud) => receiveText(cloud, request) }],
  ['DELETE /_haneul/mailbox', { access: 'owner', run: (_request, cloud) => emptyMailbox(cloud) }],
  ['GET /_haneul/why/', { access: 'owner', run: (_request, cloud, _options, rest) => explainRequest(cloud, rest) }],
]);

/** @returns the function that the gateway asks before it looks for a service. */
export function createControl(cloud: ControlledCloud, options: ControlOptions): Control {
  const build = options.console;
  let console: Promise<Console> | undefined;
  const openConsole = async (files: ConsoleBuild): Promise<Console> => {
    const { createConsole } = await import('./console/console.ts'); // at the first visit
    return createConsole(cloud, options, files);
  };
  return async (request) => {
    if (request.rawPath === '/' || request.rawPath === '/_console' || request.rawPath.startsWith('/_console/'))
      return build && (await (console ??= openConsole(build)))(request);
    if (request.rawPath.startsWith('/_aws/')) return answerOwnerPage(cloud, options, request);
    if (!request.rawPath.startsWith('/_haneul/') && !request.rawPath.startsWith('/_localstack/')) return undefined;
    request.body.once('error', () => request.body.destroy());
    const found = routeOf(request);
    if ('code' in found) return refuse(found);
    const refusal = judgeAccess(request, found.route.access, options);
    if (refusal) return refuse(refusal);
    try {
      return answer(200, await found.route.run(request, cloud, options, found.rest));
    } catch (error) {
      if (isControlError(error)) return refuse(error);
      throw error;
    }
  };
}

function routeOf(request: HttpRequest): { route: Route; rest: string } | ControlError {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const path = request.rawPath.length > 1 && request.rawPath.endsWith('/') ? request.rawPath.slice(0, -1) : request.rawPath;
  const exact = routes.get(`${method} ${path}`);
  if (exact) return { route: exact, rest: '' };
  const slash = path.lastIndexOf('/') + 1;
  const below = routes.get(`${method} ${path.slice(0, slash)}`);
  if (below) return { route: below, rest: path.slice(slash) };
  const otherMethod = [...routes.keys()].some((key) => key.endsWith(` ${path}`));
  if (otherMethod) return { status: 405, code: 'MethodNotAllowed', message: `${path} does not take ${request.method}` };
  return { status: 404, code: 'NotFound', message: `there is nothing at ${path}` };
}

function isControlError(error: unknown): error is ControlError {
  return typeof error === 'object' && error !== null && 'status' in error && 'code' in error && !(error instanceof Error);
}
