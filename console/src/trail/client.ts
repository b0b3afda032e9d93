/** The client of CloudTrail. */

import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { clientOf } from '../session/clients.ts';

export const cloudtrail = clientOf(CloudTrailClient);
