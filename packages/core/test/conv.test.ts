// What convolutions and patches refuse and how they say it, and that their scratch stays small beside the patches.
import {
  conv1d,
  conv2d,
  convTranspose2d,
  fold,
  ones,
  scope,
  type Tensor,
  unfold,
  zeros,
} from "@saccade/core";
import { describe, expect, test } from "vitest";
import { engine } from "../src/engine.ts";
import { errorOf, withEngine } from "./engine.ts";

withEngine({ variant: "simd" });

/** The message of the error that a call in a scope of its own ends with. */
const refusal = (body: () => Tensor): string => errorOf(() => scope(body)).message;

type Options = Parameters<typeof conv2d>[3];
const convolved = (x: number[], weight: number[], options?: Options, bias?: number[]): string =>
  refusal(() => conv2d(ones(x), ones(weight), bias ? ones(bias) : null, options));

describe("conv2d refuses", () => {
  const [x, weight] = [
    [1, 4, 5, 6],
    [2, 4, 3, 3],
  ];

  test("shapes that do not fit together", () => {
    expect(convolved([5, 6], weight)).toContain("input must be of 3 to 4 axes, got Tensor((5, 6), f32)");
    expect(convolved(x, [2, 4, 3])).toContain("weight must be of 4 axes");
    expect(convolved(x, [2, 3, 3, 3])).toContain("input must be of 3 channels for the weight (2, 3, 3, 3)");
    expect(convolved(x, weight, { groups: 2 })).toContain(
      "input must be of 8 channels for the weight (2, 4, 3, 3)",
    );
    expect(convolved(x, [3, 2, 3, 3], { groups: 2 })).toContain("weight must be divisible into 2 groups");
    expect(convolved(x, [2, 4, 0, 3])).toContain("weight must be of one element or more");
    expect(convolved(x, weight, {}, [3])).toContain("bias must be (2) of f32, got Tensor((3), f32)");
    expect(convolved(x, [2, 4, 6, 3])).toContain("the image must be at least the window (6, 3)");
    expect(convolved([1, 4, 0, 6], weight, { padding: 2 })).toContain("got [0, 6]");
  });

  test("options out of range", () => {
    expect(convolved(x, weight, { stride: 0 })).toContain("stride must be an integer in 1…536870912, got 0");
    expect(convolved(x, weight, { padding: -1 })).toContain(
      "padding must be an integer in 0…536870912, got -1",
    );
    expect(convolved(x, weight, { padding: [1, 1, 1] })).toContain(
      "padding must be one number or 2, one for each axis, got [1, 1, 1]",
    );
    expect(convolved(x, weight, { dilation: 1.5 })).toContain("dilation must be an integer");
    expect(convolved(x, weight, { groups: 0 })).toContain("groups must be an integer in 1…536870912, got 0");
    expect(convolved(x, weight, { padding: "same", stride: 2 })).toContain(
      'stride must be 1 for padding "same"',
    );
    expect(convolved(x, weight, { padding: "full" as "same" })).toContain('got "full"');
    expect(convolved(x, weight, { padding: 2 ** 28 })).toContain("is too large");
  });

  test("weights of other types", () => {
    const message = refusal(() => conv2d(ones(x), ones(weight, { dtype: "i32" })));
    expect(message).toBe("conv2d: weight must be f32 (cast with to()), got Tensor((2, 4, 3, 3), i32)");
  });
});

test("convTranspose2d refuses results without elements and too much outputPadding", () => {
  const call = (options: Parameters<typeof convTranspose2d>[3]): string =>
    refusal(() => convTranspose2d(ones([1, 3, 2, 2]), ones([3, 2, 1, 1]), null, options));
  expect(call({ padding: 1 })).toContain("an input of (2, 2) gives a result of (0, 0)");
  expect(call({ outputPadding: 1 })).toContain(
    "outputPadding must be below the stride or the dilation, 1, got 1",
  );
});

test("fold and unfold say what shapes they take", () => {
  expect(refusal(() => unfold(ones([5, 6]), 2))).toContain(
    "input must be of 3 to 4 axes, got Tensor((5, 6), f32)",
  );
  expect(refusal(() => fold(ones([1, 12, 11]), [4, 5], 2))).toContain(
    "must be (N, C * 4, 12) or without N for an image (4, 5)",
  );
  expect(refusal(() => fold(ones([13, 12]), [4, 5], 2))).toContain("got Tensor((13, 12), f32)");
});

describe("far apart", () => {
  // Wide strides and paddings are geometry, not work: 2 positions in a padded image of 2^28 elements.
  test("two positions in a huge padding", () => {
    scope(() => {
      const options = { padding: [2 ** 28, 0], stride: 2 ** 28, groups: 2 };
      const y = conv1d(ones([1, 2, 3]), ones([2, 1, 1]), null, options);
      expect(y.toArray()).toEqual([
        [
          [0, 1],
          [0, 1],
        ],
      ]);
    });
  });

  test("scratch does not grow with the batch, nor as far as a patch matrix", () => {
    scope(() => {
      const x = zeros([2, 16, 96, 96], { requiresGrad: true });
      const weight = zeros([16, 16, 5, 5], { requiresGrad: true });
      conv2d(x, weight, null, { padding: 2 }).sum().backward();
      const patches = 4 * 16 * 25 * 96 * 96;
      expect(engine().ownBytes).toBeLessThan(patches / 6);
    });
  });
});
