// References of like.ts.
import type { DType } from "../dtype.ts";
import { bools, defineRef, exact, integers, normal, type OpRef } from "../reference.ts";

interface Attrs {
  readonly value?: number;
  readonly dtype?: DType;
}

const makers = {
  zerosLike: ["zeros_like", 0],
  onesLike: ["ones_like", 1],
  fullLike: ["full_like", undefined],
} as const;

export const refs: readonly OpRef[] = (["zerosLike", "onesLike", "fullLike"] as const).map((op) => {
  const [torch, constant] = makers[op];
  const value = op === "fullLike" ? ", value" : "";
  const types = "{'f32': floating, 'i32': torch.int32, 'bool': torch.bool, None: x.dtype}[dtype]";
  const attrs = (number: number, dtype?: DType): Attrs =>
    op === "fullLike" ? { value: number, dtype } : { dtype };
  return defineRef<Attrs>({
    op,
    inputs: ["x"],
    torch: `torch.${torch}(x${value}, dtype=${types})`,
    differentiable: false,
    tolerance: exact,
    forward: ([x], { value: number = constant as number, dtype = x.dtype }) => ({
      dtype,
      shape: x.shape,
      data: x.data.map(() => (dtype === "bool" ? Number(number !== 0) : number)),
    }),
    call: ([x], { value: number, dtype }) =>
      op === "fullLike" ? x.fullLike(number as number, { dtype }) : x[op]({ dtype }),
    samples: [
      { inputs: [normal([3, 5])], attrs: attrs(-7) },
      { inputs: [normal([])], attrs: attrs(1.5) },
      { inputs: [normal([0, 3])], attrs: attrs(2) },
      { inputs: [integers([3, 5], 0, 9)], attrs: attrs(3) },
      { inputs: [bools([3, 5])], attrs: attrs(1) },
      { inputs: [normal([3, 5])], attrs: attrs(5, "i32") },
      { inputs: [integers([3, 5], 0, 9)], attrs: attrs(2.5, "f32") },
      { inputs: [integers([3, 5], 0, 9)], attrs: attrs(2, "bool") },
    ],
  });
});
