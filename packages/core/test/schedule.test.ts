// Schedulers against torch.optim.lr_scheduler, nanoGPT's schedule, and averages of weights.
import { optim, scope, tensor, zeros } from "@saccade/core";
import { describe, expect, test } from "vitest";
import { errorOf, inBothBuilds, withEngine } from "./engine.ts";
import { Fixture, readJson } from "./fixture.ts";

interface Schedulers {
  readonly runs: readonly { name: string; arguments: unknown[]; rates: number[][]; momenta: number[][] }[];
  readonly metrics: readonly number[];
  readonly plateaus: readonly { name: string; options: optim.PlateauOptions; rates: number[][] }[];
}

const fixture = readJson<Schedulers>("schedulers.json");

/** Runs `body` with an optimizer of two groups, as the fixture's. */
function withTwoGroups(body: (optimizer: optim.SGD) => void): void {
  scope(() => {
    const groups = [0.1, 0.03].map((lr) => ({ params: [zeros([1], { requiresGrad: true })], lr }));
    using optimizer = new optim.SGD(groups, { momentum: 0.9 });
    body(optimizer);
  });
}

function expectRates(got: readonly number[], wanted: readonly number[], what: string): void {
  for (const [i, rate] of wanted.entries()) {
    expect(Math.abs(got[i] - rate), `${what}: ${got[i]}, not ${rate}`).toBeLessThanOrEqual(
      1e-13 * (1 + rate),
    );
  }
}

type Scheduler = new (optimizer: optim.SGD, ...rest: unknown[]) => optim.LRScheduler;

function make(
  { name, arguments: rest }: Schedulers["runs"][number],
  optimizer: optim.SGD,
): optim.LRScheduler {
  const Class = optim[name.split(" ")[0] as "StepLR"] as unknown as Scheduler;
  return new Class(optimizer, ...rest);
}

