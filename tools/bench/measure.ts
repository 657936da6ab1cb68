// One row: everybody gets ready, has to have computed the same, and is then timed in rounds, one after the other within
// each. Ratios are taken round by round, so what disturbs the machine for a while disturbs both sides of them.
import type { Contestant, Ready } from "./contestant.ts";
import { Missing } from "./contestant.ts";
import { agrees, type Checksum } from "./data.ts";
import { median, orderOf, spread } from "./statistics.ts";
import type { Row } from "./tasks.ts";

export interface Timing {
  /** Median milliseconds of one run, and the distance of the quartiles as a share of it. */
  readonly ms: number;
  readonly spread: number;
  readonly rounds: number;
  /** In the row's unit. */
  readonly rate: number;
}

export interface Gap {
  /** Why there is no figure. */
  readonly missing: string;
  /** It should have worked. */
  readonly failed: boolean;
}

export interface RowResult {
  readonly name: string;
  readonly unit: Row["unit"];
  readonly op: Row["task"]["op"];
  readonly task: Row["task"];
  readonly outcomes: Readonly<Record<string, Timing | Gap>>;
  /** Times of each other one over Saccade's: above 1 Saccade is faster. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Rate of the limit's loop, and Saccade's share of it. */
  readonly limit?: { readonly loop: string; readonly rate: number; readonly share: number };
}

export const OURS = "saccade";
export const LIMITS = "limits";

const isGap = (outcome: Timing | Gap): outcome is Gap => "missing" in outcome;
export const timingOf = (outcome: Timing | Gap | undefined): Timing | undefined =>
  outcome === undefined || isGap(outcome) ? undefined : outcome;

/** Rate of `amount` in `ms`, in the row's unit. */
export const rateOf = (row: Pick<Row, "unit">, amount: number, ms: number): number =>
  row.unit === "ms" ? ms : amount / ms / 1e6;

/** What became of everybody's getting ready. */
interface Field {
  readonly ready: Map<Contestant, Ready>;
  readonly gaps: Map<Contestant, Gap>;
}

const gapOf = (error: unknown): Gap => {
  if (error instanceof Missing) return { missing: error.message, failed: error.failed };
  throw error;
};

async function prepareAll(row: Row, contestants: readonly Contestant[]): Promise<Field> {
  const field: Field = { ready: new Map(), gaps: new Map() };
  for (const contestant of contestants) {
    const task = contestant.name === LIMITS ? row.limit : row.task;
    if (task === undefined) continue;
    try {
      field.ready.set(contestant, await contestant.prepare(task));
    } catch (error) {
      field.gaps.set(contestant, gapOf(error));
    }
  }
  dropStrangers(field);
  return field;
}

/** Whoever computed something else than Saccade is no competitor: the row says so. */
function dropStrangers({ ready, gaps }: Field): void {
  const ours = [...ready].find(([{ name }]) => name === OURS)?.[1].checksum;
  if (ours === undefined) return;
  for (const [contestant, { checksum }] of [...ready]) {
    if (checksum === undefined || agrees(ours, checksum, toleranceOf(ours))) continue;
    const shown = (sums: Checksum): string => sums.map((sum) => sum.toPrecision(6)).join(", ");
    const missing = `computes something else: count, sum, magnitude are ${shown(checksum)}, ours ${shown(ours)}`;
    ready.delete(contestant);
    gaps.set(contestant, { missing, failed: true });
  }
}

/** A training step's sums are its parameters and a loss that depends on random weights: within 5 %. */
const toleranceOf = ([count, sum, magnitude]: Checksum): number =>
  sum === 0 && magnitude < 100 && count > 1000 ? 0.05 : 1e-3;

/** Whoever is this much slower and needs seconds shows that in a few rounds. */
const FEW_ROUNDS = 3;
const FAR_BEHIND = 8;
const LONG_MS = 500;

function farBehind(times: ReadonlyMap<Contestant, readonly number[]>, contestant: Contestant): boolean {
  const ours = [...times].find(([{ name }]) => name === OURS)?.[1];
  const ms = median(times.get(contestant) ?? []);
  return ours !== undefined && ms > LONG_MS && ms > FAR_BEHIND * median(ours);
}

async function timeAll({ ready, gaps }: Field, rounds: number): Promise<Map<Contestant, number[]>> {
  const times = new Map([...ready.keys()].map((contestant) => [contestant, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const contestant of orderOf([...times.keys()], round)) {
      if (round >= FEW_ROUNDS && farBehind(times, contestant)) continue;
      try {
        times.get(contestant)?.push(await contestant.time());
      } catch (error) {
        times.delete(contestant);
        gaps.set(contestant, gapOf(error));
      }
    }
  }
  return times;
}

/** Measures `row`; contestants named saccade and limits play their parts if they are there. */
export async function measureRow(
  row: Row,
  contestants: readonly Contestant[],
  rounds: number,
): Promise<RowResult> {
  const field = await prepareAll(row, contestants);
  const times = await timeAll(field, rounds);
  for (const contestant of times.keys()) await contestant.finish();
  const timesOf = (name: string): number[] | undefined =>
    [...times].find(([contestant]) => contestant.name === name)?.[1];
  const others = contestants.filter(({ name }) => name !== LIMITS);
  const outcomes = Object.fromEntries(
    others.map((contestant) => [contestant.name, outcomeOf(row, contestant, times, field)]),
  );
  const ours = timesOf(OURS);
  const against = (theirs: readonly number[]): number =>
    median(theirs.map((ms, round) => ms / (ours as number[])[round]));
  const rivals = others.filter(
    ({ name }) => name !== OURS && ours !== undefined && timesOf(name) !== undefined,
  );
  const ratios = Object.fromEntries(rivals.map(({ name }) => [name, against(timesOf(name) as number[])]));
  const limits = contestants.find(({ name }) => name === LIMITS);
  const limit = limits && limitOf(row, ours, times.get(limits), field.ready.get(limits)?.amount);
  return { name: row.name, unit: row.unit, op: row.task.op, task: row.task, outcomes, ratios, limit };
}

function outcomeOf(
  row: Row,
  contestant: Contestant,
  times: ReadonlyMap<Contestant, readonly number[]>,
  { gaps }: Field,
): Timing | Gap {
  const list = times.get(contestant);
  if (list === undefined) return gaps.get(contestant) ?? { missing: "was not asked", failed: true };
  const ms = median(list);
  return { ms, spread: spread(list), rounds: list.length, rate: rateOf(row, row.amount, ms) };
}

function limitOf(
  row: Row,
  ours: readonly number[] | undefined,
  theirs: readonly number[] | undefined,
  amount: number | undefined,
): RowResult["limit"] {
  if (row.limit === undefined || theirs === undefined || amount === undefined) return undefined;
  const rates = theirs.map((ms) => rateOf(row, amount, ms));
  const shares = ours?.map((ms, round) => rateOf(row, row.amount, ms) / rates[round]) ?? [];
  return { loop: row.limit.loop, rate: median(rates), share: median(shares) };
}
