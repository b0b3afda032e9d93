/** The client of KMS. */

import { KMSClient } from '@aws-sdk/client-kms';
import { clientOf } from '../session/clients.ts';

export const kms = clientOf(KMSClient);
