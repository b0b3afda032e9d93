/** Trails cannot be made yet (CreateTrail answers NotImplemented), so there are none to tell of. */

import { trailNotFound } from '../errors.ts';
import type { Operation } from '../sdk.ts';

export const DescribeTrails: Operation<'DescribeTrails'> = async () => ({ trailList: [] });

export const ListTrails: Operation<'ListTrails'> = async () => ({ Trails: [] });

export const GetTrail: Operation<'GetTrail'> = async (request, input) => {
  throw trailNotFound(input.Name, request.account);
};

export const GetTrailStatus: Operation<'GetTrailStatus'> = async (request, input) => {
  throw trailNotFound(input.Name, request.account);
};
