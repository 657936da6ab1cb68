import { axesBut, clampedPlace, type Shape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { axisArgument, listArgument, listOrNumber, realAxis, refuse, tensorArgument } from "./arguments.ts";
import { narrow, permute, reshape, select, transpose } from "./views.ts";

/** The axes `source` moved to the places `destination`, the others in their order. torch.movedim */
export function movedim(
  x: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  tensorArgument("movedim", "input", x);
  const [from, to] = [source, destination].map((value, i) => {
    const list = listOrNumber("movedim", ["source", "destination"][i], value);
    return list.map((dim) => axisArgument("movedim", x, dim));
  });
  const distinct = [from, to].every((axes) => new Set(axes).size === from.length);
  if (from.length !== to.length || !distinct) {
    refuse("movedim", "source and destination", "as many different axes", [...from, ...to], "shape");
  }
  if (x.rank === 0) return permute(x, []);
  const others = axesBut(x.rank, from);
  const place = (axis: number): number => {
    const at = to.indexOf(axis);
    return at < 0 ? (others.shift() as number) : from[at];
  };
  return permute(
    x,
    x.shape.map((_, axis) => place(axis)),
  );
}

/** Swaps two axes. torch.swapaxes, torch.swapdims */
export function swapaxes(x: Tensor, axis0: number, axis1: number): Tensor {
  return transpose(x, axis0, axis1);
}

/** One axis split into several of `sizes`, one of which may be −1. torch.unflatten */
export function unflatten(x: Tensor, dim: number, sizes: Shape): Tensor {
  const axis = axisArgument("unflatten", x, dim);
  const size = x.shape[axis] ?? 0;
  const known = listArgument("unflatten", "sizes", sizes).filter((n) => n !== -1);
  const product = known.reduce((n, part) => n * part, 1);
  const unknown = sizes.length - known.length;
  const rest = unknown === 1 ? size / product : 1;
  const valid = sizes.length > 0 && unknown <= 1 && known.every((n) => Number.isInteger(n) && n >= 0);
  if (x.rank === 0 || !valid || !Number.isInteger(rest) || rest * product !== size) {
    refuse("unflatten", "sizes", `of a product of ${size}, the size of axis ${dim}`, sizes, "shape");
  }
  const parts = sizes.map((n) => (n === -1 ? rest : n));
  return reshape(x, [...x.shape.slice(0, axis), ...parts, ...x.shape.slice(axis + 1)]);
}

/** All elements in one axis. torch.ravel */
export function ravel(x: Tensor): Tensor {
  tensorArgument("ravel", "input", x);
  return reshape(x, [x.numel]);
}

/** A 0-d tensor as one of one axis; others as they are. torch.atleast_1d */
export function atleast1d(x: Tensor): Tensor {
  tensorArgument("atleast1d", "input", x);
  return reshape(x, x.rank === 0 ? [1] : x.shape);
}

/** At least two axes: one of size 1 goes in front of a vector. torch.atleast_2d */
export function atleast2d(x: Tensor): Tensor {
  tensorArgument("atleast2d", "input", x);
  return reshape(x, x.rank < 2 ? [1, x.numel] : x.shape);
}

/** At least three axes: (N) becomes (1, N, 1) and (M, N) becomes (M, N, 1). torch.atleast_3d */
export function atleast3d(x: Tensor): Tensor {
  tensorArgument("atleast3d", "input", x);
  if (x.rank < 2) return reshape(x, [1, x.numel, 1]);
  return reshape(x, x.rank === 2 ? [...x.shape, 1] : x.shape);
}

/** Every element of one axis by itself, as views without that axis. torch.unbind */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  const axis = realAxis("unbind", x, dim);
  return Array.from({ length: x.shape[axis] }, (_, i) => select(x, axis, i));
}

/**
 * Parts of one axis: a number of nearly equal ones, or those between the given places; both may be integer tensors.
 * torch.tensor_split
 */
export function tensorSplit(
  x: Tensor,
  indicesOrSections: number | readonly number[] | Tensor,
  dim = 0,
): Tensor[] {
  const axis = realAxis("tensorSplit", x, dim);
  const size = x.shape[axis];
  const given = indicesOrSections instanceof Tensor ? wholeNumbers(indicesOrSections) : indicesOrSections;
  const places =
    typeof given === "number"
      ? sections(given, size)
      : listArgument("tensorSplit", "indicesOrSections", given);
  if (!places.every(Number.isInteger))
    refuse("tensorSplit", "indicesOrSections", "a number of parts >= 1 or integers", indicesOrSections);
  const bounds = [0, ...places.map((at) => clampedPlace(at, size)), size];
  return bounds
    .slice(1)
    .map((end, i) => narrow(x, axis, Math.min(bounds[i], end), Math.max(end - bounds[i], 0)));
}

/** The numbers of an i32 tensor: one, or a list of them. */
function wholeNumbers(x: Tensor): number | number[] {
  if (x.rank < 2 && x.dtype === "i32") return x.rank === 0 ? x.item() : [...x.toTypedArray()];
  return refuse("tensorSplit", "indicesOrSections", "i32 of at most 1 axis", x);
}

/** Where to cut for `count` parts, the first ones larger by one where they cannot be equal. */
function sections(count: number, size: number): number[] {
  if (!Number.isInteger(count) || count < 1 || count > 2 ** 24) return [Number.NaN];
  const [least, larger] = [Math.floor(size / count), size % count];
  return Array.from({ length: count - 1 }, (_, i) => (i + 1) * least + Math.min(i + 1, larger));
}
