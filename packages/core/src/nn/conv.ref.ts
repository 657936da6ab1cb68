// Cases of conv.ts: every option of each layer, alone and together, with and without a batch.
import { normal } from "../reference.ts";
import type { Tensor } from "../tensor.ts";
import { layerCase, type ModuleCase } from "./reference.ts";

type Row = [args: readonly unknown[], options?: Readonly<Record<string, unknown>>];

const rows = (layer: string, shape: readonly number[], list: readonly Row[]): ModuleCase[] =>
  list.map(([args, options = {}]) => layerCase(layer, args, options, [normal(shape)]));
const modes = ["reflect", "replicate", "circular"];

/** A transpose that is told the size of its image. */
function sized(layer: string, shape: readonly number[], size: readonly number[], stride: number): ModuleCase {
  return layerCase(layer, [2, 3, 3], { stride, padding: 1 }, [normal(shape)], {
    what: `to ${size.join("×")}`,
    torchCall: `module(a, (${size.join(", ")},))`,
    call: (module: { forward(x: Tensor, size: readonly number[]): Tensor }, [x]) => module.forward(x, size),
  });
}

export const cases: readonly ModuleCase[] = [
  ...rows(
    "Conv1d",
    [2, 4, 9],
    [
      [[4, 6, 3]],
      [[4, 6, 3], { bias: false, stride: 2, padding: 2 }],
      [[4, 6, 4], { padding: "same" }],
      [[4, 6, 3], { padding: "valid", groups: 2 }],
      ...modes.map((paddingMode): Row => [[4, 6, 3], { padding: 2, stride: 2, paddingMode }]),
      [[4, 6, 4], { padding: "same", paddingMode: "circular", dilation: 2 }],
      [[4, 6, 4], { padding: "valid", paddingMode: "reflect" }],
    ],
  ),
  ...rows(
    "Conv1d",
    [4, 7],
    [
      [[4, 8, 3], { groups: 4 }],
      [[4, 2, 3], { padding: 1, paddingMode: "reflect" }],
    ],
  ),
  ...rows(
    "Conv2d",
    [2, 4, 6, 7],
    [
      [[4, 6, 3]],
      [[4, 4, [2, 3]], { stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 4 }],
      [[4, 6, [2, 4]], { padding: "same" }],
      [[4, 6, [2, 4]], { padding: "same", paddingMode: "reflect" }],
      ...modes.map((paddingMode): Row => [[4, 2, 3], { padding: [1, 2], paddingMode, bias: false }]),
    ],
  ),
  ...rows("Conv2d", [3, 5, 5], [[[3, 2, 3], { padding: 1, paddingMode: "replicate" }]]),
  ...rows(
    "Conv3d",
    [1, 2, 4, 3, 5],
    [
      [[2, 3, 2]],
      [[2, 4, [1, 2, 3]], { stride: [2, 1, 1], padding: [0, 1, 1], groups: 2 }],
      [[2, 2, [3, 2, 3]], { padding: [1, 1, 2], paddingMode: "circular" }],
      [[2, 2, [3, 1, 3]], { padding: "same", paddingMode: "replicate" }],
    ],
  ),
  ...rows(
    "ConvTranspose1d",
    [2, 4, 5],
    [
      [[4, 6, 3]],
      [[4, 6, 3], { stride: 3, padding: 1, outputPadding: 2, groups: 2, bias: false, dilation: 2 }],
    ],
  ),
  ...rows(
    "ConvTranspose2d",
    [2, 4, 3, 4],
    [[[4, 6, 3]], [[4, 4, [2, 3]], { stride: [2, 3], padding: [0, 1], outputPadding: [1, 2], groups: 4 }]],
  ),
  ...rows("ConvTranspose2d", [4, 3, 4], [[[4, 2, 2], { dilation: [1, 2] }]]),
  ...rows("ConvTranspose3d", [1, 2, 2, 3, 2], [[[2, 3, 2], { stride: 2, outputPadding: [1, 0, 1] }]]),
  sized("ConvTranspose1d", [2, 2, 4], [8], 2),
  sized("ConvTranspose2d", [1, 2, 3, 4], [9, 11], 3),
  sized("ConvTranspose2d", [2, 3, 4], [3, 7, 12], 3),
  ...rows("Unfold", [2, 3, 5, 6], [[[3]], [[[2, 3]], { dilation: [2, 1], padding: [1, 0], stride: [1, 2] }]]),
  layerCase("Fold", [[4, 5], 2], {}, [normal([2, 12, 12])]),
  layerCase("Fold", [5, [2, 3]], { dilation: [2, 1], padding: 1, stride: [1, 2] }, [normal([6, 15])]),
];
