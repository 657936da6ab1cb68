// The tape: what it records, in which order backward walks it, when it frees, and what it refuses.
import { nn, noGrad, ones, scope, type Tensor, tensor, zeros } from "@saccade/core";
import { describe, expect, test } from "vitest";
import { apply, defineOp } from "../src/op.ts";
import { empty } from "../src/tensor.ts";
import { errorOf, inBothBuilds, live, withEngine } from "./engine.ts";

const leaf = (values: Parameters<typeof tensor>[0]): Tensor => tensor(values, { requiresGrad: true });

inBothBuilds(() => {
  test("a shared subexpression is walked once, after everything that used it", () => {
    scope(() => {
      const x = leaf([2, 3]);
      const a = x.mul(x); // 2x
      const b = a.mul(a).add(a); // d = 2a + 1
      const c = b.mul(a); // a (a² + a): d = 3a² + 2a
      c.sum().backward();
      expect(x.grad!.toArray()).toEqual([2, 3].map((v) => (3 * v ** 4 + 2 * v ** 2) * 2 * v));
    });
  });

  test("one tensor as both operands", () => {
    scope(() => {
      const x = leaf([
        [1, 2],
        [3, 4],
      ]);
      x.add(x)
        .sub(x.mul(3))
        .backward(
          tensor([
            [1, 10],
            [100, 1000],
          ]),
        );
      expect(x.grad!.toArray()).toEqual([
        [-1, -10],
        [-100, -1000],
      ]);
      x.zeroGrad();
      x.matmul(x).sum().backward();
      expect(x.grad!.toArray()).toEqual([
        [7, 11],
        [9, 13],
      ]);
    });
  });

  test("gradients add up over backwards until they are forgotten", () => {
    scope(() => {
      const x = leaf([1, 2]);
      x.square().sum().backward();
      x.mul(10).sum().backward();
      x.narrow(0, 1, 1).sum().backward();
      expect(x.grad!.toArray()).toEqual([12, 15]);
      x.zeroGrad();
      expect(x.grad).toBeNull();
      x.sum().backward();
      expect(x.grad!.toArray()).toEqual([1, 1]);
    });
  });

  test("one layer used twice", () => {
    scope(() => {
      const w = leaf([
        [1, 2],
        [3, 4],
      ]);
      const x = tensor([[1, 1]]);
      x.linear(w).linear(w).sum().backward();
      // y = W W x summed: dW = 1 (W x)ᵀ + (Wᵀ 1) xᵀ
      expect(w.grad!.toArray()).toEqual([
        [3 + 4, 7 + 4],
        [3 + 6, 7 + 6],
      ]);
    });
  });
});

