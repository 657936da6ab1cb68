// Where gradients of views go: straight into the buffer of the whole. The first part written to a place writes, later
// ones add, and what no part covered is zero; each case is compared with the sum it stands for.
import { cat, scope, type Tensor, tensor } from "@saccade/core";
import { expect, test } from "vitest";
import { inBothBuilds } from "./engine.ts";

const rows = [
  [1, 2, 3, 4],
  [5, 6, 7, 8],
  [9, 10, 11, 12],
];

/** dx of sum(body(x) · w) for w = 1, 2, 3, …, by x's elements. */
function gradientOf(
  body: (x: Tensor) => Tensor,
  make: () => Tensor = () => tensor(rows, { requiresGrad: true }),
): unknown {
  return scope(() => {
    const x = make();
    const y = body(x);
    const weights = tensor(
      Float32Array.from({ length: y.numel }, (_, i) => i + 1),
      { shape: y.shape },
    );
    y.backward(weights);
    return x.grad!.toArray();
  });
}

inBothBuilds(() => {
  test("all parts of a split, used in any order", () => {
    const twisted = (x: Tensor): Tensor => {
      const [a, b, c] = x.split([1, 2, 1], 1);
      return cat([c.mul(100), a, b.mul(10)], 1);
    };
    expect(gradientOf(twisted)).toEqual([
      [2, 30, 40, 100],
      [6, 70, 80, 500],
      [10, 110, 120, 900],
    ]);
  });

  test("parts of a result, not only of a leaf", () => {
    const inner = (x: Tensor): Tensor => {
      const [a, , c] = x.mul(2).split(1, 0);
      return cat([c, a.mul(10)], 0);
    };
    expect(gradientOf(inner)).toEqual([
      [100, 120, 140, 160],
      [0, 0, 0, 0],
      [2, 4, 6, 8],
    ]);
  });

  test("an unused part is zero: first, middle, last, on either axis", () => {
    expect(
      gradientOf((x) =>
        x
          .narrow(0, 1, 2)
          .exp()
          .mul(0)
          .add(x.narrow(0, 1, 2)),
      ),
    ).toEqual([
      [0, 0, 0, 0],
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
    expect(gradientOf((x) => cat([x.select(0, 0), x.select(0, 2)]))).toEqual([
      [1, 2, 3, 4],
      [0, 0, 0, 0],
      [5, 6, 7, 8],
    ]);
    expect(gradientOf((x) => x.narrow(1, 0, 3).mul(2))).toEqual([
      [2, 4, 6, 0],
      [8, 10, 12, 0],
      [14, 16, 18, 0],
    ]);
  });

  test("overlapping parts add up", () => {
    expect(gradientOf((x) => cat([x.narrow(0, 0, 2), x.narrow(0, 1, 2)]))).toEqual([
      [1, 2, 3, 4],
      [14, 16, 18, 20],
      [13, 14, 15, 16],
    ]);
    expect(gradientOf((x) => cat([x.narrow(0, 0, 1), x.narrow(0, 0, 1)]))).toEqual([
      [6, 8, 10, 12],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  test("two operands that get the same gradient do not share its memory", () => {
    scope(() => {
      const [a, b] = [tensor([1, 2], { requiresGrad: true }), tensor([3, 4], { requiresGrad: true })];
      const tripled = a.mul(3);
      a.add(b)
        .add(tripled)
        .backward(tensor([1, 10]));
      expect(a.grad!.toArray()).toEqual([4, 40]);
      expect(b.grad!.toArray()).toEqual([1, 10]);
    });
  });

  test("parts along different axes, and a part beside the whole", () => {
    const crossed = (x: Tensor): Tensor => cat([x.select(0, 1), x.select(1, 2)]);
    expect(gradientOf(crossed)).toEqual([
      [0, 0, 5, 0],
      [1, 2, 9, 4],
      [0, 0, 7, 0],
    ]);
    expect(gradientOf((x) => x.narrow(0, 0, 1).add(x))).toEqual([
      [16, 20, 24, 28],
      [5, 6, 7, 8],
      [9, 10, 11, 12],
    ]);
    expect(gradientOf((x) => x.mul(1).add(x.narrow(0, 2, 1)))).toEqual([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [24, 28, 32, 36],
    ]);
  });

  test("parts of parts, strided parts and single elements", () => {
    expect(gradientOf((x) => x.narrow(0, 1, 2).narrow(0, 1, 1).mul(2))).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [2, 4, 6, 8],
    ]);
    expect(gradientOf((x) => x.slice(1, 0, 4, 2))).toEqual([
      [1, 0, 2, 0],
      [3, 0, 4, 0],
      [5, 0, 6, 0],
    ]);
    expect(gradientOf((x) => x.select(0, 2).select(0, 3).mul(7))).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 7],
    ]);
    expect(gradientOf((x) => x.t().narrow(0, 1, 1))).toEqual([
      [0, 1, 0, 0],
      [0, 2, 0, 0],
      [0, 3, 0, 0],
    ]);
    expect(gradientOf((x) => x.view([2, 6]).narrow(0, 1, 1))).toEqual([
      [0, 0, 0, 0],
      [0, 0, 1, 2],
      [3, 4, 5, 6],
    ]);
  });

  test("an empty part is no part", () => {
    expect(gradientOf((x) => cat([x.narrow(0, 1, 0), x.narrow(0, 0, 1)]))).toEqual([
      [1, 2, 3, 4],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  test("a permuted dense root keeps its order of elements", () => {
    const permuted = (): Tensor => tensor(rows).t().detach().requiresGrad_();
    const plain = gradientOf((x) => x.mul(x).mul(2), permuted);
    expect(plain).toEqual([
      [4, 40, 108],
      [32, 120, 240],
      [84, 224, 396],
      [160, 352, 576],
    ]);
    expect(gradientOf((x) => x.t(), permuted)).toEqual([
      [1, 5, 9],
      [2, 6, 10],
      [3, 7, 11],
      [4, 8, 12],
    ]);
    expect(gradientOf((x) => x.narrow(0, 1, 1).add(0), permuted)).toEqual([
      [0, 0, 0],
      [1, 2, 3],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(gradientOf((x) => x.add(x.contiguous()), permuted)).toEqual([
      [2, 4, 6],
      [8, 10, 12],
      [14, 16, 18],
      [20, 22, 24],
    ]);
  });

  test("a leaf that begins inside its storage", () => {
    const inside = (): Tensor => tensor(rows).narrow(0, 1, 2).detach().requiresGrad_();
    expect(gradientOf((x) => x.narrow(0, 1, 1).mul(3), inside)).toEqual([
      [0, 0, 0, 0],
      [3, 6, 9, 12],
    ]);
    expect(gradientOf((x) => x.t(), inside)).toEqual([
      [1, 3, 5, 7],
      [2, 4, 6, 8],
    ]);
  });

  test("expand and broadcasting sum over what they repeated", () => {
    const vector = (): Tensor => tensor([1, 2], { requiresGrad: true });
    expect(gradientOf((x) => x.expand([3, 2]), vector)).toEqual([9, 12]);
    expect(gradientOf((x) => x.unsqueeze(1).expand([2, 3]), vector)).toEqual([6, 15]);
    expect(gradientOf((x) => x.narrow(0, 0, 1).expand([4]), vector)).toEqual([10, 0]);
    expect(gradientOf((x) => x.add(tensor([[1], [2]])).mul(x), vector)).toEqual([
      1 * 3 + 3 * 4,
      2 * 5 + 4 * 6,
    ]);
    expect(
      gradientOf(
        (x) => x.mul(5),
        () => tensor(3, { requiresGrad: true }),
      ),
    ).toBe(5);
  });

  test("the 0-norm is flat", () => {
    const zeros = rows.map((row) => row.map(() => 0));
    expect(gradientOf((x) => x.norm(0, 1))).toEqual(zeros);
    expect(gradientOf((x) => x.cdist(x, { p: 0 }))).toEqual(zeros);
  });
});
