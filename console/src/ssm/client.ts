/** The client of Systems Manager. */

import { SSMClient } from '@aws-sdk/client-ssm';
import { clientOf } from '../session/clients.ts';

export const ssm = clientOf(SSMClient);
