// References of pixelShuffle.ts: where each element comes from.
import {
  bools,
  build,
  defineRef,
  exact,
  integers,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
} from "../reference.ts";

interface Attrs {
  readonly r: number;
}

/** The element of x at an index of its own shape. */
function element(x: RefTensor, index: readonly number[]): number {
  return x.data[index.reduce((at, i, axis) => at * x.shape[axis] + i, 0)];
}

const by = (x: Maker, r: number, note?: string): Sample<Attrs> => ({ inputs: [x], attrs: { r }, note });
const images: Sample<Attrs>[] = [
  ...[1, 3, 4, 5, 16, 17].map((n) => by(normal([2, 4, 2 * n, 2]), 2)),
  by(normal([9, 3, 6]), 3),
  by(normal([2, 3, 8, 4, 2]), 2),
  by(normal([4, 4, 8]), 1),
  { ...by(normal([0, 4, 4, 4]), 2, "empty"), torch: false },
  { ...by(normal([0, 2, 4]), 2, "no channels"), torch: false },
  by(integers([4, 2, 4], -9, 9), 2),
  by(bools([2, 4, 2, 2]), 2),
];

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "pixelShuffle",
    inputs: ["x"],
    torch: "F.pixel_shuffle(x, r)",
    differentiable: true,
    tolerance: exact,
    forward: ([x], { r }) => {
      const [C, H, W] = x.shape.slice(-3);
      const from = (index: readonly number[]): number => {
        const [c, h, w] = index.slice(-3);
        const channel = c * r * r + (h % r) * r + (w % r);
        return element(x, [...index.slice(0, -3), channel, Math.floor(h / r), Math.floor(w / r)]);
      };
      return build([...x.shape.slice(0, -3), C / (r * r), H * r, W * r], from, x.dtype);
    },
    call: ([x], { r }) => x.pixelShuffle(r),
    samples: images,
    large: by(normal([8, 64, 64, 64]), 2),
  }),
  defineRef<Attrs>({
    op: "pixelUnshuffle",
    inputs: ["x"],
    torch: "F.pixel_unshuffle(x, r)",
    differentiable: true,
    tolerance: exact,
    forward: ([x], { r }) => {
      const [C, H, W] = x.shape.slice(-3);
      const from = (index: readonly number[]): number => {
        const [c, h, w] = index.slice(-3);
        const row = h * r + (Math.floor(c / r) % r);
        return element(x, [...index.slice(0, -3), Math.floor(c / (r * r)), row, w * r + (c % r)]);
      };
      return build([...x.shape.slice(0, -3), C * r * r, H / r, W / r], from, x.dtype);
    },
    call: ([x], { r }) => x.pixelUnshuffle(r),
    samples: images,
    large: by(normal([8, 16, 128, 128]), 2),
  }),
  defineRef<Attrs>({
    op: "channelShuffle",
    inputs: ["x"],
    torch: "F.channel_shuffle(x, r)",
    differentiable: true,
    tolerance: exact,
    forward: ([x], { r }) => {
      const C = x.shape[1];
      const from = ([n, c, ...space]: readonly number[]): number =>
        element(x, [n, (c % r) * (C / r) + Math.floor(c / r), ...space]);
      return build(x.shape, from, x.dtype);
    },
    call: ([x], { r }) => x.channelShuffle(r),
    samples: [
      ...[1, 3, 4, 5, 16, 17].map((n) => by(normal([2, 6, n]), 2)),
      by(normal([2, 12, 3, 5]), 3),
      by(normal([2, 6, 2, 2, 3]), 6),
      by(normal([2, 6, 4]), 1),
      { ...by(normal([0, 4, 4]), 2, "empty"), torch: false },
      { ...by(normal([2, 0, 4]), 2, "no channels"), torch: false },
      by(integers([2, 4, 3], -9, 9), 2),
      by(bools([2, 4, 3]), 2),
    ],
    large: by(normal([8, 240, 28, 28]), 3),
  }),
];
