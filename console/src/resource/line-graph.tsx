/** Lines over time, drawn as SVG in Cloudscape's colours: what charts of a whole library are used for here, at a hundredth of its size. */

import {
  colorChartsPaletteCategorical1,
  colorChartsPaletteCategorical2,
  colorChartsPaletteCategorical3,
  colorChartsPaletteCategorical4,
  colorChartsPaletteCategorical5,
  colorChartsPaletteCategorical6,
} from '@cloudscape-design/design-tokens';
import { useState } from 'react';
import { settings } from '../shell/settings.ts';
import { timeText } from './format.ts';
import { Name } from './name.tsx';

export type Line = { name: string; points: readonly { at: number; value: number }[] };

const colours = [
  ...[colorChartsPaletteCategorical1, colorChartsPaletteCategorical2, colorChartsPaletteCategorical3],
  ...[colorChartsPaletteCategorical4, colorChartsPaletteCategorical5, colorChartsPaletteCategorical6],
];
const height = 260;
/** On a phone the same letters need more of the picture. */
const widthOf = (): number => (matchMedia('(max-width: 600px)').matches ? 420 : 900);
const margin = { left: 72, right: 12, top: 12, bottom: 28 };

/** The value that a line has at a time: that of the last point before it. */
export function valueAt({ points }: Line, at: number): number | undefined {
  return points.findLast((point) => point.at <= at)?.value;
}

/** Round steps from zero to beyond the highest. */
export function ticksOf(highest: number): number[] {
  const rough = (highest || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((one) => one >= rough)!;
  return Array.from({ length: Math.ceil((highest || 1) / step) + 1 }, (_, at) => at * step);
}

export function LineGraph({
  lines,
  from,
  to,
  steps = false,
  valueText,
  label,
}: {
  lines: readonly Line[];
  /** Milliseconds of cloud time. */
  from: number;
  to: number;
  /** Each value holds until the next. */
  steps?: boolean;
  valueText(value: number): string;
  label: string;
}) {
  const [pointed, setPointed] = useState<number>();
  const width = widthOf();
  const ticks = ticksOf(Math.max(...lines.flatMap(({ points }) => points.map(({ value }) => value))));
  const x = (at: number): number => margin.left + ((at - from) / (to - from)) * (width - margin.left - margin.right);
  const y = (value: number): number => height - margin.bottom - (value / ticks.at(-1)!) * (height - margin.top - margin.bottom);
  const path = ({ points }: Line): string => {
    const parts = points.map(({ at, value }, index) => {
      if (index === 0) return `M${x(at)} ${y(value)}`;
      return steps ? `H${x(at)}V${y(value)}` : `L${x(at)} ${y(value)}`;
    });
    return parts.join('') + (steps ? `H${x(to)}` : '');
  };
  const days = new Intl.DateTimeFormat(settings().language, { month: 'short', day: 'numeric' });
  const point = (event: React.PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const at =
      from + (((event.clientX - box.left) / box.width) * width - margin.left) * ((to - from) / (width - margin.left - margin.right));
    setPointed(Math.min(to, Math.max(from, at)));
  };
  const shown = pointed ?? to;
  return (
    <figure className="graph">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={label}
        onPointerMove={point}
        onPointerLeave={() => setPointed(undefined)}
      >
        {ticks.map((tick) => (
          <g key={tick}>
            <line className="graph-rule" x1={margin.left} x2={width - margin.right} y1={y(tick)} y2={y(tick)} />
            <text x={margin.left - 8} y={y(tick) + 4} textAnchor="end">
              {valueText(tick)}
            </text>
          </g>
        ))}
        {[0, 0.25, 0.5, 0.75, 1].map((part) => (
          <text
            key={part}
            x={x(from + part * (to - from))}
            y={height - 8}
            textAnchor={part === 0 ? 'start' : part === 1 ? 'end' : 'middle'}
          >
            {days.format(from + part * (to - from))}
          </text>
        ))}
        {lines.map((line, index) => (
          <path key={line.name} className="graph-line" d={path(line)} style={{ stroke: colours[index % colours.length] }} />
        ))}
        {pointed !== undefined && (
          <line className="graph-pointer" x1={x(pointed)} x2={x(pointed)} y1={margin.top} y2={height - margin.bottom} />
        )}
      </svg>
      <figcaption>
        <span>{timeText(shown)}</span>
        {lines.map((line, index) => {
          const value = valueAt(line, shown);
          return (
            <span key={line.name} className="graph-key">
              <i style={{ background: colours[index % colours.length] }} />
              <Name>{line.name}</Name> {value === undefined ? '–' : valueText(value)}
            </span>
          );
        })}
      </figcaption>
    </figure>
  );
}
