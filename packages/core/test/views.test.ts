// Views against a model: every element is a sum of leaf elements with integer weights, in a plain array. Chains of views,
// products and sums over shared tensors must give those values, and backward those weights, exactly.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { init, memory, noGrad, scope, type Tensor, tensor, terminate } from "../src/index.ts";
import { numel, type Shape } from "../src/shape.ts";

fc.configureGlobal({ seed: 1 });

beforeAll(async () => {
  await init({ variant: "simd", development: true });
});
afterAll(terminate);

/** Weights of the leaf's elements, for each element of a tensor. */
interface Model {
  readonly shape: Shape;
  readonly elements: readonly Float64Array[];
}

interface Pair {
  readonly model: Model;
  readonly tensor: Tensor;
}

/** The model of a tensor whose element at an index is the source's at `place(index)`. */
function gather({ shape: from, elements }: Model, shape: Shape, place: (index: number[]) => number[]): Model {
  const picked = Array.from({ length: numel(shape) }, (_, flat) => {
    const index: number[] = [];
    for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
      index.unshift(rest % shape[axis]);
      rest = Math.floor(rest / shape[axis]);
    }
    return elements[place(index).reduce((at, i, axis) => at * from[axis] + i, 0)];
  });
  return { shape, elements: picked };
}

const replaced = (list: readonly number[], at: number, value: number): number[] =>
  list.map((x, i) => (i === at ? value : x));
const inserted = (list: readonly number[], at: number, value: number): number[] => [
  ...list.slice(0, at),
  value,
  ...list.slice(at),
];
const removed = (list: readonly number[], at: number): number[] => list.filter((_, i) => i !== at);

/** Random choices of one step, as fractions; each op takes what it needs. */
type Dice = readonly number[];
const choose = (dice: Dice, i: number, below: number): number => Math.floor(dice[i] * below);

type Step = (x: Pair, dice: Dice) => Pair[];

function cutInto(
  { model, tensor: x }: Pair,
  axis: number,
  begin: number,
  length: number,
  step: number,
): Model {
  const place = (index: number[]): number[] => replaced(index, axis, begin + index[axis] * step);
  return gather(model, replaced(x.shape, axis, length), place);
}

/** Views; each is a step on a tensor of at least one axis of at least one element. */
const views: Record<string, Step> = {
  narrow(x, dice) {
    const axis = choose(dice, 0, x.model.shape.length);
    const size = x.model.shape[axis];
    const begin = choose(dice, 1, size);
    const length = 1 + choose(dice, 2, size - begin);
    return [{ model: cutInto(x, axis, begin, length, 1), tensor: x.tensor.narrow(axis, begin, length) }];
  },
  slice(x, dice) {
    const axis = choose(dice, 0, x.model.shape.length);
    const size = x.model.shape[axis];
    const begin = choose(dice, 1, size);
    const step = 1 + choose(dice, 2, 3);
    const end = begin + 1 + choose(dice, 3, size - begin);
    const model = cutInto(x, axis, begin, Math.ceil((end - begin) / step), step);
    return [{ model, tensor: x.tensor.slice(axis - x.model.shape.length, begin - size, end, step) }];
  },
  select(x, dice) {
    const axis = choose(dice, 0, x.model.shape.length);
    const at = choose(dice, 1, x.model.shape[axis]);
    const model = gather(x.model, removed(x.model.shape, axis), (index) => inserted(index, axis, at));
    return [{ model, tensor: x.tensor.select(axis, at) }];
  },
  split(x, dice) {
    const axis = choose(dice, 0, x.model.shape.length);
    const size = x.model.shape[axis];
    const first = choose(dice, 1, size + 1);
    const models = [cutInto(x, axis, 0, first, 1), cutInto(x, axis, first, size - first, 1)];
    return x.tensor.split([first, size - first], axis).map((part, i) => ({ model: models[i], tensor: part }));
  },
  permute(x, dice) {
    const order = x.model.shape
      .map((_, axis) => axis)
      .sort((a, b) => dice[a % dice.length] - dice[b % dice.length] || a - b);
    const back = (index: number[]): number[] => order.map((_, axis) => index[order.indexOf(axis)]);
    const model = gather(
      x.model,
      order.map((axis) => x.model.shape[axis]),
      back,
    );
    return [{ model, tensor: x.tensor.permute(order) }];
  },
  reshape(x, dice) {
    const n = x.model.elements.length;
    const divisors = Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
    const first = divisors[choose(dice, 0, divisors.length)];
    const shape = dice[1] < 0.2 ? [n] : dice[1] < 0.6 ? [first, n / first] : [first, 1, n / first];
    const asked = dice[2] < 0.3 ? replaced(shape, shape.length - 1, -1) : shape;
    return [{ model: { ...x.model, shape }, tensor: x.tensor.reshape(asked) }];
  },
  unsqueeze(x, dice) {
    const axis = choose(dice, 0, x.model.shape.length + 1);
    return [
      { model: { ...x.model, shape: inserted(x.model.shape, axis, 1) }, tensor: x.tensor.unsqueeze(axis) },
    ];
  },
  squeeze(x, dice) {
    const axis = choose(dice, 0, x.model.shape.length);
    const shape = x.model.shape[axis] === 1 ? removed(x.model.shape, axis) : x.model.shape;
    return [{ model: { ...x.model, shape }, tensor: x.tensor.squeeze(axis) }];
  },
  flatten(x, dice) {
    const start = choose(dice, 0, x.model.shape.length);
    const merged = numel(x.model.shape.slice(start));
    return [
      {
        model: { ...x.model, shape: [...x.model.shape.slice(0, start), merged] },
        tensor: x.tensor.flatten(start),
      },
    ];
  },
  expand(x, dice) {
    const shape = x.model.shape.map((size) => (size === 1 ? 1 + choose(dice, 0, 3) : size));
    const full = dice[1] < 0.5 ? shape : [2, ...shape];
    const lead = full.length - x.model.shape.length;
    const place = (index: number[]): number[] =>
      index.slice(lead).map((i, axis) => (x.model.shape[axis] === 1 ? 0 : i));
    return [{ model: gather(x.model, full, place), tensor: x.tensor.expand(full) }];
  },
};

