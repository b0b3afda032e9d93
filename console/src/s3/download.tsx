/** Downloads an object; what fails is told in the bar. */

import { useText } from '../language/catalogue.ts';
import { tellFailure } from '../resource/failure.tsx';
import { messages as shared } from '../resource/messages.ts';
import { downloadObject, type Linked } from './links.ts';

export function useDownload(): (object: Linked) => void {
  const s = useText(shared);
  return (object) => void downloadObject(object).catch((error: unknown) => tellFailure(error, s.failed));
}
