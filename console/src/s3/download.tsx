/** Downloads an object; what fails is told in the bar. */

import { useText } from '../language/catalogue.ts';
import { FailureText, failureOf } from '../resource/failure.tsx';
import { messages as shared } from '../resource/messages.ts';
import { notify } from '../shell/notices.ts';
import { downloadObject, type Linked } from './links.ts';

export function useDownload(): (object: Linked) => void {
  const s = useText(shared);
  return (object) =>
    void downloadObject(object).catch((error: unknown) =>
      notify({ type: 'error', header: s.failed, content: <FailureText failure={failureOf(error)} /> }),
    );
}
