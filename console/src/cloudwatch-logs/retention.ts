/** How long a group may be told to keep its events. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */

import { DeleteRetentionPolicyCommand, PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Action } from '../from-shell/action.ts';
import { fill } from '../language/catalogue.ts';
import type { Field } from '../resource/fields.ts';
import type { messages } from './messages.ts';

export type Texts = Readonly<Record<keyof (typeof messages)['en'], string>>;

const days = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

export const retentionText = (count: number | undefined, t: Texts): string => (count === undefined ? t.forEver : fill(t.days, { count }));

export function retentionField(t: Texts, initial: number | undefined): Field {
  return {
    name: 'retention',
    kind: 'select',
    label: t.retention,
    description: t.retentionText,
    initial: initial === undefined ? 'ever' : String(initial),
    options: [{ value: 'ever', label: t.forEver }, ...days.map((count) => ({ value: String(count), label: retentionText(count, t) }))],
  };
}

/** @param chosen a value of the field. */
export function retentionAction(logGroupName: string, chosen: string): Action {
  return chosen === 'ever'
    ? { service: 'cloudwatch-logs', operation: 'DeleteRetentionPolicy', command: new DeleteRetentionPolicyCommand({ logGroupName }) }
    : {
        service: 'cloudwatch-logs',
        operation: 'PutRetentionPolicy',
        command: new PutRetentionPolicyCommand({ logGroupName, retentionInDays: Number(chosen) }),
      };
}
