// Optimizers against torch.optim over fifty steps of given gradients; state, groups and clipping.
import { nn, noGrad, optim, rand, scope, type Tensor, tensor } from "@saccade/core";
import { describe, expect, test } from "vitest";
import { errorOf, inBothBuilds, live, withEngine } from "./engine.ts";
import { Fixture } from "./fixture.ts";

type Options = Record<string, number | boolean | [number, number]>;
type Kind = Exclude<keyof typeof optim, "Optimizer" | `c${string}`>;
interface Facts {
  readonly runs: Record<string, { optimizer: Kind; options: Options }>;
  readonly groups: readonly Options[];
  readonly skipped: readonly [number, number][];
  readonly skipping: readonly string[];
  readonly steps: readonly number[];
}

/** torch's spelling of options in ours. */
function camel(options: Options): object {
  const renamed = Object.entries(options).map(([name, value]) => [
    name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return Object.fromEntries(renamed);
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
    // A development engine takes a stack trace for each tensor, which is more work than the tensors here.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
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
    Error.stackTraceLimit = stackTraceLimit;
  }

  dispose(): void {
    for (const x of [...this.params, ...this.#gradients]) x.dispose();
  }
}

const fixture = new Fixture<Facts>("optimizers");
const { facts } = fixture;
type AnyOptimizer = optim.Optimizer<optim.CommonOptions>;

/** The optimizer of one of the fixture's runs. */
function make(params: readonly Tensor[], name: string): AnyOptimizer {
  const { optimizer, options } = facts.runs[name];
  const Optimizer = optim[optimizer] as new (params: readonly Tensor[], options: object) => AnyOptimizer;
  return new Optimizer(params, camel(options));
}

function check(name: string, made: (params: Tensor[]) => AnyOptimizer, skipped: Facts["skipped"] = []): void {
  const run = new Run(fixture);
  using optimizer = made(run.params);
  try {
    run.take(optimizer, name, 1, 50, skipped);
    expect(optimizer.steps).toBe(50);
  } finally {
    run.dispose();
  }
}

inBothBuilds(() => {
  test.each(Object.keys(facts.runs))("%s", (name) => check(name, (params) => make(params, name)));

  test("parameter groups override the options they name", () => {
    check("grouped", (params) => {
      const groups = params.map((p, i) => ({ params: [p], ...camel(facts.groups[i]) }));
      return new optim.AdamW(groups, { lr: 0.01 });
    });
  });

  test.each(facts.skipping)(
    "%s: a parameter without a gradient is left alone, and its own steps count",
    (name) => {
      check(`${name}, skipping`, (params) => make(params, name), facts.skipped);
    },
  );

  describe("clipping", () => {
    const clipping = new Fixture("clipping");

    /** Gradients of the fixture, clipped, and what `clip` returned. */
    function expectClipped(name: string, clip: (params: Tensor[]) => number | undefined): void {
      scope(() => {
        const params = [0, 1, 2].map((i) => {
          const gradient = clipping.input(`gradient.${i}`);
          const parameter = gradient.mul(0).detach().requiresGrad_();
          setGradient(parameter, gradient);
          return parameter;
        });
        const norm = clip(params);
        if (norm !== undefined) clipping.expectClose(`${name}.norm`, norm);
        for (const [i, { grad }] of params.entries()) clipping.expectClose(`${name}.${i}`, grad!);
      });
    }

    test.each([
      ["clipped", 1.5, 2],
      ["whole", 1e4, 2],
      ["largest", 1.5, Number.POSITIVE_INFINITY],
      ["absolute", 1.5, 1],
      ["cubic", 1.5, 3],
    ] as const)("clipGradNorm: %s", (name, limit, normType) => {
      expectClipped(name, (params) => optim.clipGradNorm(params, limit, { normType }));
    });

    test("clipGradValue", () => {
      expectClipped("value", (params) => {
        optim.clipGradValue(params, 0.7);
        return undefined;
      });
    });
  });
});

describe("state", () => {
  withEngine({ variant: "simd" });
  const names = Object.keys(facts.runs);

  test.each(names)("%s resumes bit by bit in the middle of a run", (name) => {
    const [whole, first, second] = [new Run(fixture), new Run(fixture), new Run(fixture)];
    using reference = make(whole.params, name);
    whole.take(reference, null, 1, 50, facts.skipped);
    using before = make(first.params, name);
    first.take(before, null, 1, 23, facts.skipped);
    using after = make(second.params, name);
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
    using optimizer = make(run.params, "SGD momentum");
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
      const options: Partial<optim.AdamOptions>[] = [
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
