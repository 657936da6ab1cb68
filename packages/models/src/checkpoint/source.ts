// Where the files of a checkpoint come from: a directory in Node, Deno and Bun, or bytes and Blobs the page has.
import { SaccadeError } from "@saccade/core";

/** Random access to the files of one checkpoint. */
export interface CheckpointSource {
  /** For messages: the directory. */
  readonly name: string;
  /** Size in bytes, or null when there is no such file. */
  size(file: string): Promise<number | null>;
  /** Opens a file for reading pieces. */
  open(file: string): Promise<OpenFile>;
}

export interface OpenFile {
  /** Bytes [begin, begin + length). */
  read(begin: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export type CheckpointLocation = string | ReadonlyMap<string, Uint8Array | Blob>;

export function checkpointSource(location: CheckpointLocation): CheckpointSource {
  return typeof location === "string" ? new Directory(location) : new InMemory(location);
}

/** The whole of a small text file; null when there is none. */
export async function readText(source: CheckpointSource, file: string): Promise<string | null> {
  const size = await source.size(file);
  if (size === null) return null;
  const open = await source.open(file);
  try {
    return new TextDecoder().decode(await open.read(0, size));
  } finally {
    await open.close();
  }
}

/** A JSON object from a file; an error that names the file when it is missing or broken. */
export async function readJson(source: CheckpointSource, file: string): Promise<Record<string, unknown>> {
  const text = await readText(source, file);
  if (text === null) {
    throw new SaccadeError("file", `${source.name}: there is no ${file}; a checkpoint directory holds one`);
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch (error) {
    throw new SaccadeError("file", `${source.name}/${file}: not JSON (${(error as Error).message})`);
  }
  throw new SaccadeError("file", `${source.name}/${file}: not a JSON object`);
}

/** Node's built-in modules, where there are any; bundlers do not see them. */
export function nodeModule<T>(name: string): T {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const module = process?.getBuiltinModule?.(name);
  if (module === undefined) {
    throw new SaccadeError(
      "unsupported",
      "this runtime has no files; pass a Map of file names to bytes or Blobs",
    );
  }
  return module as T;
}

/** What is used of node:fs/promises. Said here, because what ships is compiled without Node's types. */
export interface FileSystem {
  open(path: string, flags: string): Promise<FileHandle>;
  stat(path: string): Promise<{ isFile(): boolean; isDirectory(): boolean; readonly size: number }>;
  mkdir(path: string): Promise<unknown>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: boolean }): Promise<void>;
  writeFile(path: string, text: string): Promise<void>;
}

export interface FileHandle {
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  write(from: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }>;
  writeFile(text: string): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

class Directory implements CheckpointSource {
  readonly name: string;
  readonly #fs: FileSystem;

  constructor(path: string) {
    this.name = path;
    this.#fs = nodeModule<FileSystem>("node:fs/promises");
  }

  async size(file: string): Promise<number | null> {
    try {
      const stats = await this.#fs.stat(`${this.name}/${file}`);
      return stats.isFile() ? stats.size : null;
    } catch {
      return null;
    }
  }

  async open(file: string): Promise<OpenFile> {
    const path = `${this.name}/${file}`;
    const handle = await this.#fs.open(path, "r");
    return {
      async read(begin, length) {
        const bytes = new Uint8Array(length);
        let done = 0;
        while (done < length) {
          const { bytesRead } = await handle.read(bytes, done, length - done, begin + done);
          if (bytesRead === 0)
            throw new SaccadeError("file", `${path}: ends at byte ${begin + done}, before ${begin + length}`);
          done += bytesRead;
        }
        return bytes;
      },
      close: () => handle.close(),
    };
  }
}

class InMemory implements CheckpointSource {
  readonly name = "checkpoint";
  readonly #files: ReadonlyMap<string, Uint8Array | Blob>;

  constructor(files: ReadonlyMap<string, Uint8Array | Blob>) {
    this.#files = files;
  }

  async size(file: string): Promise<number | null> {
    const content = this.#files.get(file);
    if (content === undefined) return null;
    return content instanceof Uint8Array ? content.length : content.size;
  }

  async open(file: string): Promise<OpenFile> {
    const content = this.#files.get(file);
    if (content === undefined) throw new SaccadeError("file", `there is no ${file} among the files given`);
    return {
      async read(begin, length) {
        if (content instanceof Uint8Array) return content.subarray(begin, begin + length);
        return new Uint8Array(await content.slice(begin, begin + length).arrayBuffer());
      },
      close: async () => {},
    };
  }
}
