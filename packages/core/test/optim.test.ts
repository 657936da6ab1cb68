// Optimizers against torch.optim over fifty steps of given gradients; state, groups, clipping and schedules.
import { nn, noGrad, optim, rand, scope, type Tensor, tensor } from "@saccade/core";
import { describe, expect, test } from "vitest";
import { errorOf, inBothBuilds, live, withEngine } from "./engine.ts";
import { Fixture, readJson } from "./fixture.ts";

type Options = Record<string, number | boolean | [number, number]>;
interface Facts {
  readonly sgd: Record<string, Options>;
  readonly adamw: Record<string, Options>;
  readonly groups: readonly Options[];
  readonly skipped: readonly [number, number][];
  readonly steps: readonly number[];
}

/** torch's spelling of options in ours. */
function camel<T>(options: Options): Partial<T> {
  const renamed = Object.entries(options).map(([name, value]) => [
    name === "weight_decay" ? "weightDecay" : name,
    value,
  ]);
  return Object.fromEntries(renamed) as Partial<T>;
}

/** Gradients that are exactly those given: of sum(p · g). */
function setGradient(parameter: Tensor, gradient: Tensor): void {
  parameter.zeroGrad();
  scope(() => parameter.mul(gradient).sum().backward());
}

class Run {
  readonly params: Tensor[];
  readonly #fixture: Fixture<Facts>;
  readonly #gradients: Tensor[];

  constructor(fixture: Fixture<Facts>) {
    this.#fixture = fixture;
    this.params = [0, 1].map((i) => fixture.input(`start.${i}`).requiresGrad_());
    this.#gradients = [0, 1].map((i) => fixture.input(`gradients.${i}`));
  }

