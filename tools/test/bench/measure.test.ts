// A row's course with made-up contestants: nobody is timed here.
import { describe, expect, test } from "vitest";
import { type Contestant, Copies, Missing, type Ready } from "../../bench/contestant.ts";
import { measureRow, timingOf } from "../../bench/measure.ts";
import { row } from "../../bench/tasks.ts";

const product = row("a product", {
  op: "matmul",
  form: "nn",
  M: 100,
  K: 100,
  N: 50,
  batch: 1,
  weights: "fresh",
}); // 1 MFLOP: 1 GFLOP/s in a millisecond

interface Script {
  readonly times: readonly number[];
  readonly ready?: Ready;
  readonly trouble?: Missing;
  readonly calls?: string[];
}

function actor(name: string, { times, ready = {}, trouble, calls = [] }: Script): Contestant {
  let round = 0;
  return {
    name,
    async prepare({ op }) {
      calls.push(`${name} prepares ${op}`);
      if (trouble) throw trouble;
      return ready;
    },
    async time() {
      calls.push(name);
      const ms = times[round++ % times.length];
      if (ms < 0) throw new Missing("fell over", true);
      return ms;
    },
    async finish() {
      calls.push(`${name} finishes`);
    },
  };
}

describe("measureRow", () => {
  test("alternates rounds, takes ratios round by round, and the share of the limit", async () => {
    const calls: string[] = [];
    // The machine is half as fast in the second round, for everybody.
    const ours = actor("saccade", { times: [1, 2, 1], calls });
    const peer = actor("peer", { times: [3, 6, 3], calls });
    const limits = actor("limits", { times: [1, 2, 1], ready: { amount: 4e6 }, calls });
    const result = await measureRow(product, [ours, peer, limits], 3);
    expect(calls.slice(0, 3)).toEqual([
      "saccade prepares matmul",
      "peer prepares matmul",
      "limits prepares limit",
    ]);
    expect(calls.slice(3, 12)).toEqual([
      ...["saccade", "peer", "limits"],
      ...["limits", "peer", "saccade"],
      ...["peer", "limits", "saccade"],
    ]);
    expect(calls.slice(12).every((call) => call.endsWith("finishes"))).toBe(true);
    expect(result.ratios).toEqual({ peer: 3 });
    expect(timingOf(result.outcomes.saccade)).toMatchObject({ ms: 1, rate: 1, rounds: 3 });
    expect(result.limit).toMatchObject({ loop: "fma", rate: 4, share: 0.25 });
  });

  test("an op somebody lacks is a gap; one who computes something else is refused", async () => {
    const ours = actor("saccade", { times: [1], ready: { checksum: [10, 1, 5] } });
    const without = actor("without", { times: [1], trouble: new Missing("no matmul", false) });
    const close = actor("close", { times: [2], ready: { checksum: [10, 1.001, 5] } });
    const wrong = actor("wrong", { times: [0.1], ready: { checksum: [10, 1.1, 5] } });
    const { outcomes, ratios } = await measureRow(product, [ours, without, close, wrong], 2);
    expect(ratios).toEqual({ close: 2 });
    expect(outcomes.without).toEqual({ missing: "no matmul", failed: false });
    expect(outcomes.wrong).toMatchObject({
      missing: expect.stringContaining("something else"),
      failed: true,
    });
  });

  test("who falls over half-way has no figure, and the others go on", async () => {
    const ours = actor("saccade", { times: [1, 1, 1] });
    const weak = actor("weak", { times: [1, -1] });
    const { outcomes, ratios } = await measureRow(product, [ours, weak], 3);
    expect(ratios).toEqual({});
    expect(outcomes.weak).toEqual({ missing: "fell over", failed: true });
    expect(timingOf(outcomes.saccade)?.rounds).toBe(3);
  });

  test("who needs seconds and is far behind shows it in three rounds", async () => {
    const ours = actor("saccade", { times: [1] });
    const slow = actor("slow", { times: [5000] });
    const heavy = actor("heavy", { times: [4] });
    const { outcomes, ratios } = await measureRow(product, [ours, slow, heavy], 9);
    expect(ratios).toEqual({ slow: 5000, heavy: 4 });
    expect([outcomes.slow, outcomes.heavy].map((outcome) => timingOf(outcome)?.rounds)).toEqual([3, 9]);
  });
});

test("copies are counted together: each does a run in its own time", async () => {
  const two = new Copies("2 copies", [actor("a", { times: [2] }), actor("b", { times: [2] })]);
  await two.prepare(product.task);
  expect(await two.time()).toBe(1);
  const uneven = new Copies("2 copies", [actor("a", { times: [1] }), actor("b", { times: [3] })]);
  expect(await uneven.time()).toBeCloseTo(0.75);
});
