// Packing weights while their file is read: only a piece of a weight lies in rows at a time, so a model in few bits never
// needs the memory of one in f32.
import { files, type nn, type PackOptions, type Tensor, zeros } from "@saccade/core";

export interface Packable {
  /** Whether the weight lies (N, K), as a Linear has it. */
  readonly transposed: boolean;
}

/** The weights that a model packs. */
export function packables(model: nn.Module): Map<Tensor, Packable> {
  const found = new Map<Tensor, Packable>();
  for (const module of model.modules()) {
    const { weight, transposed = false } = module.packable() ?? {};
    if (weight !== undefined && !found.has(weight)) found.set(weight, { transposed });
  }
  return found;
}

/** Puts rows of a weight from row `first` on into `rows`. */
export type ReadRows = (rows: Tensor, first: number) => Promise<void>;

/** Elements of a piece in rows: 4 MB of f32. */
const PIECE = 1 << 20;

/** Panels under `weight`, packed from what `read` gives, or f32 when the type cannot hold it (nn.Module.pack). */
export async function packAsRead(
  weight: Tensor,
  transposed: boolean,
  how: Required<PackOptions>,
  read: ReadRows,
): Promise<void> {
  const [N, ...rest] = weight.shape;
  const K = weight.numel / Math.max(N, 1);
  // A panel takes all of K: eight rows of (N, K), but a part of every row of (K, N).
  const step = transposed ? Math.max(8, Math.floor(PIECE / Math.max(K, 1) / 8) * 8) : N;
  const room = files.packedRoom(weight, { format: how.dtype, group: how.groupSize, transposed });
  let fits = true;
  try {
    for (let [first, at] = [0, 0]; fits && first < N; first += step) {
      const rows = zeros([Math.min(step, N - first), ...rest]);
      try {
        await read(rows, first);
        files.packInPlace(rows, transposed, how);
        fits = rows.panel?.format === how.dtype;
        if (fits) at += copyWords(room, at, rows);
      } finally {
        rows.dispose();
      }
    }
  } finally {
    room.dispose();
  }
  if (fits) return;
  if (files.packsAs(weight, "f32")) return packAsRead(weight, transposed, { ...how, dtype: "f32" }, read);
  files.unpackInPlace(weight);
  await read(weight, 0);
}

/** Copies the panels of `packed` to word `at` of `room` and says how many words they are. */
function copyWords(room: Tensor, at: number, packed: Tensor): number {
  const words = files.packedWords(packed);
  const place = room.narrow(0, at, words.numel);
  try {
    place.copy_(words);
    return words.numel;
  } finally {
    place.dispose();
    words.dispose();
  }
}