/** Steps that compute, so that views of results and of leaves mix. */
const sums: Record<string, Step> = {
  triple: ({ model, tensor: x }) => [
    {
      model: { ...model, elements: model.elements.map((weights) => weights.map((w) => 3 * w)) },
      tensor: x.mul(3),
    },
  ],
  twice: ({ model, tensor: x }) => [
    {
      model: { ...model, elements: model.elements.map((weights) => weights.map((w) => 2 * w)) },
      tensor: x.add(x),
    },
  ],
};

interface Program {
  readonly shape: Shape;
  readonly steps: readonly { readonly op: string; readonly on: number; readonly dice: Dice }[];
  readonly weights: readonly number[];
}

function programs(ops: readonly string[]): fc.Arbitrary<Program> {
  const fraction = fc.integer({ min: 0, max: 999 }).map((n) => n / 1000);
  const step = fc.record({
    op: fc.constantFrom(...ops),
    on: fraction,
    dice: fc.array(fraction, { minLength: 4, maxLength: 4 }),
  });
  return fc.record({
    shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
    steps: fc.array(step, { minLength: 1, maxLength: 7 }),
    weights: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 5, maxLength: 5 }),
  });
}

const values = (n: number): number[] => Array.from({ length: n }, (_, i) => ((7 * i + 3) % 23) - 11);

/** Runs a program: every tensor made, with its model. Large or empty tensors are not built upon. */
function runProgram({ shape, steps }: Program, requiresGrad: boolean): { leaf: Tensor; pool: Pair[] } {
  const n = numel(shape);
  const leaf = tensor(Float32Array.from(values(n)), { shape, requiresGrad });
  const unit = (i: number): Float64Array => Float64Array.from({ length: n }, (_, j) => Number(i === j));
  const pool: Pair[] = [
    { model: { shape, elements: Array.from({ length: n }, (_, i) => unit(i)) }, tensor: leaf },
  ];
  for (const { op, on, dice } of steps) {
    const x = pool[choose([on], 0, pool.length)];
    if (x.model.shape.length === 0 || x.model.elements.length === 0 || x.model.elements.length > 300)
      continue;
    pool.push(...(views[op] ?? sums[op])(x, dice));
  }
  return { leaf, pool };
}

function expectValues({ model, tensor: x }: Pair, start: readonly number[]): void {
  expect(x.shape).toEqual(model.shape);
  const wanted = model.elements.map((weights) => weights.reduce((sum, w, i) => sum + w * start[i], 0));
  expect([...x.toTypedArray()]).toEqual(wanted.map((value) => value + 0));
}

/** Cotangents of a tensor: small integers, so that sums are exact. */
function cotangent({ weights }: Program, tensorAt: number, n: number): number[] {
  return Array.from({ length: n }, (_, i) => weights[(i + tensorAt) % weights.length] * ((i % 3) + 1));
}

/** What the leaf's gradient must be when each tensor of the pool has its cotangent. */
function expectedGradient(program: Program, pool: readonly Pair[], used: (at: number) => boolean): number[] {
  const total = new Float64Array(numel(program.shape));
  for (const [at, { model }] of pool.entries()) {
    if (!used(at)) continue;
    const weights = cotangent(program, at, model.elements.length);
    for (const [i, element] of model.elements.entries()) {
      for (let j = 0; j < total.length; j++) total[j] += weights[i] * element[j];
    }
  }
  return [...total].map((value) => value + 0);
}

function leavesNothing(body: () => void): void {
  const before = memory();
  scope(body);
  const { liveBytes, liveTensors } = memory();
  expect({ liveBytes, liveTensors }).toEqual({
    liveBytes: before.liveBytes,
    liveTensors: before.liveTensors,
  });
}

