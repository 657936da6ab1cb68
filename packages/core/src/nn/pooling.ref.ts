// Cases of pooling.ts: every option of each layer, with and without a batch.
import { normal, shuffled, values } from "../reference.ts";
import type { Tensor } from "../tensor.ts";
import { layerCase, type ModuleCase } from "./reference.ts";

const line = shuffled([2, 3, 11]);
const image = shuffled([2, 3, 7, 8]);
const plane = shuffled([3, 6, 5]);

/** An unpooling of distinct places, to a size perhaps. */
function unpool(
  layer: string,
  options: Readonly<Record<string, unknown>>,
  shape: readonly number[],
  at: readonly number[],
  size?: readonly number[],
): ModuleCase {
  const toSize = size === undefined ? "" : `, output_size=(${size.join(", ")},)`;
  return layerCase(layer, [2], options, [normal(shape), values(at, shape, "i32")], {
    what: size === undefined ? `of ${shape.join("×")}` : `to ${size.join("×")}`,
    torchCall: `module(a, b.long()${toSize})`,
    call: (module: { forward(...all: unknown[]): Tensor }, [x, indices]) => module.forward(x, indices, size),
  });
}

export const cases: readonly ModuleCase[] = [
  layerCase("MaxPool1d", [3], {}, [line]),
  layerCase("MaxPool1d", [3], { stride: 2, padding: 1, dilation: 2, ceilMode: true }, [line]),
  layerCase("MaxPool2d", [2], {}, [image]),
  layerCase("MaxPool2d", [[3, 2]], { stride: [2, 1], padding: [1, 0], returnIndices: true }, [image]),
  layerCase("MaxPool2d", [3], { stride: 1 }, [plane]),
  layerCase("AvgPool1d", [3], {}, [line]),
  layerCase("AvgPool1d", [4], { stride: 3, padding: 2, ceilMode: true, countIncludePad: false }, [line]),
  layerCase("AvgPool2d", [2], {}, [image]),
  layerCase("AvgPool2d", [[3, 2]], { stride: [2, 1], padding: [1, 0], divisorOverride: 5 }, [image]),
  layerCase("AvgPool2d", [3], { padding: 1, countIncludePad: false, ceilMode: true }, [plane]),
  layerCase("LPPool1d", [2, 3], {}, [normal([2, 3, 11], 1, 4)]),
  layerCase("LPPool1d", [3, 3], { stride: 2, ceilMode: true }, [normal([3, 10], 0.25, 4)]),
  layerCase("LPPool2d", [2, [3, 2]], { stride: 2 }, [normal([2, 3, 7, 8], 1, 4)]),
  layerCase("AdaptiveAvgPool1d", [4], {}, [line]),
  layerCase("AdaptiveAvgPool2d", [1], {}, [image]),
  layerCase("AdaptiveAvgPool2d", [[3, null]], {}, [image]),
  layerCase("AdaptiveMaxPool1d", [4], {}, [line]),
  layerCase("AdaptiveMaxPool2d", [[3, 5]], { returnIndices: true }, [image]),
  layerCase("AdaptiveMaxPool2d", [[null, 2]], {}, [plane]),
  unpool("MaxUnpool1d", {}, [2, 3], [1, 2, 5, 0, 3, 4]),
  unpool("MaxUnpool1d", { stride: 3, padding: 1 }, [1, 2, 2], [2, 1, 0, 2]),
  unpool("MaxUnpool2d", {}, [1, 1, 2, 2], [5, 2, 8, 15]),
  unpool("MaxUnpool2d", { stride: 2 }, [1, 1, 2, 2], [6, 3, 10, 19], [4, 5]),
];
