/** The client of Kinesis. */

import { KinesisClient } from '@aws-sdk/client-kinesis';
import { clientOf } from '../session/clients.ts';

export const kinesis = clientOf(KinesisClient);
