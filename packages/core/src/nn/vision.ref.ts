// Cases of vision.ts: every mode and form of padding, every mode of Upsample.
import { normal } from "../reference.ts";
import { layerCase, type ModuleCase } from "./reference.ts";

const spaces = [[6], [6, 5], [4, 5, 6]];
/** Before and behind each axis, all different where that is allowed. */
const amounts = [2, 1, 0, 3, 1, 2];

const paddings = [1, 2, 3].flatMap((n) => {
  const input = normal([2, 3, ...spaces[n - 1]]);
  const each = amounts.slice(0, 2 * n);
  return [
    ...["ZeroPad", "ReflectionPad", "ReplicationPad", "CircularPad"].flatMap((name) => [
      layerCase(`${name}${n}d`, [1], {}, [input]),
      layerCase(`${name}${n}d`, [each], {}, [input]),
    ]),
    layerCase(`ConstantPad${n}d`, [2, 1.5], {}, [input]),
    layerCase(`ConstantPad${n}d`, [each.map((k) => 1 - k), -2], {}, [input]),
  ];
});

const image = normal([2, 3, 4, 5]);

export const cases: readonly ModuleCase[] = [
  ...paddings,
  layerCase("ReflectionPad2d", [[1, 2, 0, 1]], {}, [normal([2, 3, 4])], { what: "without a batch" }),
  layerCase("Upsample", [], { scaleFactor: 2 }, [image]),
  layerCase("Upsample", [], { size: [3, 8] }, [image]),
  layerCase("Upsample", [], { size: 7, mode: "nearest-exact" }, [image]),
  layerCase("Upsample", [], { scaleFactor: 1.5, mode: "linear" }, [normal([2, 3, 7])]),
  layerCase("Upsample", [], { scaleFactor: [1.5, 2], mode: "bilinear" }, [image]),
  layerCase("Upsample", [], { size: [7, 9], mode: "bilinear", alignCorners: true }, [image]),
  layerCase("Upsample", [], { scaleFactor: [1.3, 0.7], mode: "bicubic", recomputeScaleFactor: true }, [
    image,
  ]),
  layerCase("Upsample", [], { scaleFactor: 2, mode: "trilinear" }, [normal([1, 2, 2, 3, 2])]),
  layerCase("PixelShuffle", [2], {}, [normal([2, 8, 3, 2])]),
  layerCase("PixelUnshuffle", [3], {}, [normal([2, 6, 3])]),
  layerCase("ChannelShuffle", [2], {}, [normal([2, 6, 2, 3])]),
  layerCase("Flatten", [], {}, [image]),
  layerCase("Flatten", [0, 2], {}, [image]),
  layerCase("Flatten", [-2], {}, [image]),
  layerCase("Unflatten", [1, [2, 3]], {}, [normal([2, 6, 2])]),
  layerCase("Unflatten", [-1, [2, -1]], {}, [normal([2, 6])]),
];
