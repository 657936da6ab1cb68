// Reference of localResponseNorm.ts.
import {
  build,
  defineRef,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
} from "../reference.ts";

interface Attrs {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

function divided(x: RefTensor, { size, alpha, beta, k }: Attrs): RefTensor {
  return build(x.shape, (index) => {
    const [n, c, ...space] = index;
    let squares = 0;
    for (let i = c - Math.floor(size / 2); i < c - Math.floor(size / 2) + size; i++) {
      if (i >= 0 && i < x.shape[1]) squares += element(x, [n, i, ...space]) ** 2;
    }
    return element(x, index) / (k + (alpha * squares) / size) ** beta;
  });
}

function element(x: RefTensor, index: readonly number[]): number {
  return x.data[index.reduce((at, i, axis) => at * x.shape[axis] + i, 0)];
}

const lrn = (x: Maker, size: number, attrs: Partial<Attrs> = {}, note?: string): Sample<Attrs> => ({
  inputs: [x],
  attrs: { size, alpha: 0.5, beta: 0.75, k: 1, ...attrs },
  note,
});

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "localResponseNorm",
    inputs: ["x"],
    torch: "F.local_response_norm(x, size, alpha, beta, k)",
    differentiable: true,
    tolerance: { units: 8 },
    forward: ([x], attrs) => divided(x, attrs),
    call: ([x], { size, ...options }) => x.localResponseNorm(size, options),
    samples: [
      ...[1, 2, 3, 4, 5, 9, 20].map((size) => lrn(normal([2, 7, 5]), size)),
      ...[1, 4, 17, 33].map((n) => lrn(normal([2, 5, n]), 3)),
      lrn(normal([2, 3, 4, 5]), 2, { alpha: 1e-4 }),
      lrn(normal([2, 3, 2, 2, 3]), 3, { k: 2 }),
      ...[0.5, 1, 2, 0.3, 0].map((beta) => lrn(normal([2, 5, 4]), 3, { beta })),
      lrn(normal([2, 5, 4], 100), 3, {}, "×100"),
      lrn(normal([0, 5, 4]), 3, {}, "empty"),
      lrn(normal([2, 5, 0]), 3, {}, "empty"),
    ],
    large: lrn(normal([8, 64, 28, 28]), 5),
  }),
];
