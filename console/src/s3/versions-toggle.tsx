/** Switches the list of objects to that of their versions; the choice stands in the address. */

import Toggle from '@cloudscape-design/components/toggle';
import { useText } from '../language/catalogue.ts';
import { setQuery, usePlace } from '../shell/places.ts';
import { messages } from './messages-versions.ts';

export const useVersionsShown = (): boolean => usePlace().query.get('versions') === 'shown';

export function VersionsToggle() {
  const t = useText(messages);
  return (
    <Toggle checked={useVersionsShown()} onChange={({ detail }) => setQuery({ versions: detail.checked ? 'shown' : undefined })}>
      {t.showVersions}
    </Toggle>
  );
}
