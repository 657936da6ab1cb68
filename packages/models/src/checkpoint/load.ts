// Filling a model from the safetensors files of a checkpoint. All headers are checked against the model before a byte
// of weights is read; weights then stream through pieces of a few MB, and are packed on the way: there is never a second
// copy of them.
import { files, nn, type PackOptions, SaccadeError, type Tensor } from "@saccade/core";
import { type Packable, packAsRead, packables } from "./packedWeights.ts";
import { type PanelEntries, type PanelEntry, panelShape, panelsOf } from "./panels.ts";
import { type CheckpointSource, readJson } from "./source.ts";
import { type NameRules, ownNames } from "./weightNames.ts";

const PIECE_BYTES = 4 << 20;

export interface LoadProgress {
  readonly file: string;
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

export interface LoadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
}

interface Shard {
  readonly file: string;
  readonly header: files.FileHeader;
  readonly panels: PanelEntries;
}

/** Fills `model` with the weights of a checkpoint, packed if `packing`; one error lists all names that do not fit. */
export async function loadWeights(
  model: nn.Module & NameRules,
  source: CheckpointSource,
  packing: Required<PackOptions> | null,
  options: LoadOptions = {},
): Promise<void> {
  const shards = await readHeaders(source);
  const plan = matchNames(model, shards);
  const packed = packing === null ? new Map<Tensor, Packable>() : packables(model);
  const totalBytes = plan.reduce((sum, { entry }) => sum + entry.end - entry.begin, 0);
  let loadedBytes = 0;
  for (const shard of shards) {
    const open = await source.open(shard.file);
    /** Fills a dense tensor with the file's elements from `first` on. */
    const fill = async (to: Tensor, first: number, { header, entry }: Item): Promise<void> => {
      const size = files.fileTypes[entry.dtype];
      const begin = entry.begin + first * size;
      for (let at = begin; at < begin + to.numel * size; at += PIECE_BYTES) {
        options.signal?.throwIfAborted();
        const length = Math.min(PIECE_BYTES, begin + to.numel * size - at);
        const bytes = await open.read(header.dataStart + at, length);
        const place = first > 0 ? `, behind element ${first}` : "";
        const what = `${source.name}/${shard.file}: "${entry.name}"${place}`;
        files.decode(to, (at - begin) / size, bytes, entry.dtype, what);
        loadedBytes = Math.min(loadedBytes + length, totalBytes);
        options.onProgress?.({ file: shard.file, loadedBytes, totalBytes });
      }
    };
    try {
      for (const item of plan.filter(({ file }) => file === shard.file)) {
        await loadWeight(item, packed.get(item.weight), packing, (to, first) => fill(to, first, item));
      }
    } finally {
      await open.close();
    }
  }
}

async function loadWeight(
  { weight, panel }: Item,
  packable: Packable | undefined,
  packing: Required<PackOptions> | null,
  fill: (to: Tensor, first: number) => Promise<void>,
): Promise<void> {
  if (panel === null && packable !== undefined && packing !== null && files.packsAs(weight, packing.dtype)) {
    const width = weight.numel / Math.max(weight.shape[0], 1);
    return packAsRead(weight, packable.transposed, packing, (rows, first) => fill(rows, first * width));
  }
  const target = panel === null ? weight : files.packedRoom(weight, panel);
  try {
    await fill(target, 0);
  } finally {
    if (target !== weight) target.dispose();
  }
}

/** Headers of model.safetensors, or of the shards its index names. */
async function readHeaders(source: CheckpointSource): Promise<Shard[]> {
  const single = "model.safetensors";
  if ((await source.size(single)) !== null) return [await readHeader(source, single)];
  const index = "model.safetensors.index.json";
  if ((await source.size(index)) === null) {
    throw new SaccadeError("file", `${source.name}: there is neither ${single} nor ${index}`);
  }
  const { weight_map: map } = await readJson(source, index);
  if (typeof map !== "object" || map === null)
    throw new SaccadeError("file", `${source.name}/${index}: no weight_map`);
  const names = [...new Set<unknown>(Object.values(map))];
  return Promise.all(names.map((file) => readHeader(source, shardName(file, `${source.name}/${index}`))));
}

/** A shard lies beside its index: a downloaded file must not name others of the machine. */
function shardName(file: unknown, index: string): string {
  if (typeof file === "string" && /^[^/\\]+$/.test(file)) return file;
  throw new SaccadeError(
    "file",
    `${index}: weight_map names ${JSON.stringify(file)}, which is no file beside it`,
  );
}

async function readHeader(source: CheckpointSource, file: string): Promise<Shard> {
  const what = `${source.name}/${file}`;
  const size = await source.size(file);
  if (size === null)
    throw new SaccadeError("file", `${what}: the index names this file, but it is not there`);
  const open = await source.open(file);
  try {
    const length = files.headerLength(await open.read(0, Math.min(8, size)), size, what);
    const header = files.parseHeader(await open.read(8, length), size, what);
    return { file, header, panels: panelsOf(header, what) };
  } finally {
    await open.close();
  }
}

interface Item {
  readonly file: string;
  readonly header: files.FileHeader;
  readonly entry: files.FileEntry;
  readonly weight: Tensor;
  /** Set when the file holds the weight's panels. */
  readonly panel: PanelEntry | null;
}

function notPanels(file: string, { name, dtype }: files.FileEntry): SaccadeError {
  return new SaccadeError(
    "file",
    `${file}: "${name}" is said to hold panels, which are I32 words, and is ${dtype}`,
  );
}

function matchNames(model: nn.Module & NameRules, shards: readonly Shard[]): Item[] {
  const own = model.stateDict();
  const inFile = shards.flatMap(({ header }) => header.entries.map(({ name }) => name));
  const names = ownNames(inFile, new Set(own.keys()), model);
  const unexpected = inFile.filter((name) => names.get(name) === undefined);
  const firstNames = new Map([...own].reverse().map(([name, tensor]) => [tensor, name]));
  const chosen = new Map<Tensor, Item>();
  const misshaped: string[] = [];
  for (const { file, header, panels } of shards) {
    for (const entry of header.entries) {
      const weight = own.get(names.get(entry.name) ?? "");
      if (weight === undefined) continue;
      const panel = panels.get(entry.name) ?? null;
      const wanted = panel === null ? weight.shape : panelShape(weight, panel);
      if (panel !== null && entry.dtype !== "I32") throw notPanels(file, entry);
      if (entry.shape.length !== wanted.length || entry.shape.some((size, i) => size !== wanted[i]))
        misshaped.push(`${entry.name} is (${entry.shape.join(", ")}), the model has (${wanted.join(", ")})`);
      // Tied weights may stand in the file under each of their names, even with other values: the first name counts.
      const first = names.get(entry.name) === firstNames.get(weight);
      if (first || !chosen.has(weight)) chosen.set(weight, { file, header, entry, weight, panel });
    }
  }
  const missing = [...own].filter(([, tensor]) => !chosen.has(tensor)).map(([name]) => name);
  if (missing.length + unexpected.length + misshaped.length > 0) {
    throw nn.stateDictError(model.constructor.name, missing, unexpected, misshaped);
  }
  return [...chosen.values()];
}
