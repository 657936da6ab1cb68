// Writing a checkpoint directory as transformers' save_pretrained does. Every file is written beside its place and then
// renamed, so a crash leaves the old file or the new one, never half of one.
import { files, SaccadeError, type Tensor } from "@saccade/core";
import { type FileHandle, type FileSystem, nodeModule } from "./source.ts";

/** Writes a file atomically: `write` fills a temporary one. */
export async function writeAtomically(
  path: string,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const fs = nodeModule<FileSystem>("node:fs/promises");
  const temporary = `${path}.${nodeModule<{ pid: number }>("node:process").pid}.tmp`;
  try {
    const handle = await fs.open(temporary, "w");
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, path);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {});
    if (error instanceof SaccadeError) throw error;
    throw new SaccadeError("io", `${path}: could not be written (${(error as Error).message})`);
  }
}

/** Makes a directory, and those above it. */
export async function makeDirectory(path: string): Promise<void> {
  const fs = nodeModule<FileSystem>("node:fs/promises");
  try {
    await makeLevels(fs, path);
  } catch (error) {
    throw new SaccadeError("io", `${path}: the directory could not be made (${(error as Error).message})`);
  }
}

/**
 * One level after the other: below a directory that exists and yet says "no such directory" (/proc), the recursive mkdir
 * of Node 20 and 24 never returns.
 */
async function makeLevels(fs: FileSystem, path: string): Promise<void> {
  const isDirectory = (place: string): Promise<boolean> =>
    fs.stat(place).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
  try {
    await fs.mkdir(path);
  } catch (error) {
    const parent = nodeModule<{ dirname(path: string): string }>("node:path").dirname(path);
    const { code } = error as { code?: string };
    if (code === "EEXIST" && (await isDirectory(path))) return;
    if (code !== "ENOENT" || parent === path || (await isDirectory(parent))) throw error;
    await makeLevels(fs, parent);
    await makeLevels(fs, path);
  }
}

/** Makes a directory and sees that files can be written to it, so that work is not lost for want of a place. */
export async function checkWritable(path: string): Promise<void> {
  await makeDirectory(path);
  const fs = nodeModule<FileSystem>("node:fs/promises");
  const probe = `${path}/.${nodeModule<{ pid: number }>("node:process").pid}.tmp`;
  try {
    await fs.writeFile(probe, "");
    await fs.rm(probe, { force: true });
  } catch (error) {
    throw new SaccadeError("io", `${path}: no files can be written there (${(error as Error).message})`);
  }
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeAtomically(path, (handle) => handle.writeFile(`${JSON.stringify(value, null, 2)}\n`));
}

/** A safetensors file, written in pieces of at most 4 MB. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
  floats: files.FileType = "F32",
): Promise<void> {
  const { head, parts } = files.fileLayout(tensors, metadata, floats);
  await writeAtomically(path, async (handle) => {
    await writeAll(handle, head);
    for (const { name, tensor, dtype } of parts) {
      for (const piece of files.encodedPieces(tensor, dtype, name)) await writeAll(handle, piece);
    }
  });
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
}
