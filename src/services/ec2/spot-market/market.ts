/**
 * The market of spot instances as a pure function: what a type costs in a zone at a moment, of a seed and of the load.
 * AWS's own market is secret; this one has its manner: prices below the on-demand price that drift for days, ripple over hours, rise
 * with demand, and sometimes jump. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-instances-history.html
 */

/** Where one price holds for everybody. */
export type Pool = { zone: string; type: string };

/** What a price is made of. Times are milliseconds of cloud time. */
export type Quote = {
  seed: number;
  pool: Pool;
  /** Dollars an hour. */
  onDemand: number;
  at: number;
  /** How many instances of the type run in the zone; `poolInstances` are all that it has to spare. */
  running: number;
};

const hour = 3_600_000;
const driftMilliseconds = 96 * hour;
const rippleMilliseconds = 17 * hour;
const jumpMilliseconds = 12 * hour;
/** Without a change of load a price stays for so long. */
const calmMilliseconds = 4 * hour;
/** So many instances of one type in one zone raise the price to the on-demand price. */
export const poolInstances = 40;

/** Shares of the on-demand price. */
const shares = { base: 0.28, spread: 0.2, drift: 0.12, ripple: 0.05, jump: 0.3, least: 0.1 } as const;
const jumpChance = 0.02;

/** A whole number of 32 bits that says nothing of its text: FNV-1a, then mixed. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Between 0 and 1, the second excluded. */
const chance = (seed: number, { zone, type }: Pool, what: string, number = 0): number =>
  hashOf(`${seed} ${zone} ${type} ${what} ${number}`) / 2 ** 32;

/** Between -1 and 1, and smooth in time: chance at the ends of each period, an easing curve between. */
function wave(seed: number, pool: Pool, what: string, at: number, period: number): number {
  const number = Math.floor(at / period);
  const left = chance(seed, pool, what, number);
  const right = chance(seed, pool, what, number + 1);
  const way = at / period - number;
  return 2 * (left + (right - left) * way * way * (3 - 2 * way)) - 1;
}

/** The moment since which the price of a pool has been fixed: prices move once an hour, each pool at a minute of its own. */
export function stepStart(pool: Pool, at: number): number {
  const phase = hashOf(`${pool.zone} ${pool.type} phase`) % hour;
  return Math.floor((at - phase) / hour) * hour + phase;
}

/** The next moment at which the price of a pool may move. */
export const nextStep = (pool: Pool, at: number): number => stepStart(pool, at) + hour;

/** Dollars an hour, to a hundredth of a cent; never above the on-demand price. The load is that of the step's start. */
export function marketPrice({ seed, pool, onDemand, at, running }: Quote): number {
  const time = Math.floor(stepStart(pool, at) / calmMilliseconds) * calmMilliseconds;
  const jumps = chance(seed, pool, 'jump', Math.floor(time / jumpMilliseconds)) < jumpChance;
  const share =
    shares.base +
    shares.spread * chance(seed, pool, 'base') +
    shares.drift * wave(seed, pool, 'drift', time, driftMilliseconds) +
    shares.ripple * wave(seed, pool, 'ripple', time, rippleMilliseconds) +
    (jumps ? shares.jump : 0) +
    running / poolInstances;
  const dollars = onDemand * Math.min(1, Math.max(shares.least, share));
  return Math.min(onDemand, Math.max(0.0001, Math.round(dollars * 10_000) / 10_000));
}
