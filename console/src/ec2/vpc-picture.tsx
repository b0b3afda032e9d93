/** The picture itself: boxes in boxes, which the keyboard reaches in reading order, and the packet's way drawn over them. */

import Badge from '@cloudscape-design/components/badge';
import Icon from '@cloudscape-design/components/icon';
import { useLayoutEffect, useRef, useState } from 'react';
import { fill, useText } from '../language/catalogue.ts';
import { Name } from '../resource/name.tsx';
import { messages } from './messages-map.ts';
import type { Asked, Verdict } from './reach.ts';
import type { MapInstance, MapSubnet, MapTable, VpcMapData } from './vpc-map-data.ts';
import './map.css';
import { nameOf } from './client.ts';

type Props = { map: VpcMapData; asked: Asked; verdict: Verdict | undefined; onChoose(instance: MapInstance): void };

export function Picture({ map, asked, verdict, onChoose }: Props) {
  const t = useText(messages);
  const place = useRef<HTMLDivElement>(null);
  const marks = marksOf(map, asked, verdict);
  const mark = (node: string) => ({ 'data-node': node, 'data-mark': marks.get(node) });
  return (
    <div className="map" ref={place}>
      <div className="map-outside">
        <Icon name="globe" /> {t.internet}
      </div>
      <section className="map-vpc" aria-label={map.vpc.VpcId}>
        <div className="map-gateways">
          {map.gateways.map((id) => (
            <span key={id} className="map-gateway" {...mark(id)}>
              <Icon name="external" size="small" /> {id}
            </span>
          ))}
        </div>
        <div className="map-title">
          <b>
            <Name>{nameOf(map.vpc) || map.vpc.VpcId}</Name>
          </b>{' '}
          <span>{map.vpc.CidrBlock}</span>
        </div>
        <div className="map-zones">
          {map.zones.map(({ name, subnets }) => (
            <section key={name} className="map-zone" aria-label={name}>
              <div className="map-zone-name">{name}</div>
              {subnets.map((subnet) => (
                <SubnetBox key={subnet.id} subnet={subnet} asked={asked} mark={mark} onChoose={onChoose} />
              ))}
            </section>
          ))}
        </div>
        <div className="map-zone-name">{t.routeTables}</div>
        <div className="map-tables">
          {map.tables.map((table) => (
            <TableBox key={table.id} table={table} mark={mark} />
          ))}
        </div>
      </section>
      <Line place={place} asked={asked} verdict={verdict} />
    </div>
  );
}

type Mark = (node: string) => { 'data-node': string; 'data-mark': string | undefined };

function SubnetBox({ subnet, asked, mark, onChoose }: { subnet: MapSubnet; asked: Asked; mark: Mark } & Pick<Props, 'onChoose'>) {
  const t = useText(messages);
  return (
    <section className="map-subnet" data-public={subnet.isPublic} aria-label={subnet.id} {...mark(subnet.id)}>
      <div className="map-subnet-head">
        <Name>{subnet.name || subnet.id}</Name>
        <Badge color={subnet.isPublic ? 'green' : 'blue'}>{subnet.isPublic ? t.publicSubnet : t.privateSubnet}</Badge>
      </div>
      <div className="map-small">{subnet.cidr}</div>
      {subnet.nats.map(({ NatGatewayId: id }) => (
        <span key={id} className="map-gateway" {...mark(id!)}>
          NAT {id}
        </span>
      ))}
      {subnet.instances.length === 0 && <div className="map-small">{t.noInstances}</div>}
      {subnet.instances.map((instance) => (
        <InstanceBox key={instance.id} instance={instance} asked={asked} mark={mark} onChoose={onChoose} />
      ))}
    </section>
  );
}

function InstanceBox({ instance, asked, mark, onChoose }: { instance: MapInstance; asked: Asked; mark: Mark } & Pick<Props, 'onChoose'>) {
  const t = useText(messages);
  const { id, name, address, state, groups } = instance;
  const role = id === asked.from ? 'from' : id === asked.to ? 'to' : undefined;
  return (
    <button
      type="button"
      className="map-instance"
      aria-pressed={role !== undefined}
      data-state={state}
      data-role={role}
      onClick={() => onChoose(instance)}
      {...mark(id)}
    >
      <span className="map-instance-name">
        <Name>{name || id}</Name>
        {role && <span className="map-role">{role === 'from' ? t.from : t.to}</span>}
      </span>
      <span className="map-small">
        {address} <span className="unseen">{state}</span>
      </span>
      <span className="map-groups">
        {groups.map((group) => (
          <span key={group.id} className="map-group" title={group.id} {...mark(`${id}/${group.id}`)}>
            <Name>{group.name}</Name>
          </span>
        ))}
      </span>
    </button>
  );
}

