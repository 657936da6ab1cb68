// Module: the tree and its names, state dictionaries, modes, hooks, disposal; and the layers against PyTorch.
import { nn, noGrad, ones, persistent, scope, type Tensor, tensor, zeros } from "@saccade/core";
import { describe, expect, test } from "vitest";
import { errorOf, inBothBuilds, live, withEngine } from "./engine.ts";
import { Fixture } from "./fixture.ts";

class Block extends nn.Module {
  ln: nn.LayerNorm;
  up: nn.Linear;
  down: nn.Linear;

  constructor(width: number) {
    super();
    this.ln = new nn.LayerNorm(width, { eps: 1e-3 });
    this.up = new nn.Linear(width, 2 * width);
    this.down = new nn.Linear(2 * width, width, { bias: false });
  }

  override forward(x: Tensor): Tensor {
    return x.add(this.down.forward(this.tap("inner", this.up.forward(this.ln.forward(x)).relu())));
  }

  override hookPoints(): readonly string[] {
    return ["inner"];
  }
}

/** The same tree as Tree in tools/oracle/core_modules.py. */
class Tree extends nn.Module {
  wte = new nn.Embedding(11, 5);
  h = new nn.ModuleList([new Block(5), new Block(5)]);
  norm = new nn.LayerNorm([4, 5], { elementwiseAffine: false });
  declare offset: Tensor;
  head = new nn.Sequential(new nn.Linear(5, 5), new nn.Dropout(0.5), new nn.Linear(5, 11, { bias: false }));

  constructor() {
    super();
    const last = this.head.at(2) as nn.Linear;
    last.weight.dispose();
    last.weight = this.wte.weight;
    this.registerBuffer("offset", zeros([5]));
    this.registerBuffer("scratch", zeros([3]), { persistent: false });
  }

  override forward(ids: Tensor): Tensor {
    let x = this.wte.forward(ids).add(this.offset);
    for (const block of this.h) x = block.forward(x);
    return this.head.forward(this.norm.forward(x)) as Tensor;
  }
}

// biome-ignore format: one line per module
const stateNames = [
  "wte.weight", "offset", "h.0.ln.weight", "h.0.ln.bias", "h.0.up.weight", "h.0.up.bias", "h.0.down.weight",
  "h.1.ln.weight", "h.1.ln.bias", "h.1.up.weight", "h.1.up.bias", "h.1.down.weight",
  "head.0.weight", "head.0.bias", "head.2.weight",
];

inBothBuilds(() => {
  test("a tree of layers computes what PyTorch's does, forward and every gradient", () => {
    const fixture = new Fixture("layers");
    using model = new Tree().eval();
    scope(() => {
      const names = fixture.names("state.");
      model.loadStateDict(new Map(names.map((name) => [name.slice("state.".length), fixture.input(name)])));
      const y = model.forward(fixture.input("ids"));
      fixture.expectClose("y", y);
      y.backward(fixture.input("dy"));
      const gradients = [...model.namedParameters()].map(
        ([name, { grad }]) => [`grad.${name}`, grad as Tensor] as const,
      );
      expect(gradients.map(([name]) => name).sort()).toEqual(fixture.names("grad.").sort());
      for (const [name, grad] of gradients) fixture.expectClose(name, grad);
    });
  });
});

