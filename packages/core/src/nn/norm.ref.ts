// Cases of norm.ts: each layer in training and in evaluation, what it leaves in its buffers, every option.
import { type Maker, normal } from "../reference.ts";
import { layerCase, type ModuleCase } from "./reference.ts";

const lines = normal([4, 3, 5], 2, 1);
const images = normal([2, 4, 3, 5], 2, 1);
const volumes = normal([2, 3, 2, 3, 2], 2, 1);
const table = normal([6, 3], 2, 1);

/** A layer in both modes. */
function both(
  layer: string,
  channels: number,
  options: Readonly<Record<string, unknown>>,
  input: Maker,
  what = "",
): ModuleCase[] {
  return [
    layerCase(layer, [channels], options, [input], { what: `${what}in evaluation` }),
    layerCase(layer, [channels], options, [input], { what: `${what}in training`, training: true }),
  ];
}

const twice = {
  torchCall: "[module(a), module(b)]",
  call: (module: { forward: (x: unknown) => never }, inputs: readonly unknown[]) =>
    inputs.map((x) => module.forward(x)),
};

export const cases: readonly ModuleCase[] = [
  ...both("BatchNorm1d", 3, {}, table, "of a table "),
  ...both("BatchNorm1d", 3, {}, lines, "of lines "),
  ...both("BatchNorm2d", 4, {}, images),
  ...both("BatchNorm3d", 3, {}, volumes),
  ...both("BatchNorm2d", 4, { affine: false }, images),
  ...both("BatchNorm2d", 4, { bias: false }, images),
  ...both("BatchNorm2d", 4, { trackRunningStats: false }, images),
  ...both("BatchNorm2d", 4, { eps: 0.5, momentum: 0.75 }, images),
  ...both("BatchNorm1d", 3, { momentum: null }, table),
  layerCase("BatchNorm1d", [3], { momentum: null }, [table, normal([4, 3])], {
    what: "twice",
    training: true,
    ...twice,
  }),
  layerCase("BatchNorm1d", [3], {}, [table, normal([4, 3])], { what: "twice", training: true, ...twice }),
  ...both("InstanceNorm1d", 3, {}, lines),
  ...both("InstanceNorm1d", 3, {}, normal([3, 5]), "without a batch "),
  ...both("InstanceNorm2d", 4, { affine: true }, images),
  ...both("InstanceNorm2d", 4, { affine: true, bias: false }, images),
  ...both("InstanceNorm2d", 4, { trackRunningStats: true }, images),
  ...both("InstanceNorm2d", 4, { trackRunningStats: true, momentum: null }, images),
  ...both("InstanceNorm3d", 3, { affine: true, trackRunningStats: true, momentum: 0.5, eps: 0.5 }, volumes),
  ...both("InstanceNorm3d", 2, { affine: true }, normal([2, 2, 3, 2]), "without a batch "),
  layerCase("GroupNorm", [2, 4], {}, [images]),
  layerCase("GroupNorm", [1, 3], { eps: 0.5 }, [lines]),
  layerCase("GroupNorm", [3, 3], { affine: false }, [lines]),
  layerCase("GroupNorm", [1, 3], { bias: false }, [lines]),
  layerCase("RMSNorm", [5], {}, [lines]),
  layerCase("RMSNorm", [[3, 5]], { eps: 0.5 }, [lines]),
  layerCase("RMSNorm", [5], { elementwiseAffine: false }, [lines]),
  layerCase("LocalResponseNorm", [2], {}, [images]),
  layerCase("LocalResponseNorm", [3], { alpha: 0.5, beta: 0.5, k: 2 }, [lines]),
];
