/** The client of Firehose. */

import { FirehoseClient } from '@aws-sdk/client-firehose';
import { clientOf } from '../session/clients.ts';

export const firehose = clientOf(FirehoseClient);
