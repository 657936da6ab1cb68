// Cases of activations.ts: every layer as it is built by default, and every option.
import { type Maker, normal, values } from "../reference.ts";
import { layerCase, type ModuleCase } from "./reference.ts";

/** None of it at a kink. */
const x = normal([2, 3, 5], 3);

const plain = [
  ...["ReLU", "ReLU6", "LeakyReLU", "ELU", "CELU", "SELU", "GELU", "SiLU", "Mish", "Softplus", "Softsign"],
  ...["Sigmoid", "Tanh", "LogSigmoid", "Hardsigmoid", "Hardswish", "Hardtanh", "Tanhshrink", "Softshrink"],
  ...["Hardshrink", "Identity"],
];

const withOptions: [string, Readonly<Record<string, unknown>>][] = [
  ["LeakyReLU", { negativeSlope: 0.25 }],
  ["LeakyReLU", { negativeSlope: -2 }],
  ["ELU", { alpha: 0.5 }],
  ["CELU", { alpha: 2 }],
  ["GELU", { approximate: "tanh" }],
  ["Softplus", { beta: 2, threshold: 3 }],
  ["Softplus", { threshold: Infinity }],
  ["Hardtanh", { minVal: -2, maxVal: 0.5 }],
  ["Softshrink", { lambd: 1.5 }],
  ["Softshrink", { lambd: 0 }],
  ["Hardshrink", { lambd: 2 }],
];

const along: [string, readonly number[], Maker][] = [
  ["Softmax", [-1], x],
  ["Softmax", [0], normal([5])],
  ["LogSoftmax", [1], x],
  ["Softmin", [1], x],
  ["GLU", [], normal([3, 6])],
  ["GLU", [0], normal([4, 3])],
];

export const cases: readonly ModuleCase[] = [
  ...plain.map((name) => layerCase(name, [], {}, [x])),
  ...withOptions.map(([name, options]) => layerCase(name, [], options, [x])),
  layerCase("Threshold", [0.5, -3], {}, [x]),
  ...along.map(([name, dims, input]) => layerCase(name, dims, {}, [input])),
  layerCase("PReLU", [], {}, [x]),
  layerCase("PReLU", [1], { init: 0.5 }, [values([-2, -1, 3])]),
  layerCase("PReLU", [3], {}, [x], { what: "of channels" }),
];
