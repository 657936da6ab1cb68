// Every module case beside the modules: PyTorch's state dict loads by name and shape, outputs, buffers and every gradient
// are PyTorch's, and what we save are the same names again, in safetensors.
import { describe, expect, test } from "vitest";
import * as saccade from "../src/index.ts";
import type { Module } from "../src/nn/index.ts";
import type { RefTensor } from "../src/reference.ts";
import { inBothBuilds } from "./engine.ts";
import { type Case, inputName, loadModuleCases } from "./modules/cases.ts";
import { fixtureOf, type Stored } from "./modules/fixtures.ts";
import { compare, parityBound } from "./parity/compare.ts";

const { scope, tensor, Tensor } = saccade;
const cases = await loadModuleCases();

inBothBuilds(() => {
  for (const c of cases) {
    test(c.name, () => {
      using module = c.make(saccade);
      module.train(c.training === true);
      const fixture = fixtureOf(c);
      loadState(module, fixture);
      scope(() => {
        const inputs = c.inputs.map(uploaded);
        const outputs = forward(c, module, inputs);
        for (const [i, y] of outputs.entries()) expectClose(`output.${i}`, y, fixture);
        expect(fixture.has(`output.${outputs.length}`), "PyTorch has more outputs").toBe(false);
        walk(outputs, fixture);
        const gradients: [string, saccade.Tensor][] = [
          ...inputs.map((x, i): [string, saccade.Tensor] => [inputName(i), x]),
          ...module.namedParameters(),
        ];
        for (const [name, x] of gradients) if (x.requiresGrad) expectGradient(name, x, fixture);
        expectBuffers(module, fixture);
      });
    });
  }
});

function uploaded({ data, shape, dtype }: RefTensor): saccade.Tensor {
  return tensor(data, { shape, dtype, requiresGrad: dtype === "f32" });
}

function loadState(module: Module, fixture: ReadonlyMap<string, Stored>): void {
  scope(() => {
    const state = new Map<string, saccade.Tensor>();
    for (const [name, { type, shape, values }] of fixture) {
      if (!name.startsWith("state.")) continue;
      const dtype = type === "BOOL" ? "bool" : type.startsWith("I") ? "i32" : "f32";
      state.set(name.slice("state.".length), tensor(values, { shape, dtype }));
    }
    module.loadStateDict(state);
    const saved = saccade.loadSafetensors(saccade.saveSafetensors(module.stateDict()));
    expect([...saved.keys()].sort()).toEqual([...state.keys()].sort());
    for (const [name, value] of state)
      expect(saved.get(name)?.toTypedArray(), name).toEqual(value.toTypedArray());
  });
}

function forward(c: Case, module: Module, inputs: readonly saccade.Tensor[]): readonly saccade.Tensor[] {
  const result = c.call?.(module, inputs, saccade) ?? (module.forward(...inputs) as saccade.Tensor);
  return result instanceof Tensor ? [result] : result;
}

/** Backward from all outputs at once, weighted with the fixture's cotangents. */
function walk(outputs: readonly saccade.Tensor[], fixture: ReadonlyMap<string, Stored>): void {
  const parts = outputs.flatMap((y, i) => {
    const cotangent = fixture.get(`cotangent.${i}`);
    expect(y.requiresGrad, `output ${i} has a gradient`).toBe(cotangent !== undefined);
    return cotangent === undefined ? [] : [y.mul(tensor(cotangent.values, { shape: y.shape })).sum()];
  });
  if (parts.length > 0) parts.reduce((sum, part) => sum.add(part)).backward();
}

function expectClose(name: string, got: saccade.Tensor, fixture: ReadonlyMap<string, Stored>): void {
  const wanted = fixture.get(name);
  if (wanted === undefined) expect.fail(`PyTorch has no ${name}`);
  expect(got.shape, `shape of ${name}`).toEqual(wanted.shape);
  const bound = parityBound(wanted);
  const { complaint } = compare(got.toTypedArray(), wanted.values, () => bound);
  expect(complaint, name).toBeNull();
}

/** No gradient is as good as zeros. */
function expectGradient(name: string, x: saccade.Tensor, fixture: ReadonlyMap<string, Stored>): void {
  if (x.grad !== null) expectClose(`gradient.${name}`, x.grad, fixture);
  else
    expect(
      fixture.get(`gradient.${name}`)?.values.every((value) => value === 0),
      name,
    ).not.toBe(false);
}

function expectBuffers(module: Module, fixture: ReadonlyMap<string, Stored>): void {
  for (const [name, buffer] of module.namedBuffers({ transient: true })) {
    if (fixture.has(`after.${name}`)) expectClose(`after.${name}`, buffer, fixture);
    else {
      const before = fixture.get(`state.${name}`);
      if (before) expect(Float64Array.from(buffer.toTypedArray()), name).toEqual(before.values);
    }
  }
}

describe("module cases", () => {
  test("there is a fixture for each, and no other", () => {
    for (const c of cases) expect(fixtureOf(c).size, c.name).toBeGreaterThan(0);
  });
});
