// What a module is put together from: registered parts, hooks around forward, lists and dictionaries.
import { nn, noGrad, ones, scope, type Tensor } from "@saccade/core";
import { describe, expect, test } from "vitest";
import { errorOf, withEngine } from "./engine.ts";

describe("forward hooks", () => {
  withEngine({ variant: "simd" });

  test("see and replace the arguments before, the result behind, and come off", () => {
    using layer = new nn.Linear(1, 1, { bias: false });
    scope(() => {
      noGrad(() => layer.weight.fill_(3));
      const seen: unknown[] = [];
      const offs = [
        layer.registerForwardPreHook((module, args) => {
          seen.push(module === layer, args.length);
          return [(args[0] as Tensor).add(1)];
        }),
        layer.registerForwardPreHook(() => undefined),
        layer.registerForwardHook((_, args, result) => {
          seen.push((args[0] as Tensor).item(), (result as Tensor).item());
          return undefined;
        }),
        layer.registerForwardHook((_, __, result) => (result as Tensor).mul(10)),
        layer.registerHook("output", (value) => value.add(0.5)),
      ];
      expect(layer.forward(ones([1])).item()).toBe(60.5);
      expect(seen).toEqual([true, 1, 2, 6]);
      for (const off of offs) off();
      expect(layer.forward(ones([1])).item()).toBe(3);
      expect(seen).toHaveLength(4);
    });
  });
});

describe("parts under names", () => {
  withEngine({ variant: "simd" });

  test("registered parameters and modules are found, saved and disposed; impossible names are refused", () => {
    using model = new nn.Sequential();
    model.registerParameter("scale", new nn.Parameter(ones([2])));
    model.registerModule("inner", new nn.Linear(2, 2));
    model.registerParameter("absent", null);
    expect([...model.stateDict().keys()].sort()).toEqual(["inner.bias", "inner.weight", "scale"]);
    for (const name of ["", "a.b", "forward", "stateDict"]) {
      expect(errorOf(() => model.registerParameter(name, null)).code).toBe("argument");
      expect(errorOf(() => model.registerModule(name, model)).code).toBe("argument");
    }
  });

  test("apply visits children first; requiresGrad_ freezes; buffers and children are listed", () => {
    using model = new nn.Sequential(new nn.Linear(1, 1), new nn.Sequential(new nn.Dropout()));
    const seen: string[] = [];
    expect(model.apply((module) => seen.push(module.constructor.name))).toBe(model);
    expect(seen).toEqual(["Linear", "Dropout", "Sequential", "Sequential"]);
    expect(model.children()).toHaveLength(2);
    model.requiresGrad_(false);
    expect(model.parameters().some((parameter) => parameter.requiresGrad)).toBe(false);
    model.requiresGrad_();
    expect(model.parameters().every((parameter) => parameter.requiresGrad)).toBe(true);
    model.registerBuffer("seen", ones([3]));
    expect(model.buffers().map((buffer) => buffer.shape)).toEqual([[3]]);
  });
});

describe("containers", () => {
  withEngine({ variant: "simd" });

  test("a ModuleDict and parameter containers name, reach and iterate", () => {
    using dict = new nn.ModuleDict({ down: new nn.Linear(2, 1), up: new nn.Linear(1, 2) });
    expect([dict.keys(), dict.has("up"), dict.has("left")]).toEqual([["down", "up"], true, false]);
    expect(dict.at("up").outFeatures).toBe(2);
    expect([...dict.stateDict().keys()]).toEqual(["down.weight", "down.bias", "up.weight", "up.bias"]);
    expect(errorOf(() => dict.at("left")).message).toContain('down, up has no module "left"');
    using list = new nn.ParameterList([ones([1]), ones([2])]).append(ones([3]));
    expect([list.length, ...[...list].map((parameter) => parameter.numel)]).toEqual([3, 1, 2, 3]);
    expect(list.at("1").requiresGrad).toBe(true);
    using named = new nn.ParameterDict(new Map([["gain", ones([4])]]));
    expect([...named.stateDict().keys()]).toEqual(["gain"]);
    expect(errorOf(() => named.at("bias")).code).toBe("argument");
    for (const container of [dict, list, named])
      expect(errorOf(() => container.forward()).code).toBe("unsupported");
  });

  test("a ModuleList counts, reaches and iterates, past ten in order", () => {
    using list = new nn.ModuleList(Array.from({ length: 12 }, (_, i) => new nn.Linear(1, i + 1)));
    expect(list.length).toBe(12);
    expect([...list].map((layer) => layer.outFeatures)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(list.at(-1).outFeatures).toBe(12);
    expect([...list.namedParameters()].at(-1)![0]).toBe("11.bias");
    expect(errorOf(() => list.at(12)).code).toBe("index");
    expect(errorOf(() => list.forward()).code).toBe("unsupported");
  });
});