  /** Steps `from`… up to `to`, checked at those the fixture holds. */
  take(
    optimizer: { step(): void },
    name: string | null,
    from: number,
    to: number,
    skipped: Facts["skipped"] = [],
  ): void {
    for (let step = from; step <= to; step++) {
      for (const [i, parameter] of this.params.entries()) {
        if (skipped.some(([s, p]) => s === step && p === i)) parameter.zeroGrad();
        else scope(() => setGradient(parameter, this.#gradients[i].select(0, step - 1)));
      }
      optimizer.step();
      if (name === null || !this.#fixture.facts.steps.includes(step)) continue;
      for (const [i, parameter] of this.params.entries())
        this.#fixture.expectClose(`${name}.${step}.${i}`, parameter);
    }
  }

  dispose(): void {
    for (const x of [...this.params, ...this.#gradients]) x.dispose();
  }
}

const fixture = new Fixture<Facts>("optimizers");
const { facts } = fixture;
const sgd = (params: readonly Tensor[], name: string) =>
  new optim.SGD(params, camel<optim.SGDOptions>(facts.sgd[name]));
const adamw = (params: readonly Tensor[], name: string) =>
  new optim.AdamW(params, camel<optim.AdamWOptions>(facts.adamw[name]));

function check(
  name: string,
  make: (params: Tensor[]) => optim.SGD | optim.AdamW,
  skipped: Facts["skipped"] = [],
): void {
  const run = new Run(fixture);
  using optimizer = make(run.params);
  try {
    run.take(optimizer, name, 1, 50, skipped);
    expect(optimizer.steps).toBe(50);
  } finally {
    run.dispose();
  }
}

inBothBuilds(() => {
  test.each(Object.keys(facts.sgd))("SGD %s", (name) => check(name, (params) => sgd(params, name)));
  test.each(Object.keys(facts.adamw))("AdamW %s", (name) => check(name, (params) => adamw(params, name)));

  test("parameter groups override the options they name", () => {
    check("grouped", (params) => {
      const groups = params.map((p, i) => ({ params: [p], ...camel<optim.AdamWOptions>(facts.groups[i]) }));
      return new optim.AdamW(groups, { lr: 0.01 });
    });
  });

  test("a parameter without a gradient in a step is left alone, and its own steps count", () => {
    check("momentumSkipping", (params) => sgd(params, "momentum"), facts.skipped);
    check("decayedSkipping", (params) => adamw(params, "decayed"), facts.skipped);
  });

  test("clipGradNorm", () => {
    const clipping = new Fixture("clipping");
    for (const [name, limit] of [
      ["clipped", 1.5],
      ["whole", 1e4],
    ] as const) {
      scope(() => {
        const params = [0, 1, 2].map((i) => {
          const gradient = clipping.input(`gradient.${i}`);
          const parameter = gradient.mul(0).detach().requiresGrad_();
          setGradient(parameter, gradient);
          return parameter;
        });
        clipping.expectClose(`${name}.norm`, optim.clipGradNorm(params, limit));
        for (const [i, { grad }] of params.entries()) clipping.expectClose(`${name}.${i}`, grad!);
      });
    }
  });
});

describe("state", () => {
  withEngine({ variant: "simd" });
  const makers = {
    SGD: (params: readonly Tensor[]) => sgd(params, "nesterov"),
    AdamW: (params: readonly Tensor[]) => adamw(params, "decayed"),
  };

  test.each(Object.entries(makers))("%s resumes bit by bit in the middle of a run", (_, make) => {
    const [whole, first, second] = [new Run(fixture), new Run(fixture), new Run(fixture)];
    using reference = make(whole.params);
    whole.take(reference, null, 1, 50, facts.skipped);
    using before = make(first.params);
    first.take(before, null, 1, 23, facts.skipped);
    using after = make(second.params);
    second.take(after, null, 1, 3); // forgotten by loading
    for (const [i, p] of second.params.entries()) noGrad(() => p.copy_(first.params[i]));
    after.loadStateDict(before.stateDict(), before.steps);
    expect(after.steps).toBe(23);
    second.take(after, null, 24, 50, facts.skipped);
    expect(second.params.map((p) => p.toTypedArray())).toEqual(whole.params.map((p) => p.toTypedArray()));
    for (const run of [whole, first, second]) run.dispose();
  });

  test("loading replaces all state, and refuses what does not fit without changing anything", () => {
    const run = new Run(fixture);
    using optimizer = sgd(run.params, "momentum");
    run.take(optimizer, null, 1, 2);
    scope(() => {
      const kept = [...optimizer.stateDict()].map(([name, x]) => [name, x.toArray()]);
      const wrong: [string, Tensor][] = [
        ["2.momentum_buffer", rand([7])],
        ["0.momentum_buffer", rand([7])],
        ["1.momentum", rand([7])],
        ["momentum_buffer", rand([7])],
        ["1.", rand([7])],
        ["1.momentum_buffer", tensor(new Int32Array(7))],
      ];
      for (const entry of wrong) {
        const state = new Map([["1.momentum_buffer", rand([7])], entry]);
        expect(errorOf(() => optimizer.loadStateDict(state, 1)).code, entry[0]).toBe("stateDict");
      }
      expect(errorOf(() => optimizer.loadStateDict(new Map(), -1)).code).toBe("argument");
      expect([...optimizer.stateDict()].map(([name, x]) => [name, x.toArray()])).toEqual(kept);
      optimizer.loadStateDict(new Map(), 0);
      expect(optimizer.stateDict().size).toBe(0);
    });
    run.dispose();
  });

  test("outlives scopes and is freed by dispose", () => {
    const before = live();
    const layer = new nn.Linear(2, 2);
    const optimizer = new optim.AdamW(layer.parameters());
    for (let i = 0; i < 2; i++) {
      scope(() => {
        layer
          .forward(tensor([[1, 2]]))
          .sum()
          .backward();
        optimizer.step();
        optimizer.zeroGrad();
      });
    }
    const names = [...optimizer.stateDict().keys()];
    expect(names).toEqual(expect.arrayContaining(["0.exp_avg", "0.exp_avg_sq", "1.exp_avg", "1.exp_avg_sq"]));
    optimizer.dispose();
    layer.dispose();
    expect(live()).toEqual(before);
  });
});

describe("arguments", () => {
  withEngine({ variant: "simd" });

  test("what cannot be optimised is refused", () => {
    using layer = new nn.Linear(2, 2);
    const params = layer.parameters();
    scope(() => {
      for (const bad of [[], [params[0], params[0]], [rand([2])], [{ params }, { params: [params[1]] }]]) {
        expect(errorOf(() => new optim.SGD(bad as Tensor[])).code).toBe("argument");
      }
      const options: Partial<optim.AdamWOptions>[] = [
        { lr: Number.NaN },
        { lr: -1 },
        { betas: [1, 0.9] },
        { betas: [0.9, -0.1] },
        { eps: -1 },
        { weightDecay: -1 },
      ];
      for (const bad of options) expect(errorOf(() => new optim.AdamW(params, bad)).code).toBe("argument");
      expect(errorOf(() => new optim.SGD(params, { momentum: -0.1 })).code).toBe("argument");
      expect(errorOf(() => new optim.SGD(params, { nesterov: true })).message).toContain(
        "nesterov needs a momentum",
      );
      expect(
        errorOf(() => new optim.SGD([{ params, nesterov: true, momentum: 0.9, dampening: 0.1 }])).message,
      ).toContain("dampening 0");
    });
  });

  test("an option set to undefined keeps its default", () => {
    using layer = new nn.Linear(2, 2);
    using optimizer = new optim.AdamW([{ params: layer.parameters(), lr: undefined }], { eps: undefined });
    expect(optimizer.groups[0]).toMatchObject({
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 1e-2,
    });
  });

  test("lr set between steps is used", () => {
    const p = tensor([1], { requiresGrad: true });
    using optimizer = new optim.SGD([p], { lr: 1 });
    scope(() => p.mul(1).sum().backward());
    optimizer.groups[0].lr = 0.25;
    optimizer.step();
    expect(p.item()).toBe(0.75);
    p.dispose();
  });

  test("a step is a change that a graph recorded before it refuses", () => {
    const p = tensor([1], { requiresGrad: true });
    using optimizer = new optim.SGD([p], { lr: 1 });
    scope(() => {
      const y = p.mul(p).sum();
      y.backward(undefined, { retainGraph: true });
      optimizer.step();
      expect(errorOf(() => y.backward()).message).toContain("mul saved tensor 0");
    });
    p.dispose();
  });

  test("clipping nothing, or zeros, is harmless", () => {
    const p = tensor([1], { requiresGrad: true });
    expect(optim.clipGradNorm([p], 1)).toBe(0);
    scope(() => p.mul(0).sum().backward());
    expect(optim.clipGradNorm([p], 1)).toBe(0);
    expect(p.grad!.item()).toBe(0);
    p.dispose();
  });

  test("clipping bumps no parameter's version, so a retained graph stays walkable", () => {
    const p = tensor([3, 4], { requiresGrad: true });
    scope(() => {
      const y = p.mul(p).sum();
      y.backward(undefined, { retainGraph: true });
      expect(optim.clipGradNorm([p], 5)).toBe(10);
      expect(p.grad!.toArray()).toEqual([3, 4].map((v) => expect.closeTo(v, 5)));
      y.backward();
    });
    p.dispose();
  });
});

describe("cosineWithWarmup", () => {
  withEngine({ variant: "simd" });

  test("is nanoGPT's get_lr in float64", () => {
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
