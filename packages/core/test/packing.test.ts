// Packed weights: one copy at a time, the same bits back, the same results, and no silent wrong ones.
import {
  nn,
  noGrad,
  ones,
  randn,
  saveSafetensors,
  scope,
  type Tensor,
  tensor,
  withFastProducts,
  zeros,
} from "@saccade/core";
import { describe, expect, test } from "vitest";
import { errorOf, expectClose, inBothBuilds, live, withEngine } from "./engine.ts";

const numbers = (n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.fround(Math.sin(i) * 3));
const matrix = (rows: number, columns: number): Tensor =>
  tensor(numbers(rows * columns), { shape: [rows, columns] });

/** A weight (in, out) as GPT-2's Conv1D has it. */
class Conv1D extends nn.Module {
  weight: nn.Parameter;

  constructor(nIn: number, nOut: number) {
    super();
    this.weight = new nn.Parameter(matrix(nIn, nOut));
  }

  override forward(x: Tensor): Tensor {
    return x.linear(this.weight, null, { transposed: true });
  }

  override packable(): nn.Packable {
    return { weight: this.weight, transposed: false };
  }
}

function linearLayer(nIn: number, nOut: number): nn.Linear {
  const layer = new nn.Linear(nIn, nOut);
  scope(() =>
    layer.loadStateDict(
      new Map([
        ["weight", matrix(nOut, nIn)],
        ["bias", tensor(numbers(nOut))],
      ]),
    ),
  );
  return layer;
}

inBothBuilds(() => {
  const sizes = [
    [1, 1],
    [3, 5],
    [8, 8],
    [17, 9],
    [33, 31],
    [64, 40],
  ];
  const makers = { Linear: linearLayer, Conv1D: (nIn: number, nOut: number) => new Conv1D(nIn, nOut) };

  test.each(Object.entries(makers))("%s: pack and unpack give the same bits, in one copy", (_, make) => {
    for (const [nIn, nOut] of sizes) {
      using layer = make(nIn, nOut);
      const before = layer.weight.toTypedArray();
      const use = live();
      layer.pack();
      expect(layer.weight.panel).not.toBeNull();
      expect(live().liveTensors).toBe(use.liveTensors);
      expect(live().liveBytes - use.liveBytes).toBeLessThanOrEqual(7 * nIn * nOut * 4 + 64 * nIn);
      expect(layer.weight.toTypedArray()).toEqual(before);
      expect(layer.pack().unpack().weight.panel).toBeNull();
      expect(layer.weight.toTypedArray()).toEqual(before);
      expect(live()).toEqual(use);
    }
  });

  test.each(Object.entries(makers))("%s: forward gives the same packed and in rows", (_, make) => {
    for (const [nIn, nOut] of sizes) {
      using layer = make(nIn, nOut);
      scope(() =>
        noGrad(() => {
          for (const shape of [[1, nIn], [nIn], [2, nIn], [13, nIn], [2, 3, nIn]]) {
            const x = tensor(numbers(shape.reduce((a, b) => a * b)), { shape });
            const rows = layer.unpack().forward(x).toTypedArray();
            const packed = layer.pack().forward(x).toTypedArray();
            const many = shape.length > 1 && shape[0] > 1;
            // The product of many rows packs by itself; one row is read from rows and panels by different kernels.
            if (many) expect(packed).toEqual(rows);
            const scale = nIn * 9 + 3;
            expect(Math.max(...packed.map((v, i) => Math.abs(v - rows[i])))).toBeLessThanOrEqual(
              scale * 2 ** -22,
            );
          }
        }),
      );
    }
  });

  test("attention reads the rows of its packed projections that it needs", () => {
    for (const [width, bias] of [
      [16, true],
      [24, false],
    ] as const)
      scope(() => {
        using layer = new nn.MultiheadAttention(width, 2, { bias }).eval();
        const [x, y, z] = [3, 4, 4].map((length) => randn([2, length, width]));
        const uses = [
          [x, x, x],
          [x, y, y],
          [x, y, z],
        ] as const;
        const outputs = (): Float32Array[] =>
          noGrad(() =>
            scope(() => uses.map((qkv) => layer.forward(...qkv).output.toTypedArray() as Float32Array)),
          );
        const rows = outputs();
        const before = live();
        layer.pack();
        expect(outputs()).toEqual(rows);
        expect(live()).toEqual(before);
        expect([layer.in_proj_weight, layer.out_proj.weight].every((weight) => weight?.panel)).toBe(true);
        for (const dtype of ["bf16", "int8", "int4"] as const) {
          layer.pack({ dtype });
          const rounded = outputs();
          layer.unpack();
          expect(outputs(), dtype).toEqual(rounded);
        }
      });
    using odd = new nn.MultiheadAttention(6, 2).eval().pack();
    expect(odd.in_proj_weight?.panel).toBeNull(); // 6 rows end within a panel
  });

  test("an embedding tied to a packed head reads the same rows", () => {
    using head = linearLayer(19, 23);
    scope(() => {
      const ids = tensor(
        [
          [0, 22, 7],
          [8, 8, 15],
        ],
        { dtype: "i32" },
      );
      const rows = ids.embedding(head.weight).toArray();
      head.pack();
      expect(ids.embedding(head.weight).toArray()).toEqual(rows);
    });
  });
});

