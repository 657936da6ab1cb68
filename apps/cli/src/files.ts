// Files that commands write beside checkpoints.
import { rename, rm, writeFile } from "node:fs/promises";

/** Writes a text file by way of a temporary one: there is the old file or the whole new one, never a part. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
