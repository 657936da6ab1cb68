// What references cannot say of ops that move and multiply: which results are views, and what is refused, with PyTorch's
// limits.
import {
  arange,
  broadcastTensors,
  einsum,
  linspace,
  meshgrid,
  ones,
  scope,
  type Tensor,
  tensor,
  vstack,
  zeros,
} from "@saccade/core";
import { describe, expect, test } from "vitest";
import { errorOf, live, withEngine } from "./engine.ts";

withEngine({ variant: "simd", development: true, maximumBytes: 1 << 26 });

const image = (...shape: number[]): Tensor => arange(shape.reduce((n, size) => n * size, 1)).reshape(shape);

describe("memory", () => {
  const square = (): Tensor => ones([4, 4]);
  const views: [string, (x: Tensor) => Tensor][] = [
    ["diagonal", (x) => x.diagonal(1)],
    ["diag of a matrix", (x) => x.diag()],
    ["movedim", (x) => x.movedim(0, 1)],
    ["unflatten", (x) => x.unflatten(0, [2, 2])],
    ["unbind", (x) => x.unbind(1)[2]],
    ["tensorSplit", (x) => x.tensorSplit(3)[1]],
    ["broadcastTo", (x) => x.broadcastTo([2, 4, 4])],
    ["slice forwards", (x) => x.slice(0, 0, 4, 2)],
    ["einsum of one operand", (x) => einsum("ii->i", x)],
  ];
  test.each(views)("%s shows the tensor's own memory", (_, op) => {
    scoped(() => {
      const x = square();
      expect(op(x).storage).toBe(x.storage);
    });
  });

  const copies: [string, (x: Tensor) => Tensor][] = [
    ["flip", (x) => x.flip([0])],
    ["roll", (x) => x.roll(1, 0)],
    ["pad by nothing", (x) => x.pad([0, 0])],
    ["rot90 by nothing", (x) => x.rot90(0)],
    ["repeat once", (x) => x.repeat([1, 1])],
    ["repeatInterleave once", (x) => x.repeatInterleave(1, 0)],
    ["repeat of one element", (x) => x.narrow(0, 0, 1).narrow(1, 0, 1).repeat([5, 1])],
    ["slice backwards", (x) => x.slice(0, null, null, -1)],
    ["tril", (x) => x.tril()],
  ];
  test.each(copies)("%s has memory of its own", (_, op) => {
    scoped(() => {
      const x = square();
      expect(op(x).storage).not.toBe(x.storage);
    });
  });
});

describe("refusals", () => {
  const refused: [string, () => unknown, RegExp][] = [
    ["an odd number of pads", () => image(3, 4).pad([1]), /two integers for each of at most 2 axes/],
    ["pads for more axes than there are", () => image(3).pad([1, 1, 1, 1]), /at most 1 axes/],
    ["cutting off more than there is", () => image(3).pad([-4, 9]), /more is cut off/],
    [
      "reflecting as much as there is",
      () => image(2, 3).pad([3, 0], { mode: "reflect" }),
      /reflect pads less/,
    ],
    ["circling round twice", () => image(1, 2, 3).pad([4, 0], { mode: "circular" }), /at most what is left/],
    ["reflecting down to nothing", () => image(2, 4).pad([-2, -2], { mode: "reflect" }), /nothing is left/],
    ["replicating no channels", () => zeros([1, 0, 3]).pad([1, 1], { mode: "replicate" }), /only a batch/],
    [
      "a value beside a mode",
      () => image(2, 3).pad([1, 1], { mode: "reflect", value: 1 }),
      /only the constant/,
    ],
    ["an unknown mode", () => image(2, 3).pad([1, 1], { mode: "mirror" as never }), /mode is constant/],
    ["a step of 0", () => image(3).slice(0, 0, 3, 0), /the step not 0/],
    ["an axis flipped twice", () => image(2, 3).flip([0, -2]), /appears twice/],
    ["shifts without their axes", () => image(2, 3).roll([1, 2]), /one shift/],
    ["negative repeats", () => image(2, 3).repeat([1, -1]), /integers >= 0/],
    [
      "a negative count",
      () => image(2).repeatInterleave(tensor([1, -1], { dtype: "i32" })),
      /count -1 at \[1\]/,
    ],
    [
      "a sum of counts beyond i32",
      () => image(2).repeatInterleave(tensor([2 ** 30, 2 ** 30], { dtype: "i32" })),
      /sum of counts/,
    ],
    [
      "counts that do not fit",
      () => image(2).repeatInterleave(tensor([1, 2, 3], { dtype: "i32" })),
      /there must be 2/,
    ],
    ["a diagonal of one axis", () => image(2, 3).diagonal(0, 1, -1), /the same axis/],
    ["the trace of a vector", () => image(3).trace(), /wants a matrix/],
    ["an unflatten that does not fit", () => image(2, 6).unflatten(1, [4, -1]), /does not split/],
    ["a −1 beside a 0", () => image(0, 5).reshape([0, -1]), /may be any size/],
    ["vectors that do not stack", () => vstack([image(2), image(3)]), /differs/],
    ["shapes that do not broadcast", () => broadcastTensors(image(2), image(3)), /do not broadcast/],
    ["a matrix as a vector of a grid", () => meshgrid([image(2, 3)]), /wants vectors/],
    ["steps below 0", () => linspace(0, 1, -1), /integer >= 0/],
    ["too few terms", () => einsum("ij,jk->ik", image(2, 3)), /terms for 2 tensors, got 1/],
    ["sizes that differ", () => einsum("ij,jk->ik", image(2, 3), image(4, 5)), /sizes 3 and 4/],
    ["a diagonal of unequal axes", () => einsum("ii", image(2, 3)), /2 and 3 of one tensor/],
    ["an unknown output", () => einsum("ij->ik", image(2, 3)), /no term has/],
    ["a repeated output", () => einsum("ij->ii", image(2, 3)), /twice/],
    ["a label that is none", () => einsum("i1", image(2, 3)), /letters and one/],
    ["ranks that do not match", () => image(2, 3).mm(image(3)), /2 and 2 axes/],
    ["batches that differ", () => image(1, 2, 3).bmm(image(2, 3, 2)), /batches/],
    ["axes that do not pair up", () => image(2, 3).tensordot(image(2, 3), 1), /do not pair up/],
    ["vectors of two", () => image(2, 2).cross(image(2, 2)), /size 3/],
    ["inner sizes that differ", () => image(2, 3).matmul(image(2, 3)), /inner sizes 3 and 2 differ/],
  ];
  test.each(refused)("%s", (_, act, message) => {
    const before = live();
    expect(errorOf(() => scoped(act)).message).toMatch(message);
    expect(live()).toEqual(before);
  });
});

function scoped(act: () => unknown): void {
  scope(() => {
    act();
  });
}