describe("schedulers", () => {
  withEngine({ variant: "simd" });

  test.each(fixture.runs)("$name", (run) => {
    withTwoGroups((optimizer) => {
      const scheduler = make(run, optimizer);
      for (const [epoch, rates] of run.rates.entries()) {
        if (epoch > 0) scheduler.step();
        expectRates(scheduler.getLastLr(), rates, `epoch ${epoch}`);
        expectRates(
          optimizer.groups.map(({ momentum }) => momentum),
          run.momenta[epoch],
          `momentum of epoch ${epoch}`,
        );
      }
    });
  });

  test.each(fixture.runs)("$name goes on from its state", (run) => {
    withTwoGroups((optimizer) => {
      const first = make(run, optimizer);
      for (let i = 0; i < 11; i++) first.step();
      withTwoGroups((other) => {
        const second = make(run, other);
        second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())));
        second.step();
        expect(second.lastEpoch).toBe(12);
        expectRates(second.getLastLr(), run.rates[12], "epoch 12");
        expect(errorOf(() => second.loadStateDict({ lastEpoch: 1, baseLrs: [1] })).code).toBe("stateDict");
      });
    });
  });

  test("LambdaLR multiplies the first rates, by one function or one each", () => {
    withTwoGroups((optimizer) => {
      const scheduler = new optim.LambdaLR(optimizer, [(epoch) => 1 / (epoch + 1), (epoch) => epoch]);
      scheduler.step();
      expect(scheduler.getLastLr()).toEqual([0.05, 0.03]);
      new optim.LambdaLR(optimizer, () => 2);
      expect(optimizer.groups.map(({ lr }) => lr)).toEqual([0.1, 0.06]);
      expect(errorOf(() => new optim.LambdaLR(optimizer, [() => 1])).message).toContain(
        "a function, or 2, one per group",
      );
    });
  });

  test.each(fixture.plateaus)("ReduceLROnPlateau: $name, resumed on the way", ({ options, rates }) => {
    withTwoGroups((optimizer) => {
      let scheduler = new optim.ReduceLROnPlateau(optimizer, options);
      for (const [i, metric] of fixture.metrics.entries()) {
        if (i === 17) {
          const state = scheduler.stateDict();
          scheduler = new optim.ReduceLROnPlateau(optimizer, options);
          scheduler.loadStateDict(state);
        }
        scheduler.step(metric);
        expectRates(scheduler.getLastLr(), rates[i], `step ${i}`);
      }
      expect(optimizer.groups[0].lr, "it was reduced").toBeLessThan(0.1);
    });
  });

  test("wrong options are refused", () => {
    withTwoGroups((optimizer) => {
      const wrong: (() => unknown)[] = [
        () => new optim.StepLR(optimizer, 0),
        () => new optim.CosineAnnealingLR(optimizer, Number.NaN),
        () => new optim.CosineAnnealingWarmRestarts(optimizer, 5, { tMult: 1.5 }),
        () => new optim.LinearLR(optimizer, { totalIters: 0 }),
        () => new optim.OneCycleLR(optimizer, 1, { totalSteps: 0 }),
        () => new optim.OneCycleLR(optimizer, [1], { totalSteps: 5 }),
        () => new optim.OneCycleLR(optimizer, 1, { totalSteps: 5, pctStart: 2 }),
        () => new optim.ReduceLROnPlateau(optimizer, { factor: 1 }),
        () => new optim.ReduceLROnPlateau(optimizer, { minLr: [1] }),
        () => new optim.ReduceLROnPlateau(optimizer, { mode: "up" as "min" }),
        () => new optim.StepLR(optimizer, 3).step(-1),
      ];
      for (const make of wrong) expect(errorOf(make).code).toBe("argument");
      const cycle = new optim.OneCycleLR(optimizer, 1, { totalSteps: 2 });
      for (let i = 0; i < 2; i++) cycle.step();
      expect(errorOf(() => cycle.step()).message).toContain("epoch must be at most 2");
    });
  });

  test("cosineWithWarmup is nanoGPT's get_lr in float64", () => {
    const { runs } = readJson<{ runs: { options: optim.CosineOptions; rates: number[] }[] }>(
      "schedules.json",
    );
    for (const { options, rates } of runs) {
      const schedule = optim.cosineWithWarmup(options);
      for (const [step, rate] of rates.entries()) {
        expect(Math.abs(schedule(step) - rate), `step ${step}`).toBeLessThanOrEqual(1e-15 * options.lr);
      }
    }
  });
});

inBothBuilds(() => {
  test("ExponentialMovingAverage: PyTorch's, lent to a body and given back, saved and taken up again", () => {
    scope(() => {
      const recorded = new Fixture("average");
      const weights = recorded.input("weights");
      const parameter = zeros([3, 5], { requiresGrad: true });
      using average = new optim.ExponentialMovingAverage([parameter], { decay: 0.7 });
      using second = new optim.ExponentialMovingAverage([parameter], { decay: 0.7 });
      for (let i = 0; i < 10; i++) {
        parameter.detach().copy_(weights.select(0, i));
        if (i === 6) second.loadStateDict(average.stateDict(), average.updates);
        average.update();
        if (i >= 6) second.update();
      }
      const last = weights.select(0, 9).toArray();
      for (const one of [average, second]) {
        one.apply(() => recorded.expectClose("average", parameter));
        expect(parameter.toArray()).toEqual(last);
        expect(() =>
          one.apply(() => {
            throw new Error("on purpose");
          }),
        ).toThrow("on purpose");
        expect(parameter.toArray()).toEqual(last);
      }
      const wrong = new Map([["0", tensor([1])]]);
      expect(errorOf(() => average.loadStateDict(wrong, 1)).code).toBe("stateDict");
      expect(errorOf(() => new optim.ExponentialMovingAverage([parameter], { decay: 2 })).code).toBe(
        "argument",
      );
    });
  });
});
