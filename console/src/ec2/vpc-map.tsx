/** The map of a VPC: its parts as they lie in each other, and the answer to who reaches whom. */

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useEffect, useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { FailureAlert } from '../resource/failure.tsx';
import { messages as shared } from '../resource/messages.ts';
import { Empty } from '../resource/resource-table.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { goTo, hrefOf, setQuery, usePlace } from '../shell/places.ts';
import { messages } from './messages-map.ts';
import { messages as network } from './messages-network.ts';
import { ask, questionOf, type Asked, type Verdict } from './reach.ts';
import { ReachPanel } from './reach-panel.tsx';
import { instancesMax, likelyPort, loadMap, type MapInstance, type VpcMapData } from './vpc-map-data.ts';
import { Picture } from './vpc-picture.tsx';

type Result = { verdict?: Verdict; error?: unknown; busy: boolean };

export function VpcMap({ vpc }: { vpc: string }) {
  const t = useText(messages);
  const n = useText(network);
  const s = useText(shared);
  const answer = useAnswer(() => loadMap(vpc), [vpc], 'ec2');
  const { asked, ends, choose, change } = useAsked(answer.value);
  const [turn, setTurn] = useState(0);
  const result = useVerdict(asked, turn);
  const map = answer.value;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t.mapText}
          actions={<Button iconName="refresh" ariaLabel={s.refresh} loading={answer.loading} onClick={answer.reload} />}
        >
          {t.map}
        </Header>
      }
    >
      {answer.error !== undefined && <FailureAlert error={answer.error} />}
      {map?.zones.length === 0 && (
        <Empty
          title={t.empty}
          text={t.emptyText}
          action={<Button onClick={() => goTo(hrefOf(['ec2', 'create-subnet'], { vpc }))}>{n.createSubnet}</Button>}
        />
      )}
      {map && map.zones.length > 0 && (
        <div className="map-and-answer">
          <Picture map={map} asked={asked} verdict={result.busy ? undefined : result.verdict} onChoose={choose} />
          <ReachPanel asked={asked} ends={ends} result={result} onChange={change} onAgain={() => setTurn(turn + 1)} />
        </div>
      )}
      {map?.cut && <Box variant="small">{fill(t.more, { count: instancesMax })}</Box>}
      {!map && answer.loading && <Box color="text-body-secondary">{s.loading}</Box>}
      {map && map.zones.length > 0 && map.gateways.length === 0 && <Alert type="info">{t.noGateway}</Alert>}
    </Container>
  );
}

/** What is asked stands in the address, so that an answer can be linked to. */
function useAsked(map: VpcMapData | undefined) {
  const { query } = usePlace();
  const instances = map?.zones.flatMap(({ subnets }) => subnets.flatMap((subnet) => subnet.instances)) ?? [];
  const held = (name: string): MapInstance | undefined => instances.find(({ id }) => id === query.get(name));
  const ends = { from: held('from'), to: held('to') };
  const asked: Asked = {
    from: ends.from?.id,
    to: ends.to?.id,
    protocol: query.get('protocol') === 'udp' ? 'udp' : 'tcp',
    port: query.get('port') ?? '',
  };
  const change = (next: Partial<Asked>): void => setQuery(next);
  /** The first choice is where the packet begins, the second where it goes, the third begins anew. */
  const choose = (instance: MapInstance): void => {
    if (!asked.from || asked.to) return change({ from: instance.id, to: undefined, port: undefined });
    if (instance.id === asked.from) return change({ from: undefined });
    void likelyPort(instance).then(
      (port) => change({ to: instance.id, port }),
      // Without the right to read rules one gives the port oneself.
      () => change({ to: instance.id, port: '22' }),
    );
  };
  return { asked, ends, choose, change };
}

/** Asked whenever both ends and a sound port are there. */
function useVerdict({ from, to, protocol, port }: Asked, turn: number): Result {
  const [result, setResult] = useState<Result>({ busy: false });
  useEffect(() => {
    const question = questionOf({ from, to, protocol, port });
    if (!question) return setResult({ busy: false });
    let wanted = true;
    setResult({ busy: true });
    ask(question).then(
      (verdict) => wanted && setResult({ verdict, busy: false }),
      (error: unknown) => wanted && setResult({ error, busy: false }),
    );
    return () => void (wanted = false);
  }, [from, to, protocol, port, turn]);
  return result;
}
