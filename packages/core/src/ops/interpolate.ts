// Resizes the spatial axes of (N, C, …). torch.nn.functional.interpolate
// Every mode is a table of weights per axis (resample.ts): nearest takes one input, linear two, cubic four (Keys 1981,
// a = −0.75), antialiased modes stretch their filter when they shrink (a = −0.5, as Pillow), area is adaptive pooling.
import { checkShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { choiceArgument, fail, floatTensor, optionsArgument, refuse } from "./arguments.ts";
import { average } from "./avgPool.ts";
import { resample, roundings } from "./resample.ts";
import { perAxis } from "./window.ts";
import { adaptiveAxes } from "./windows.ts";

const modes = ["nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"] as const;

export interface InterpolateOptions {
  /** New sizes of the spatial axes, or one for all; this or `scaleFactor`. */
  readonly size?: number | readonly number[] | null;
  /** New sizes over old ones; sizes are rounded down. */
  readonly scaleFactor?: number | readonly number[] | null;
  readonly mode?: (typeof modes)[number];
  /** Whether the centres of the corner elements keep their places, for the linear and cubic modes. */
  readonly alignCorners?: boolean | null;
  /** Where an output lies between the inputs: "asymmetric" for nearest, else "half-pixel", unless given. Not PyTorch's. */
  readonly coordinates?: "half-pixel" | "asymmetric";
  /** Which input nearest takes: "floor", or "half-up" for nearest-exact, unless given. Not PyTorch's. */
  readonly rounding?: keyof typeof roundings;
  /** Computes coordinates from the sizes instead of `scaleFactor`. */
  readonly recomputeScaleFactor?: boolean | null;
  /** Averages what is lost when an image shrinks; for bilinear and bicubic. */
  readonly antialias?: boolean;
}

const OP = "interpolate";
const wrong = (what: string): never => fail("argument", `${OP}: ${what}`);

/** Modes that are meant for one number of spatial axes. */
const axesOf: Readonly<Record<string, number>> = { linear: 1, bilinear: 2, bicubic: 2, trilinear: 3 };

function checkInput(x: Tensor, mode: string, alignCorners: unknown, antialias: boolean): number {
  const axes = x.rank - 2;
  choiceArgument(OP, "mode", mode, modes);
  if (axes < 1 || axes > 3 || (axesOf[mode] ?? axes) !== axes) {
    const wanted = axesOf[mode] === undefined ? "3 to 5" : axesOf[mode] + 2;
    refuse(OP, "input", `of ${wanted} axes for mode ${mode}`, x, "shape");
  }
  if (x.shape.slice(mode === "area" ? 2 : 1).includes(0))
    refuse(OP, "input", "without empty axes", x, "shape");
  if (alignCorners !== null && axesOf[mode] === undefined)
    wrong(`alignCorners has no meaning with mode ${mode}`);
  if (antialias && mode !== "bilinear" && mode !== "bicubic")
    wrong(`antialias is for bilinear and bicubic, not ${mode}`);
  return axes;
}

/** The factors of `scaleFactor`, one per axis. */
function factorsOf(scaleFactor: unknown, axes: number): number[] {
  const list = Array.isArray(scaleFactor) ? scaleFactor : new Array(axes).fill(scaleFactor);
  const valid = (factor: unknown): boolean =>
    typeof factor === "number" && Number.isFinite(factor) && factor > 0;
  if (list.length !== axes || !list.every(valid))
    refuse(OP, "scaleFactor", `a number > 0 or ${axes} of them`, scaleFactor);
  return list as number[];
}

/** The rule of an axis but for its scale factor. */
function ruleOf(mode: string, options: InterpolateOptions) {
  const { alignCorners, antialias = false } = options;
  const nearest = mode.startsWith("nearest");
  const usual = mode === "nearest" ? "asymmetric" : "half-pixel";
  const { coordinates = usual, rounding = mode === "nearest" ? "floor" : "half-up" } = options;
  choiceArgument(OP, "coordinates", coordinates, ["half-pixel", "asymmetric"]);
  choiceArgument(OP, "rounding", rounding, Object.keys(roundings));
  if (options.rounding !== undefined && !nearest) wrong(`rounding has no meaning with mode ${mode}`);
  if (coordinates !== usual && (alignCorners === true || antialias || mode === "area"))
    wrong(`${coordinates} coordinates do not go with alignCorners, antialias or mode area`);
  if (nearest) return { kind: "nearest", coordinates, rounding } as const;
  const rule = { coordinates: alignCorners === true ? "align-corners" : coordinates } as const;
  if (mode === "bicubic") return { kind: antialias ? "cubic-antialias" : "cubic", ...rule } as const;
  return { kind: antialias ? "linear-antialias" : "linear", ...rule } as const;
}

/**
 * Resizes (N, C, L), (N, C, H, W) or (N, C, D, H, W) to `size`, or by `scaleFactor`, with PyTorch's coordinates.
 * torch.nn.functional.interpolate
 */
export function interpolate(x: Tensor, options: InterpolateOptions = {}): Tensor {
  const given = optionsArgument(OP, options);
  const { size = null, scaleFactor = null, mode = "nearest", alignCorners = null } = given;
  const { recomputeScaleFactor = null, antialias = false } = given;
  floatTensor(OP, "input", x);
  const axes = checkInput(x, mode, alignCorners, antialias === true);
  if ((size === null) === (scaleFactor === null)) wrong("give either size or scaleFactor");
  if (size !== null && recomputeScaleFactor === true)
    wrong("recomputeScaleFactor has no meaning with an explicit size");
  const factors = scaleFactor === null ? null : factorsOf(scaleFactor, axes);
  const old = x.shape.slice(2);
  const sizes = perAxis(
    OP,
    "size",
    factors?.map((factor, i) => Math.floor(old[i] * factor)) ?? size,
    axes,
    1,
  );
  if (Array.isArray(size) && size.length !== axes) refuse(OP, "size", `${axes} integers`, size);
  checkShape(OP, [...x.shape.slice(0, 2), ...sizes]);
  const rule = ruleOf(mode, given);
  if (mode === "area") return average(OP, x, adaptiveAxes(OP, x, axes, sizes));
  const explicit = recomputeScaleFactor === true ? null : factors;
  const rules = sizes.map((to, i) => ({ size: to, rule: { ...rule, scaleFactor: explicit?.[i] ?? null } }));
  return resample(x, rules);
}