function TableBox({ table, mark }: { table: MapTable; mark: Mark }) {
  const t = useText(messages);
  return (
    <section className="map-table" aria-label={table.id} {...mark(table.id)}>
      <div className="map-subnet-head">
        <Name>{table.name || table.id}</Name>
        {table.isMain && <Badge>{t.main}</Badge>}
      </div>
      {table.routes.map(({ to, by }) => (
        <div key={to} className="map-route">
          <span>{to}</span>
          <span aria-hidden="true">→</span>
          <span>{by === 'local' ? t.local : by}</span>
        </div>
      ))}
      <div className="map-small">{table.subnets.length > 0 ? fill(t.subnetsOf, { names: table.subnets.join(', ') }) : t.noSubnets}</div>
    </section>
  );
}

/** Which boxes the packet passed, and which stopped it. */
function marksOf(map: VpcMapData, { from, to }: Asked, verdict: Verdict | undefined): ReadonlyMap<string, string> {
  const marks = new Map<string, string>();
  if (!verdict || !from || !to) return marks;
  const subnetOf = (id: string): string =>
    map.zones.flatMap(({ subnets }) => subnets).find(({ instances }) => instances.some((one) => one.id === id))?.id ?? '';
  for (const step of verdict.steps) {
    const how = step.passed ? 'passed' : 'stopped';
    // The answer leaves where the packet came in.
    const near = (step.direction === 'egress') !== step.isAnswer ? from : to;
    if (step.kind === 'security-group')
      for (const id of step.id.split(', ')) for (const end of step.passed ? [from, to] : [near]) marks.set(`${end}/${id}`, how);
    else if (step.kind === 'network-acl') marks.set(subnetOf(near), how);
    else if (step.kind !== 'interface') marks.set(step.id, how);
  }
  marks.set(from, 'passed');
  marks.set(to, verdict.reached ? 'passed' : 'stopped');
  return marks;
}

/** Where a line to the middle of another box leaves this one. */
function edgeOf(box: DOMRect, other: DOMRect): { x: number; y: number } {
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const [dx, dy] = [other.x + other.width / 2 - middle.x, other.y + other.height / 2 - middle.y];
  const share = Math.min(1, Math.abs(box.width / 2 / (dx || 0.01)), Math.abs(box.height / 2 / (dy || 0.01)));
  return { x: middle.x + dx * share, y: middle.y + dy * share };
}

type Drawn = { points: readonly { x: number; y: number }[]; width: number; height: number };

/** From one instance to the other, through the gateways that the packet passed; a cross where it is stopped. */
function Line({ place, asked, verdict }: { place: React.RefObject<HTMLDivElement | null>; asked: Asked; verdict: Verdict | undefined }) {
  const [drawn, setDrawn] = useState<Drawn>();
  const through = verdict?.steps
    .filter(({ kind, isAnswer, passed }) => !isAnswer && passed && kind.endsWith('-gateway'))
    .map(({ id }) => id);
  const nodes = verdict && asked.from && asked.to ? [asked.from, ...through!, asked.to].join(' ') : '';
  useLayoutEffect(() => {
    const box = place.current;
    if (!box || nodes === '') return setDrawn(undefined);
    const measure = (): void => {
      const origin = box.getBoundingClientRect();
      const boxes = nodes.split(' ').flatMap((node) => {
        const found = box.querySelector(`[data-node="${CSS.escape(node)}"]`)?.getBoundingClientRect();
        return found ? [new DOMRect(found.x - origin.x, found.y - origin.y, found.width, found.height)] : [];
      });
      const points = boxes.flatMap((one, at) => [
        ...(at > 0 ? [edgeOf(one, boxes[at - 1]!)] : []),
        ...(at < boxes.length - 1 ? [edgeOf(one, boxes[at + 1]!)] : []),
      ]);
      setDrawn({ points, width: origin.width, height: origin.height });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, [place, nodes]);
  if (!drawn || drawn.points.length < 2 || !verdict) return null;
  const { points } = drawn;
  const [start, end] = [points[0]!, points.at(-1)!];
  const early = verdict.stop && (verdict.stop.direction === 'egress' || verdict.stop.kind === 'route-table') && !verdict.stop.isAnswer;
  const cross = { x: start.x + (end.x - start.x) * (early ? 0.3 : 0.7), y: start.y + (end.y - start.y) * (early ? 0.3 : 0.7) };
  const path = points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join(' ');
  return (
    <svg className="map-line" data-reached={verdict.reached} width={drawn.width} height={drawn.height} aria-hidden="true">
      <path d={path} />
      {points.map(({ x, y }, at) => (
        <circle key={at} cx={x} cy={y} r={at === 0 ? 5 : 7} />
      ))}
      {!verdict.reached && <path className="map-cross" d={`M${cross.x - 9} ${cross.y - 9}l18 18m0 -18l-18 18`} />}
    </svg>
  );
}
