/** Application Auto Scaling's durable records. */

import { table } from '../../store/table.ts';
import type { Activity } from './scaling-activities/activity.ts';
import type { Policy } from './scaling-policies/policy.ts';
import type { Observation } from './scaling/decision.ts';
import { placeOf, type Place } from './scalable-targets/scaled.ts';
import type { Target } from './scalable-targets/target.ts';

export const targets = table<Target, 'id'>('application-auto-scaling/targets', {
  key: placeOf,
  indexes: { id: (row) => [row.account, row.id] },
});

export const policies = table<Policy>('application-auto-scaling/policies', { key: (row) => [...placeOf(row), row.name] });

/** What the scaler saw last of each target. */
export const observations = table<Place & Observation>('application-auto-scaling/observations', { key: placeOf });

export const activities = table<Activity>('application-auto-scaling/activities', {
  key: (row) => [row.account, row.region, row.namespace, row.started, row.id],
});