describe("backward", () => {
  withEngine({ variant: "simd" });

  test("frees what was saved, so a second one is an error unless the first retained the graph", () => {
    scope(() => {
      const x = leaf([3]);
      const y = x.square().sum();
      y.backward(undefined, { retainGraph: true });
      y.backward();
      expect(x.grad!.toArray()).toEqual([12]);
      const error = errorOf(() => y.backward());
      expect(error.code).toBe("autograd");
      expect(error.message).toMatch(/walked before.*retainGraph: true/);
    });
  });

  test("gives back the memory of saved tensors as it walks", () => {
    scope(() => {
      const x = leaf(new Float32Array(1000));
      const before = live().liveBytes;
      const y = scope(() => x.exp().sin().exp().sum());
      expect(live().liveBytes - before).toBeGreaterThan(2 * 4000);
      y.backward();
      x.zeroGrad();
      expect(live().liveBytes - before).toBeLessThan(400);
    });
  });

  test("createGraph, missing gradients and wrong gradients are errors", () => {
    scope(() => {
      const x = leaf([1, 2]);
      expect(errorOf(() => x.sum().backward(undefined, { createGraph: true })).code).toBe("unsupported");
      expect(errorOf(() => x.mul(2).backward()).message).toContain("(2) needs a gradient of its shape");
      expect(errorOf(() => x.mul(2).backward(ones([3]))).message).toContain(
        "(3) does not have the shape (2)",
      );
      expect(errorOf(() => x.mul(2).backward(ones([2], { dtype: "i32" }))).code).toBe("dtype");
      expect(errorOf(() => ones([1]).backward()).message).toContain("requires a gradient");
      expect(x.grad).toBeNull();
    });
  });

  test("a refused gradient leaves the graph as it was", () => {
    scope(() => {
      const x = leaf([1, 2]);
      const y = x.mul(2);
      const gone = ones([2]);
      gone.dispose();
      expect(errorOf(() => y.backward(gone)).code).toBe("disposed");
      y.backward(tensor([1, 3]));
      expect(x.grad!.toArray()).toEqual([2, 6]);
    });
  });

  test("a leaf's own backward, and one through a view of the result", () => {
    scope(() => {
      const x = leaf([
        [1, 2],
        [3, 4],
      ]);
      x.backward(
        tensor([
          [1, 2],
          [3, 4],
        ]),
      );
      x.t().backward(
        tensor([
          [10, 30],
          [20, 40],
        ]),
      );
      expect(x.grad!.toArray()).toEqual([
        [11, 22],
        [33, 44],
      ]);
      x.zeroGrad();
      x.mul(2).select(0, 1).select(0, 0).backward();
      expect(x.grad!.toArray()).toEqual([
        [0, 0],
        [2, 0],
      ]);
    });
  });

  test("an error in the middle leaves memory and gradients clean", () => {
    const failing = defineOp<readonly [Tensor, Tensor]>({
      name: "failing",
      forward([x], _attrs, call) {
        call.save(x);
        return empty(x.shape);
      },
      backward(_dy, _saved, _attrs, into) {
        into.target(1);
        throw new RangeError("mine");
      },
    });
    const x = leaf([1, 2]);
    const w = leaf([3, 4]);
    const before = live();
    expect(() =>
      scope(() =>
        x
          .add(apply(failing, [x.exp(), w.mul(1)], undefined))
          .sum()
          .backward(),
      ),
    ).toThrow("mine");
    expect([x.grad, w.grad]).toEqual([null, null]);
    expect(live()).toEqual(before);
    scope(() => x.mul(w).sum().backward());
    expect(x.grad!.toArray()).toEqual([3, 4]);
    x.dispose();
    w.dispose();
  });

  test("a tape nobody walks is freed with its outputs", () => {
    const x = leaf(new Float32Array(500));
    const before = live();
    const y = scope(() => x.exp().mul(x).softmax(0));
    expect(live().liveBytes).toBeGreaterThan(before.liveBytes + 2 * 2000);
    y.dispose();
    expect(live()).toEqual(before);
    x.dispose();
  });

  test("saved tensors outlive the disposal of the tensors themselves", () => {
    scope(() => {
      const x = leaf([1, 2]);
      const a = x.mul(3);
      const b = a.square();
      a.dispose();
      b.sum().backward();
      expect(x.grad!.toArray()).toEqual([18, 36]);
    });
  });
});

describe("a long tape", () => {
  withEngine({ variant: "simd", development: false });

  test("a chain of 100,000 ops is walked, and freed unwalked, without running out of stack", () => {
    const chain = (x: Tensor): Tensor => {
      let y = x.add(1);
      for (let i = 1; i < 100_000; i++) {
        const next = y.add(0);
        y.dispose();
        y = next;
      }
      return y;
    };
    const x = leaf([1]);
    const before = live();
    chain(x).dispose();
    expect(live()).toEqual(before);
    const y = chain(x);
    y.backward();
    expect(x.grad!.item()).toBe(1);
    y.dispose();
    x.zeroGrad();
    expect(live()).toEqual(before);
    x.dispose();
  });
});