describe("weights of few bits", () => {
  withEngine({});

  const formats = { f16: 2 ** -11, bf16: 2 ** -8, int8: 1 / 254, int4: 1 / 8 } as const;
  for (const [dtype, step] of Object.entries(formats) as [keyof typeof formats, number][]) {
    test(`${dtype}: smaller, as close as it allows, and every reader sees the same rounded weight`, () => {
      using layer = linearLayer(72, 40);
      scope(() => {
        const wanted = layer.weight.toTypedArray();
        const top = Math.max(...wanted.map(Math.abs));
        const before = layer.weight.storage.bytes;
        layer.pack({ dtype, groupSize: 24 });
        expect(layer.weight.storage.bytes).toBeLessThan(before / (dtype.startsWith("int") ? 2 : 1.99));
        const rounded = layer.weight.toTypedArray();
        expect(Math.max(...rounded.map((w, i) => Math.abs(w - wanted[i])))).toBeLessThanOrEqual(step * top);
        const twin = tensor(rounded, { shape: [40, 72] });
        for (const shape of [
          [1, 72],
          [3, 5, 72],
        ]) {
          const x = randn(shape);
          const y = [...layer.forward(x).toTypedArray()];
          expectClose(y, [...x.linear(twin, layer.bias).toTypedArray()]);
          const fast = [...withFastProducts(() => layer.forward(x)).toTypedArray()];
          if (shape.length > 2 || !dtype.startsWith("int")) expect(fast).toEqual(y);
          else {
            const size = Math.max(...y.map(Math.abs));
            expect(fast).not.toEqual(y);
            expect(Math.max(...fast.map((v, i) => Math.abs(v - y[i])))).toBeLessThan(0.03 * size);
          }
        }
        const ids = tensor([39, 0, 7], { dtype: "i32" });
        expect(ids.embedding(layer.weight).toArray()).toEqual(ids.embedding(twin).toArray());
        // Packed once more: as it is, or widened first.
        expect(layer.pack().weight.panel).toMatchObject({ format: dtype, group: 24 });
        if (dtype.startsWith("int")) {
          expect(layer.pack({ dtype, groupSize: 8 }).weight.panel?.group).toBe(8);
          layer.pack({ dtype: "f32" });
          noGrad(() => layer.unpack().weight.copy_(twin));
        }
        expect(layer.pack({ dtype: "f32" }).weight.panel?.format).toBe("f32");
        expect([...layer.unpack().weight.toTypedArray()]).toEqual([...rounded]);
      });
    });
  }

  const convolutions = [
    () => new nn.Conv1d(5, 9, 3),
    () => new nn.Conv2d(6, 20, [3, 2], { groups: 2, padding: 1 }),
    () => new nn.Conv3d(3, 4, 2, { bias: false }),
    () => new nn.ConvTranspose1d(5, 6, 3, { stride: 2 }),
    () => new nn.ConvTranspose2d(4, 6, 3, { groups: 2 }),
  ];
  test.each(Object.keys(formats) as (keyof typeof formats)[])(
    "a convolution with weights in %s computes with the rounded ones",
    (dtype) => {
      for (const make of convolutions) {
        using layer = make().eval();
        using twin = make().eval();
        const wanted = layer.weight.toTypedArray();
        const [before, bytes] = [live(), layer.weight.storage.bytes];
        scope(() => {
          layer.pack({ dtype, groupSize: 8 });
          expect(layer.weight.panel).toMatchObject({ format: dtype, N: layer.weight.shape[0] });
          const rounded = layer.weight.toTypedArray();
          const [top, off] = [
            (w: number) => Math.abs(w),
            (w: number, i: number) => Math.abs(w - rounded[i]),
          ].map((size) => Math.max(...wanted.map(size)));
          expect(off).toBeGreaterThan(0);
          expect(off).toBeLessThanOrEqual(formats[dtype] * top);
          noGrad(() => twin.weight.copy_(tensor(rounded, { shape: twin.weight.shape })));
          if (twin.bias !== null) noGrad(() => twin.bias?.copy_(layer.bias as Tensor));
          const x = randn([2, layer.inChannels, 7, 6, 5].slice(0, layer.weight.rank));
          const run = (module: nn.Module): Tensor => module.forward(x) as Tensor;
          expect(run(layer).toTypedArray()).toEqual(run(twin).toTypedArray());
          expect(errorOf(() => run(layer).sum().backward()).message).toMatch(/packed.*unpack/);
          expect(layer.pack({ dtype: "f32" }).weight.panel).toBeNull();
        });
        expect(layer.weight.storage.bytes).toBe(bytes);
        expect(live()).toEqual(before);
      }
    },
  );

  test("a convolution over single channels keeps its few weights, and f32 ones stay in rows", () => {
    using depthwise = new nn.Conv2d(8, 8, 3, { groups: 8 }).pack({ dtype: "int8" });
    using plain = new nn.Conv2d(3, 8, 3).pack();
    using large = new nn.Conv1d(3, 8, 3);
    noGrad(() => large.weight.fill_(65));
    large.pack({ dtype: "f16" });
    for (const { weight } of [depthwise, plain, large]) expect(weight.panel).toBeNull();
    using big = new nn.Conv2d(64, 96, 3).pack({ dtype: "int4" });
    expect(big.weight.storage.bytes).toBeLessThan((96 * 64 * 9 * 4) / 6);
  });

  test("a weight that the type cannot hold stays f32; wrong options are errors, and nothing is packed", () => {
    using layer = linearLayer(8, 8);
    scope(() => {
      for (const [dtype, value] of [
        ["f16", 64],
        ["f16", Number.NEGATIVE_INFINITY],
        ["int8", Number.POSITIVE_INFINITY],
        ["int4", Number.NaN],
      ] as const) {
        noGrad(() => layer.weight.narrow(0, 0, 1).fill_(value));
        expect(layer.pack({ dtype }).weight.panel?.format, `${dtype} ${value}`).toBe("f32");
        layer.unpack();
      }
      expect(errorOf(() => withFastProducts(async () => 1)).message).toMatch(/^withFastProducts/);
      for (const options of [{ dtype: "int2" }, { groupSize: 12 }, { groupSize: 0 }, { groupSize: 1.5 }]) {
        expect(errorOf(() => layer.pack(options as never)).message).toMatch(
          /^pack: (dtype|groupSize) must be/,
        );
        expect(layer.weight.panel).toBeNull();
      }
    });
  });
});

