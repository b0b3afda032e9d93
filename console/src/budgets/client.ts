/** The client of Budgets, which is in one region for all. */

import { BudgetsClient } from '@aws-sdk/client-budgets';
import { clientOf } from '../session/clients.ts';

export const budgets = clientOf(BudgetsClient, { region: 'us-east-1' });
