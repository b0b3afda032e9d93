/** An error of the API as a person reads it, and the way to its reason where it is a denial. */

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { fill, useText } from '../language/catalogue.ts';
import { visible } from '../language/visible.ts';
import { notify } from '../shell/notices.ts';
import { follow, hrefOf } from '../shell/places.ts';
import { messages } from './messages.ts';

/** What the SDK throws, as far as it is read here. */
export type Failure = { name: string; message: string; requestId?: string; denied: boolean };

export function failureOf(error: unknown): Failure {
  const { name, message, $metadata } = error as Error & { $metadata?: { requestId?: string; httpStatusCode?: number } };
  const text = message && message !== 'UnknownError' ? message : name;
  return {
    name: String(name ?? 'Error'),
    message: visible(String(text ?? error)),
    ...($metadata?.requestId && { requestId: $metadata.requestId }),
    denied:
      /AccessDenied|NotAuthorized|UnauthorizedOperation|AuthorizationError|^Forbidden$|^403$/.test(String(name)) ||
      $metadata?.httpStatusCode === 403,
  };
}

/** Tells of an error in the bar above the page. */
export function tellFailure(error: unknown, header?: string): void {
  notify({ type: 'error', ...(header !== undefined && { header }), content: <FailureText failure={failureOf(error)} /> });
}

function FailureText({ failure }: { failure: Failure }) {
  const t = useText(messages);
  return (
    <SpaceBetween size="xxs">
      <span className="message">{failure.message}</span>
      {failure.requestId && (
        <Box variant="small" color="inherit">
          {fill(t.requestId, { id: failure.requestId })}
        </Box>
      )}
      {failure.denied && failure.requestId && (
        <Link color="inverted" href={hrefOf(['iam', 'denied', failure.requestId])} onFollow={follow}>
          {t.why}
        </Link>
      )}
    </SpaceBetween>
  );
}

export function FailureAlert({ error }: { error: unknown }) {
  const t = useText(messages);
  const failure = failureOf(error);
  return (
    <Alert type="error" header={failure.name}>
      <SpaceBetween size="xxs">
        <span className="message">{failure.message}</span>
        {failure.requestId && <Box variant="small">{fill(t.requestId, { id: failure.requestId })}</Box>}
        {failure.denied && failure.requestId && (
          <Link href={hrefOf(['iam', 'denied', failure.requestId])} onFollow={follow}>
            {t.why}
          </Link>
        )}
      </SpaceBetween>
    </Alert>
  );
}
