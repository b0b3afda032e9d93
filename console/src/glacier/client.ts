/** The client of Glacier. */

import { GlacierClient } from '@aws-sdk/client-glacier';
import { clientOf } from '../session/clients.ts';

export const glacier = clientOf(GlacierClient);
