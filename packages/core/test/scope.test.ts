// Scopes: what they free, what they let out, and what they refuse.
import { nn, noGrad, ones, persistent, type Scope, scope, type Tensor, tensor, zeros } from "@saccade/core";
import { describe, expect, test, vi } from "vitest";
import { errorOf, live, withEngine } from "./engine.ts";

withEngine({ variant: "simd" });

describe("scope(body)", () => {
  test("frees everything made inside, anonymous intermediates included, and keeps the result", () => {
    const before = live();
    const x = tensor([1, 2, 3]);
    const y = scope(() => x.add(1).mul(2).exp().log().sum());
    expect(y.item()).toBeCloseTo(18, 4);
    expect(live().liveTensors).toBe(before.liveTensors + 2);
    x.dispose();
    y.dispose();
    expect(live()).toEqual(before);
  });

  test("keeps tensors in arrays, plain objects and maps, however deep", () => {
    const kept = scope(() => {
      ones([100]);
      const bare = Object.create(null) as { f?: Tensor };
      bare.f = ones([2]);
      return { a: [ones([2]), { b: new Map([["c", ones([2])]]) }], d: ones([2]), bare, e: 7, n: null };
    });
    const tensors = [
      kept.a[0] as Tensor,
      (kept.a[1] as { b: Map<string, Tensor> }).b.get("c")!,
      kept.d,
      kept.bare.f!,
    ];
    for (const x of tensors) {
      expect(x.toArray()).toEqual([1, 1]);
      x.dispose();
    }
  });

  test("a result that refers to itself is walked once", () => {
    const ring: { x?: Tensor; self?: object } = {};
    scope(() => {
      ring.x = ones([1]);
      ring.self = ring;
      return ring;
    });
    expect(ring.x!.item()).toBe(1);
    ring.x!.dispose();
  });

  test("hands what it keeps to the scope around it", () => {
    let inner: Tensor | undefined;
    scope(() => {
      inner = scope(() => ones([3]).add(1));
      expect(inner.isDisposed).toBe(false);
    });
    expect(inner!.isDisposed).toBe(true);
  });

  test("leaves tensors of an outer scope to that scope", () => {
    scope(() => {
      const outer = ones([2]);
      scope(() => outer);
      expect(outer.toArray()).toEqual([1, 1]);
      expect(outer.scope).not.toBeNull();
    });
  });

  test("returning what it does not own changes nothing: tensors of scopes further out, persistent ones", () => {
    const lasting = ones([1]);
    scope(() => {
      const outermost = ones([2]);
      scope(() => {
        scope(() => [outermost, lasting]);
      });
      expect([outermost.isDisposed, lasting.isDisposed]).toEqual([false, false]);
    });
    expect(lasting.isDisposed).toBe(false);
    lasting.dispose();
  });

  test("lets go of what is disposed before it ends", () => {
    scope(() => {
      const x = ones([1]);
      x.dispose();
      expect(x.scope).toBeNull();
    });
  });

  test("disposes on a throw and lets the error through", () => {
    let made: Tensor | undefined;
    const fail = (): never => {
      made = ones([2]);
      throw new RangeError("mine");
    };
    expect(() => scope(fail)).toThrow(new RangeError("mine"));
    expect(made!.isDisposed).toBe(true);
  });

  test("refuses a function that returns a promise, whose own failure is not reported beside it", async () => {
    const late = vi.fn();
    process.once("unhandledRejection", late);
    const error = errorOf(() =>
      scope(async () => {
        const x = ones([2]);
        await Promise.resolve();
        return x.add(1);
      }),
    );
    expect(error.code).toBe("scope");
    expect(error.message).toMatch(/returned a Promise/);
    await new Promise((resolve) => setTimeout(resolve, 5));
    process.removeListener("unhandledRejection", late);
    expect(late).not.toHaveBeenCalled();
  });

  test("reading a tensor leaves nothing behind", () => {
    scope(() => {
      const columns = tensor([
        [1, 2],
        [3, 4],
      ]).t();
      const before = live();
      expect(columns.toArray()).toEqual([
        [1, 3],
        [2, 4],
      ]);
      expect(String(columns)).toBe("Tensor((2, 2), f32)");
      expect(columns.toTypedArray()).toEqual(Float32Array.of(1, 3, 2, 4));
      expect(live()).toEqual(before);
    });
  });
});

describe("using step = scope()", () => {
  test("frees at the end of the block and keeps what it is told to", () => {
    let made: Tensor;
    let kept: Tensor;
    {
      using step = scope();
      made = ones([4]);
      kept = step.keep(made.mul(3));
    }
    expect(made.isDisposed).toBe(true);
    expect(kept.toArray()).toEqual([3, 3, 3, 3]);
    kept.dispose();
  });

  test("frees when the block throws", () => {
    let made: Tensor | undefined;
    expect(() => {
      using _step = scope();
      made = ones([4]);
      throw new Error("mine");
    }).toThrow("mine");
    expect(made!.isDisposed).toBe(true);
  });

  test("disposing twice is harmless", () => {
    const step = scope();
    ones([1]);
    step[Symbol.dispose]();
    step[Symbol.dispose]();
  });

  test("a scope open across an await is an error in development, and frees", async () => {
    let made: Tensor | undefined;
    const run = async (): Promise<void> => {
      using _step = scope();
      made = ones([4]);
      await Promise.resolve();
    };
    await expect(run()).rejects.toThrow(/open across an `await`/);
    expect(made!.isDisposed).toBe(true);
  });

  test("scopes closed out of order are an error", () => {
    const outer: Scope = scope();
    const inner: Scope = scope();
    expect(errorOf(() => outer[Symbol.dispose]()).code).toBe("scope");
    inner[Symbol.dispose]();
  });
});

