// Weights of few bits in a file: their panels as they lie in memory, as I32 words under the weight's name, and how to read
// them in the file's metadata. Loading them is copying; no other program reads them.
import { files, SaccadeError, type Tensor, type WeightFormat } from "@saccade/core";

/** Where the metadata of a safetensors file says how panels lie: JSON, by name. */
export const PANELS = "saccade.panels";

export interface PanelEntry {
  readonly format: WeightFormat;
  readonly group: number;
  readonly transposed: boolean;
}

export type PanelEntries = ReadonlyMap<string, PanelEntry>;

/** What a file of these tensors holds, and its metadata: int8 and int4 weights as panels, all else in rows. */
export function withPanels(tensors: ReadonlyMap<string, Tensor>): {
  contents: Map<string, Tensor>;
  metadata: Record<string, string>;
} {
  const entries: Record<string, PanelEntry> = {};
  const contents = new Map(
    [...tensors].map(([name, tensor]) => {
      const { panel } = tensor;
      if (panel === null || !isCoarse(panel.format)) return [name, tensor];
      const { format, group, transposed } = panel;
      entries[name] = { format, group, transposed };
      return [name, files.packedWords(tensor)];
    }),
  );
  return { contents, metadata: Object.keys(entries).length > 0 ? { [PANELS]: JSON.stringify(entries) } : {} };
}

const isCoarse = (format: WeightFormat): boolean => format === "int8" || format === "int4";

/** The panels of a file by name. */
export function panelsOf({ metadata }: files.FileHeader, what: string): PanelEntries {
  const text = metadata[PANELS];
  if (text === undefined) return new Map();
  try {
    const entries = Object.entries(JSON.parse(text) as Record<string, PanelEntry>);
    if (entries.every(([, entry]) => isPanelEntry(entry))) return new Map(entries);
  } catch {
    // said below
  }
  throw new SaccadeError("file", `${what}: its metadata "${PANELS}" is not what this version writes`);
}

/** The shape of a weight's panels in a file; a vector has none. */
export function panelShape(weight: Tensor, { format, group, transposed }: PanelEntry): readonly number[] {
  if (weight.rank < 2) return weight.shape;
  return [files.packedBytes(weight.shape, { format, group, transposed }) / 4];
}

function isPanelEntry({ format, group, transposed }: PanelEntry): boolean {
  return (
    isCoarse(format) &&
    Number.isInteger(group) &&
    group > 0 &&
    group % 8 === 0 &&
    typeof transposed === "boolean"
  );
}