describe("chains of views", () => {
  test("show the elements of the model", () => {
    fc.assert(
      fc.property(programs([...Object.keys(views), ...Object.keys(sums)]), (program) => {
        leavesNothing(() => {
          const { pool } = runProgram(program, false);
          for (const pair of pool) expectValues(pair, values(numel(program.shape)));
        });
      }),
      { numRuns: 300 },
    );
  });

  test("collect the gradient of a loss over all of them", () => {
    fc.assert(
      fc.property(programs([...Object.keys(views), ...Object.keys(sums)]), fc.nat(), (program, mask) => {
        leavesNothing(() => {
          const { leaf, pool } = runProgram(program, true);
          const used = (at: number): boolean => at === pool.length - 1 || ((mask >> at) & 1) === 1;
          let loss: Tensor | null = null;
          for (const [at, { tensor: x }] of pool.entries()) {
            if (!used(at)) continue;
            const weights = tensor(Float32Array.from(cotangent(program, at, x.numel)), { shape: x.shape });
            const part = x.mul(weights).sum();
            loss = loss === null ? part : loss.add(part);
          }
          loss?.backward();
          expect([...(leaf.grad as Tensor).toTypedArray()]).toEqual(expectedGradient(program, pool, used));
        });
      }),
      { numRuns: 250 },
    );
  });

  test("take a gradient one after the other, straight into the leaf's", () => {
    fc.assert(
      fc.property(
        programs(["narrow", "slice", "select", "split", "permute", "reshape", "unsqueeze"]),
        (program) => {
          leavesNothing(() => {
            const { leaf, pool } = runProgram(program, true);
            for (const [at, { tensor: x }] of pool.entries()) {
              const weights = Float32Array.from(cotangent(program, at, x.numel));
              x.backward(tensor(weights, { shape: x.shape }), { retainGraph: true });
            }
            expect([...(leaf.grad as Tensor).toTypedArray()]).toEqual(
              expectedGradient(program, pool, () => true),
            );
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  test("are windows: writing through one changes what the others show, and nothing else", () => {
    const sharing = ["narrow", "slice", "select", "split", "permute", "unsqueeze", "squeeze"];
    fc.assert(
      fc.property(
        programs(sharing),
        fc.nat(),
        fc.constantFrom("fill", "add", "mul", "copy"),
        (program, which, write) => {
          leavesNothing(() => {
            const { pool } = runProgram(program, false);
            const { model, tensor: target } = pool[which % pool.length];
            const start = values(numel(program.shape));
            const changed = [...start];
            for (const [i, element] of model.elements.entries()) {
              const j = element.indexOf(1);
              changed[j] = { fill: 5, add: start[j] + 2, mul: 3 * start[j], copy: i }[write];
            }
            noGrad(() => {
              if (write === "fill") target.fill_(5);
              else if (write === "add") target.add_(2);
              else if (write === "mul") target.mul_(3);
              else target.copy_(tensor(Float32Array.from(model.elements.keys()), { shape: target.shape }));
            });
            for (const pair of pool) expectValues(pair, changed);
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("gradients of overlapping views", () => {
  const gradientOf = (use: (x: Tensor) => Tensor): number[] =>
    scope(() => {
      const x = tensor([1, 2, 3, 4, 5, 6], { requiresGrad: true });
      use(x).backward();
      return [...(x.grad as Tensor).toTypedArray()];
    });

  test("disjoint slabs that leave a gap", () => {
    expect(
      gradientOf((x) =>
        x
          .narrow(0, 4, 2)
          .mul(2)
          .sum()
          .add(x.narrow(0, 0, 1).sum()),
      ),
    ).toEqual([1, 0, 0, 0, 2, 2]);
  });

  test("overlapping narrows", () => {
    expect(
      gradientOf((x) =>
        x
          .narrow(0, 0, 4)
          .sum()
          .add(x.narrow(0, 2, 4).mul(10).sum()),
      ),
    ).toEqual([1, 1, 11, 11, 10, 10]);
  });

  test("a part and the whole, in both orders", () => {
    expect(gradientOf((x) => x.narrow(0, 1, 2).mul(5).sum().add(x.sum()))).toEqual([1, 6, 6, 1, 1, 1]);
    expect(gradientOf((x) => x.sum().add(x.narrow(0, 1, 2).mul(5).sum()))).toEqual([1, 6, 6, 1, 1, 1]);
  });

  test("slabs of different axes", () => {
    const wide = (x: Tensor): Tensor => x.reshape([2, 3]);
    expect(
      gradientOf((x) =>
        wide(x)
          .narrow(0, 0, 1)
          .sum()
          .add(wide(x).narrow(1, 0, 1).mul(10).sum()),
      ),
    ).toEqual([11, 1, 1, 10, 0, 0]);
  });

  test("a view of the leaf's own gradient shape", () => {
    scope(() => {
      const x = tensor(
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
        { requiresGrad: true },
      );
      x.t().select(0, 1).square().sum().backward();
      expect(x.grad?.toArray()).toEqual([
        [0, 4, 0],
        [0, 10, 0],
      ]);
      expect(x.t().grad?.toArray()).toEqual([
        [0, 0],
        [4, 10],
        [0, 0],
      ]);
    });
  });
});