describe("in place", () => {
  withEngine({ variant: "simd" });

  test("a change of a saved tensor is refused by name", () => {
    scope(() => {
      const x = leaf([1, 2]);
      const saved = tensor([3, 4]);
      const y = x.mul(saved).sum();
      saved.narrow(0, 1, 1).add_(1);
      const error = errorOf(() => y.backward());
      expect(error.code).toBe("autograd");
      expect(error.message).toContain("mul saved tensor 1 (2) at version 0");
      expect(error.message).toContain("version 1");
      expect(x.grad).toBeNull();
    });
  });

  test("what was not saved may change", () => {
    scope(() => {
      const x = leaf([1, 2]);
      const other = tensor([3, 4]);
      const y = x.add(other).sum();
      other.zero_();
      y.backward();
      expect(x.grad!.toArray()).toEqual([1, 1]);
    });
  });

  test("an optimizer's or a loader's write counts as a change", () => {
    scope(() => {
      const layer = new nn.Linear(2, 1, { bias: false });
      const x = leaf([[1, 2]]);
      const y = layer.forward(x).sum();
      layer.loadStateDict(new Map([["weight", ones([1, 2])]]));
      expect(errorOf(() => y.backward()).message).toContain("linear saved tensor 1");
      layer.dispose();
    });
  });

  test("a tensor that requires a gradient is written to only under noGrad", () => {
    scope(() => {
      const x = leaf([1, 2]);
      for (const write of [
        () => x.add_(1),
        () => x.mul_(x),
        () => x.zero_(),
        () => x.copy_(ones([2])),
        () => x.t().fill_(1),
      ]) {
        const error = errorOf(write);
        expect(error.code).toBe("autograd");
        expect(error.message).toContain("noGrad");
      }
      noGrad(() => x.add_(tensor([10, 20])));
      expect(x.toArray()).toEqual([11, 22]);
      expect(x.requiresGrad).toBe(true);
    });
  });
});

describe("what is recorded", () => {
  withEngine({ variant: "simd" });

  test("nothing under noGrad, views included, also after a throw inside", () => {
    scope(() => {
      const x = leaf([[1, 2]]);
      const made = noGrad(() => [x.mul(2), x.t(), x.narrow(1, 0, 1), noGrad(() => x.exp())]);
      expect(made.map((y) => y.requiresGrad)).toEqual([false, false, false, false]);
      expect(() =>
        noGrad(() => {
          throw new Error("mine");
        }),
      ).toThrow("mine");
      expect(x.mul(2).requiresGrad).toBe(true);
    });
  });

  test("detach cuts the tape and shares the values", () => {
    scope(() => {
      const x = leaf([1, 2]);
      const y = x.mul(2);
      const cut = y.detach();
      expect(cut.requiresGrad).toBe(false);
      expect(cut.storage).toBe(y.storage);
      y.mul(cut).sum().backward();
      expect(x.grad!.toArray()).toEqual([4, 8]);
    });
  });

  test("integers and comparisons have no gradient", () => {
    scope(() => {
      const x = leaf([1, 2]);
      for (const y of [x.gt(1), x.to("i32"), x.argmax(0)]) expect(y.requiresGrad).toBe(false);
      expect(errorOf(() => zeros([1], { dtype: "i32" }).requiresGrad_()).code).toBe("dtype");
    });
  });

  test("requiresGrad_ is for leaves that hold every element once", () => {
    scope(() => {
      const x = ones([4, 3]);
      expect(x.requiresGrad_()).toBe(x);
      const y = x.mul(2);
      expect(errorOf(() => y.requiresGrad_(false)).message).toContain("only leaves");
      expect(errorOf(() => y.requiresGrad_()).message).toContain("only leaves");
      expect(x.requiresGrad_(false).mul(2).requiresGrad).toBe(false);
      expect(errorOf(() => x.expand([2, 4, 3]).requiresGrad_()).message).toContain("contiguous()");
      expect(errorOf(() => x.narrow(1, 0, 2).requiresGrad_()).message).toContain("contiguous()");
      expect(x.narrow(0, 1, 2).requiresGrad_().requiresGrad).toBe(true);
    });
  });

  test("grad belongs to its leaf and goes with it", () => {
    const before = live();
    const x = leaf([1, 2]);
    const y = x.mul(2);
    scope(() => y.backward(ones([2])));
    expect(y.grad).toBeNull();
    const { grad } = x;
    expect(x.grad).toBe(grad);
    expect(scope(() => x.view([2, 1]).grad!.toArray())).toEqual([[2], [2]]);
    x.dispose();
    y.dispose();
    expect(grad!.isDisposed).toBe(true);
    expect(live()).toEqual(before);
  });

  test("grad survives the scope it was made in", () => {
    const x = leaf([1, 2]);
    scope(() => x.mul(2).sum().backward());
    expect(x.grad!.toArray()).toEqual([2, 2]);
    x.dispose();
  });
});
