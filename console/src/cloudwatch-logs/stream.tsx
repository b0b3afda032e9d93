/** One log stream: its events. */

import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import { Name } from '../resource/name.tsx';
import type { Params } from '../shell/services.ts';
import { LogEvents } from './events.tsx';

export function LogStreamPage({ params }: { params: Params }) {
  const stream = params['stream']!;
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={params['name']}>
          <Name>{stream}</Name>
        </Header>
      }
    >
      <LogEvents group={params['name']!} stream={stream} />
    </ContentLayout>
  );
}