describe("the tree", () => {
  withEngine({ variant: "simd" });

  test("a path of fields is a checkpoint name, as torch.nn.Module.state_dict has them", () => {
    using model = new Tree();
    expect([...model.stateDict().keys()].sort()).toEqual([...stateNames].sort());
    expect(
      new Fixture("layers")
        .names("state.")
        .map((name) => name.slice(6))
        .sort(),
    ).toEqual([...stateNames].sort());
    expect(model.getSubmodule("h.1.up")).toBe(model.h.at(1).up);
    expect(model.getSubmodule("")).toBe(model);
    expect(errorOf(() => model.getSubmodule("h.2")).message).toContain('no submodule "h.2" in Tree');
    expect([...model.namedModules()].map(([name]) => name).slice(0, 5)).toEqual([
      "",
      "wte",
      "h",
      "h.0",
      "h.0.ln",
    ]);
  });

  test("a tied parameter is trained once and saved under both names", () => {
    using model = new Tree();
    const names = [...model.namedParameters()].map(([name]) => name);
    expect(names).toContain("wte.weight");
    expect(names).not.toContain("head.2.weight");
    expect(model.parameters()).toHaveLength(names.length);
    const state = model.stateDict();
    expect(state.get("head.2.weight")).toBe(state.get("wte.weight"));
  });

  test("buffers are state but no parameters; a transient one is neither, and all are freed", () => {
    const before = live();
    const model = new Tree();
    expect([...model.namedBuffers()].map(([name]) => name)).toEqual(["offset"]);
    expect(model.parameters().some((p) => p.shape[0] === 3)).toBe(false);
    model.dispose();
    expect(live()).toEqual(before);
  });

  test("a buffer registered again as persistent is saved", () => {
    using layer = new nn.Linear(1, 1);
    const buffer = persistent(() => ones([2]));
    layer.registerBuffer("mask", buffer, { persistent: false });
    expect([...layer.stateDict().keys()]).toEqual(["weight", "bias"]);
    layer.registerBuffer("mask", buffer);
    expect([...layer.stateDict().keys()]).toEqual(["weight", "bias", "mask"]);
  });

  test("dispose frees parameters, buffers and gradients", () => {
    const before = live();
    const model = new Tree();
    scope(() =>
      model
        .forward(tensor([[1, 2, 3, 4]], { dtype: "i32" }))
        .sum()
        .backward(),
    );
    expect(model.wte.weight.grad).not.toBeNull();
    model.dispose();
    model.dispose();
    expect(live()).toEqual(before);
  });

  test("zeroGrad forgets every gradient", () => {
    using model = new nn.Linear(2, 2);
    scope(() =>
      model
        .forward(ones([1, 2]))
        .sum()
        .backward(),
    );
    model.zeroGrad();
    expect(model.parameters().map((p) => p.grad)).toEqual([null, null]);
  });

  test("a Parameter takes over a tensor, outlives scopes, and refuses what cannot be trained", () => {
    const before = live();
    const parameter = scope(() => {
      const source = ones([2]);
      const made = new nn.Parameter(source);
      expect(source.isDisposed).toBe(true);
      return { hidden: () => made };
    }).hidden();
    expect(parameter.toArray()).toEqual([1, 1]);
    expect(parameter.requiresGrad).toBe(true);
    parameter.dispose();
    expect(errorOf(() => scope(() => new nn.Parameter(ones([2], { dtype: "i32" })))).code).toBe("dtype");
    const frozen = new nn.Parameter(ones([2], { dtype: "i32" }), false);
    expect(frozen.requiresGrad).toBe(false);
    frozen.dispose();
    expect(live()).toEqual(before);
  });
});