describe("persistent", () => {
  test("what is made inside outlives every scope", () => {
    const x = scope(() => {
      const made = persistent(() => {
        const temporary = ones([2]);
        const result = temporary.add(1);
        temporary.dispose();
        return result;
      });
      return [made];
    })[0];
    expect(x.scope).toBeNull();
    expect(x.toArray()).toEqual([2, 2]);
    x.dispose();
  });

  test("a scope inside it frees as usual, and what it keeps is persistent", () => {
    scope(() => {
      const x = persistent(() => scope(() => ones([2]).add(1)));
      expect(x.scope).toBeNull();
      x.dispose();
    });
  });

  test("ends on a throw", () => {
    scope(() => {
      expect(() =>
        persistent(() => {
          throw new Error("mine");
        }),
      ).toThrow("mine");
      expect(ones([1]).scope).not.toBeNull();
    });
  });

  test("it and noGrad refuse a function that returns a promise", async () => {
    for (const run of [persistent, noGrad]) {
      const error = errorOf(() =>
        run(async () => {
          await Promise.resolve();
          throw new Error("late");
        }),
      );
      expect(error.message).toMatch(/returned a Promise/);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

describe("module fields", () => {
  class Holder extends nn.Module {
    mask: Tensor | null = null;
    override forward(): void {}
  }

  test("an adopted tensor in a field is an error that names the field", () => {
    scope(() => {
      const holder = new Holder();
      const error = errorOf(() => {
        holder.mask = ones([2]);
      });
      expect(error.code).toBe("scope");
      expect(error.message).toContain("Holder.mask");
      expect(error.message).toContain("persistent");
      expect(holder.mask).toBeNull();
    });
  });

  test("a class field that makes one is refused, too", () => {
    class Bad extends nn.Module {
      table = zeros([2]);
      override forward(): void {}
    }
    expect(errorOf(() => scope(() => new Bad())).message).toContain("Bad.table");
  });

  test("persistent tensors, parameters and registered buffers are taken", () => {
    const holder = scope(() => {
      const made = new Holder();
      made.mask = persistent(() => ones([2]));
      made.registerBuffer("table", ones([3]));
      return made;
    });
    expect([...holder.namedBuffers()].map(([name]) => name)).toEqual(["mask", "table"]);
    expect(holder.mask!.toArray()).toEqual([1, 1]);
    holder.dispose();
  });
});

describe("use after dispose", () => {
  test("names who disposed", () => {
    const x = ones([2, 3]);
    x.dispose();
    x.dispose();
    expect(errorOf(() => x.add(1)).message).toContain("(2, 3) is used after it was disposed (dispose())");
    const y = scope(() => [ones([2])].map((t) => ({ hidden: () => t })))[0].hidden();
    const error = errorOf(() => y.toArray());
    expect(error.code).toBe("disposed");
    expect(error.message).toContain("its scope ended");
    const layer = new nn.Linear(2, 2);
    layer.dispose();
    expect(errorOf(() => scope(() => layer.forward(ones([1, 2])))).message).toContain(
      "its module was disposed",
    );
  });

  test("is refused by backward, views, in-place writes and readers", () => {
    const x = ones([2, 2], { requiresGrad: true });
    x.dispose();
    const uses: (() => unknown)[] = [
      () => x.backward(ones([2, 2])),
      () => x.t(),
      () => x.detach(),
      () => x.toArray(),
      () => noGrad(() => x.zero_()),
    ];
    for (const use of uses) {
      expect(errorOf(() => scope(use)).code).toBe("disposed");
    }
  });
});

describe("views", () => {
  test("share storage, which goes with the last of them", () => {
    const start = live().liveBytes;
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const size = live().liveBytes - start;
    const row = x.select(0, 1);
    const other = row.narrow(0, 1, 2);
    const same = x.detach();
    expect(live().liveBytes - start).toBe(size);
    x.dispose();
    row.dispose();
    same.dispose();
    expect(live().liveBytes - start).toBe(size);
    expect(other.toArray()).toEqual([5, 6]);
    other.dispose();
    expect(live().liveBytes).toBe(start);
  });

  test("a write through one is seen through the other", () => {
    scope(() => {
      const x = zeros([2, 2]);
      x.t().select(0, 1).fill_(7);
      expect(x.toArray()).toEqual([
        [0, 7],
        [0, 7],
      ]);
    });
  });
});