describe("a packed weight", () => {
  withEngine({ variant: "simd" });

  test("in any other op is an error that says so", () => {
    using layer = linearLayer(3, 4).pack();
    using conv = new Conv1D(3, 4).pack();
    const { weight } = layer;
    const uses: Record<string, () => unknown> = {
      add: () => weight.add(1),
      t: () => weight.t(),
      sum: () => weight.sum(),
      clone: () => weight.clone(),
      cast: () => weight.to("i32"),
      exp: () => weight.detach().exp(),
      fill: () => noGrad(() => weight.fill_(0)),
      "matmul, as the other operand": () => weight.matmul(ones([3, 2])),
      "matmul, laid out for the transpose": () => ones([2, 4]).matmul(weight),
      "linear, laid out for the transpose": () =>
        ones([2, 3]).linear(weight.detach(), null, { transposed: false }) &&
        ones([2, 4]).linear(weight, null, { transposed: true }),
      "embedding, laid out for the transpose": () => tensor([0], { dtype: "i32" }).embedding(conv.weight),
    };
    for (const [name, use] of Object.entries(uses)) {
      expect(errorOf(() => scope(use)).message, name).toMatch(/packed/);
    }
  });

  test("has no backward, and the error says what to call", () => {
    using layer = linearLayer(3, 4).pack();
    scope(() => {
      const x = ones([2, 3], { requiresGrad: true });
      for (const y of [layer.forward(x), x.select(0, 0).linear(layer.weight.detach())]) {
        const error = errorOf(() => y.sum().backward());
        expect(error.code).toBe("autograd");
        expect(error.message).toMatch(/packed.*unpack\(\)/);
      }
      expect(x.grad).toBeNull();
      layer.train();
      layer.forward(x).sum().backward();
      expect(x.grad).not.toBeNull();
    });
  });

  test("gives its state to modules in rows and to packed ones", () => {
    for (const dtype of ["f32", "int8"] as const) {
      using from = linearLayer(9, 5).pack({ dtype });
      const wanted = from.weight.toTypedArray();
      using conv = new nn.Conv1d(3, 4, 2).eval().pack({ dtype });
      using rows = new nn.Linear(9, 5);
      using packed = new nn.Linear(9, 5).eval().pack();
      using twin = new nn.Conv1d(3, 4, 2);
      const before = live().liveTensors;
      for (const to of [rows, packed]) {
        to.loadStateDict(from.stateDict());
        expect(to.weight.toTypedArray()).toEqual(wanted);
      }
      twin.loadStateDict(conv.stateDict());
      expect(twin.weight.toTypedArray()).toEqual(conv.weight.toTypedArray());
      expect(from.weight.panel?.format).toBe(dtype);
      expect(live().liveTensors).toBe(before);
    }
  });

  test("is unpacked by train() and by loading, and saved in rows", () => {
    using layer = linearLayer(3, 4);
    const rows = saveSafetensors(layer.stateDict());
    layer.pack();
    expect(saveSafetensors(layer.stateDict())).toEqual(rows);
    expect(layer.eval().weight.panel).not.toBeNull();
    expect(layer.train().weight.panel).toBeNull();
    layer.pack();
    scope(() =>
      layer.loadStateDict(
        new Map([
          ["weight", zeros([4, 3])],
          ["bias", zeros([4])],
        ]),
      ),
    );
    expect(layer.weight.toArray()).toEqual(Array(4).fill([0, 0, 0]));
  });

  test("must be a dense f32 matrix with a storage of its own", () => {
    class Odd extends nn.Module {
      weight: nn.Parameter;
      constructor(weight: Tensor) {
        super();
        this.weight = new nn.Parameter(weight, false);
      }
      override forward(): void {}
      override packable(): nn.Packable {
        return { weight: this.weight, transposed: true };
      }
    }
    const sources = [
      ones([3]),
      ones([2, 3], { dtype: "i32" }),
      scope(() => ones([2, 3]).t()),
      scope(() => ones([3, 3]).narrow(0, 1, 2)),
    ];
    for (const source of sources) {
      using odd = new Odd(source);
      expect(errorOf(() => odd.pack()).message).toMatch(/^pack: /);
    }
  });
});