describe("loadStateDict", () => {
  withEngine({ variant: "simd" });

  test("lists missing, unexpected and mis-shaped names in one error and changes nothing", () => {
    using model = new Tree();
    scope(() => {
      const before = model.wte.weight.toArray();
      const state = new Map(model.stateDict());
      state.delete("h.0.up.bias");
      state.set("h.0.attn.bias", ones([1]));
      state.set("wte.weight", ones([12, 5]));
      state.set("h.0.ln.bias", ones([5], { dtype: "i32" }));
      const error = errorOf(() => model.loadStateDict(state));
      expect(error.code).toBe("stateDict");
      expect(error.message).toContain("missing (1): h.0.up.bias");
      expect(error.message).toContain("unexpected (1): h.0.attn.bias");
      expect(error.message).toContain("mis-shaped (2): wte.weight is (12, 5), the model has (11, 5)");
      expect(error.message).toContain("h.0.ln.bias is i32, the model has f32");
      expect(model.wte.weight.toArray()).toEqual(before);
    });
  });

  test("reports and loads the rest when not strict, but never a wrong shape", () => {
    using layer = new nn.Linear(2, 1);
    scope(() => {
      const state = new Map([
        ["weight", tensor([[5, 6]])],
        ["extra", ones([1])],
      ]);
      expect(layer.loadStateDict(state, { strict: false })).toEqual({
        missing: ["bias"],
        unexpected: ["extra"],
      });
      expect(layer.weight.toArray()).toEqual([[5, 6]]);
      state.set("weight", ones([2, 1]));
      expect(errorOf(() => layer.loadStateDict(state, { strict: false })).message).toContain("mis-shaped");
    });
  });

  test("copies: what was loaded may be freed, strided sources included", () => {
    using layer = new nn.Linear(2, 3, { bias: false });
    scope(() =>
      layer.loadStateDict(
        new Map([
          [
            "weight",
            tensor([
              [1, 2, 3],
              [4, 5, 6],
            ]).t(),
          ],
        ]),
      ),
    );
    expect(layer.weight.toArray()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect(layer.weight.requiresGrad).toBe(true);
  });
});

describe("modes", () => {
  withEngine({ variant: "simd" });

  test("train and eval reach every module, and only Dropout cares", () => {
    using model = new Tree();
    expect(model.modules().every((module) => module.training)).toBe(true);
    expect(model.eval()).toBe(model);
    expect(model.modules().some((module) => module.training)).toBe(false);
    const dropout = new nn.Dropout(0.5);
    scope(() => {
      const x = ones([1000]);
      expect([...new Set(dropout.forward(x).toTypedArray())].sort()).toEqual([0, 2]);
      expect(dropout.eval().forward(x).toArray()).toEqual(x.toArray());
    });
  });
});

describe("hooks", () => {
  withEngine({ variant: "simd" });
  const ids = (): Tensor => tensor([[1, 2, 3, 4]], { dtype: "i32" });

  test("listen, replace with the graph intact, and come off", () => {
    using model = new Tree().eval();
    scope(() => {
      const seen: string[] = [];
      const plain = model.forward(ids()).toArray();
      const offs = [
        model.registerHook("h.0.output", (value, point) => {
          seen.push(`h.0 ${point} ${value.shape}`);
          return undefined;
        }),
        model.registerHook("h.1.inner", (value) => {
          seen.push("inner");
          return value.mul(0);
        }),
        model.registerHook("output", (value) => value.mul(3)),
      ];
      expect(model.h.at(1).hooked("inner", "output")).toBe(true);
      const y = model.forward(ids());
      expect(seen).toEqual(["h.0 output 1,4,5", "inner"]);
      y.sum().backward();
      expect(model.h.at(1).down.weight.grad!.abs().sum().item()).toBe(0);
      expect(model.h.at(0).down.weight.grad!.abs().sum().item()).toBeGreaterThan(0);
      for (const off of offs) off();
      expect(model.forward(ids()).toArray()).toEqual(plain);
      expect(seen).toHaveLength(2);
      expect(model.h.at(1).hooked("inner", "output")).toBe(false);
    });
  });

  test("run in the order they came, each on what the one before gave; removing one leaves its equal", () => {
    using layer = new nn.Linear(1, 1, { bias: false });
    scope(() => {
      noGrad(() => layer.weight.fill_(1));
      const double = (value: Tensor): Tensor => value.mul(2);
      const off = layer.registerHook("output", double);
      layer.registerHook("output", double);
      layer.registerHook("output", (value) => value.add(1));
      expect(layer.forward(ones([1])).toArray()).toEqual([5]);
      off();
      off();
      expect(layer.forward(ones([1])).toArray()).toEqual([3]);
    });
  });

  test("unknown points and wrong results are errors", () => {
    using model = new Tree().eval();
    const error = errorOf(() => model.registerHook("h.0.scores", () => undefined));
    expect(error.message).toContain('Block has no hook point "scores"; it has output, inner');
    expect(errorOf(() => model.registerHook("h.9.output", () => undefined)).message).toContain('"h.9"');
    model.registerHook("h.0.inner", (async () => undefined) as never);
    expect(errorOf(() => scope(() => model.forward(ids()))).message).toMatch(/hook.*"inner".*Tensor/);
  });
});
