/** The client of Cost Explorer, which is one for all regions. */

import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { clientOf } from '../session/clients.ts';

export const costExplorer = clientOf(CostExplorerClient, { region: 'us-east-1' });
