// Turns kernel bytes into callable kernels: picks the build, compiles, links the memory, and checks that the
// module and the bindings are of one version. Where the bytes come from is the entry's business (index,
// static, slim).
import { SaccadeError } from "./error.ts";
import { ABI_HASH, type Kernels } from "./generated/bindings.ts";
import { isShared, withMemory } from "./sharing.ts";
import { type Variant, variantSupported } from "./variant.ts";

export interface InstantiateOptions {
  /**
   * Which build: "relaxed" is fastest, "simd" gives the same bits everywhere, "auto" takes the best there is.
   */
  readonly variant?: "auto" | Variant;
  /** Shared or not: bytes are fitted to it. */
  readonly memory: WebAssembly.Memory;
  /** Kernels of the caller instead of the entry's own: compiled, as bytes, or to be fetched. */
  readonly module?: WebAssembly.Module;
  readonly bytes?: BufferSource;
  readonly url?: string | URL;
}

export interface Instantiated {
  readonly kernels: Kernels;
  readonly variant: Variant;
  /** The compiled module, for instantiating it in workers. */
  readonly module: WebAssembly.Module;
}

/** The build "auto" stands for on this runtime; an error if it runs neither or not the one asked for. */
export function chooseVariant(wanted: "auto" | Variant = "auto"): Variant {
  if (wanted !== "auto" && wanted !== "simd" && wanted !== "relaxed") {
    throw new SaccadeError(
      "argument",
      `variant is ${JSON.stringify(wanted)}; it must be "auto", "simd" or "relaxed"`,
    );
  }
  if (!variantSupported("simd")) {
    throw new SaccadeError(
      "unsupported",
      "this runtime has no WebAssembly SIMD; every current browser and Node >= 20 has",
    );
  }
  if (wanted === "relaxed" && !variantSupported("relaxed")) {
    throw new SaccadeError("unsupported", 'this runtime has no relaxed SIMD; take variant "auto" or "simd"');
  }
  if (wanted !== "auto") return wanted;
  return variantSupported("relaxed") ? "relaxed" : "simd";
}

/** Instantiates the caller's kernels, or those `embedded` gives for the chosen build. */
export async function instantiateWith(
  options: InstantiateOptions,
  embedded: (variant: Variant) => Promise<BufferSource>,
): Promise<Instantiated> {
  const { memory, module, bytes, url } = options;
  if ([module, bytes, url].filter((source) => source !== undefined).length > 1) {
    throw new SaccadeError("argument", "give the kernels as one of module, bytes and url, not as several");
  }
  const variant = chooseVariant(options.variant);
  const own = module === undefined && bytes === undefined && url === undefined;
  const read = async (): Promise<BufferSource> =>
    bytes ?? (url === undefined ? embedded(variant) : fetchKernels(url));
  const compiled = module ?? (await compile(withMemory(await read(), isShared(memory))));
  const kernels = await link(compiled, memory);
  const actual = kernels.abi_relaxed() === 1 ? "relaxed" : "simd";
  if ((own || options.variant === "simd" || options.variant === "relaxed") && actual !== variant) {
    throw new SaccadeError("argument", `the kernels given are the ${actual} build, asked for was ${variant}`);
  }
  return { kernels, variant: actual, module: compiled };
}

async function compile(bytes: BufferSource): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    throw explain(error);
  }
}

async function link(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernels> {
  let kernels: Kernels;
  try {
    kernels = (await WebAssembly.instantiate(module, { env: { memory } })).exports as unknown as Kernels;
  } catch (error) {
    throw explain(error);
  }
  const hash = typeof kernels.abi_hash === "function" ? kernels.abi_hash() : "none";
  if (hash === ABI_HASH) return kernels;
  const mend = "take both from one version of @saccade/kernels";
  throw new SaccadeError("abi", `the kernels have ABI ${hash}, this JavaScript needs ${ABI_HASH}: ${mend}`);
}

/**
 * Chromium and Firefox refuse to compile under a strict policy, WebKit to instantiate, edge hosts to compile
 * at all.
 */
function explain(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (/Content.?Security.?Policy|\bCSP\b|unsafe-eval/i.test(error.message)) {
    const mend = "add 'wasm-unsafe-eval' to script-src";
    return new SaccadeError(
      "unsupported",
      `the page's Content-Security-Policy forbids WebAssembly: ${mend}`,
      {
        cause: error,
      },
    );
  }
  if (/disallowed by embedder/i.test(error.message)) {
    const mend = "import the .wasm file at build time and pass init({ module })";
    return new SaccadeError("unsupported", `this host forbids compiling WebAssembly at run time: ${mend}`, {
      cause: error,
    });
  }
  if (error instanceof WebAssembly.CompileError) {
    const doubt = "are they damaged, or for other features?";
    return new SaccadeError("file", `these kernels do not compile here, ${doubt} ${error.message}`, {
      cause: error,
    });
  }
  if (error instanceof WebAssembly.LinkError) {
    const mend = "threads > 1 need a module of withSharedMemory(bytes), one thread the bytes as they are";
    return new SaccadeError("abi", `the kernels do not link with this memory: ${error.message}; ${mend}`, {
      cause: error,
    });
  }
  return error;
}

interface NodeFiles {
  readFile(path: URL): Promise<Uint8Array<ArrayBuffer>>;
}

/** The bytes at an address; `file:` is read in Node, whose fetch does not. */
export async function fetchKernels(url: string | URL): Promise<BufferSource> {
  const { process, document } = globalThis as {
    process?: { getBuiltinModule?(name: string): NodeFiles };
    document?: { baseURI: string };
  };
  let response: Response;
  try {
    const address = new URL(
      url,
      document?.baseURI ?? (globalThis as { location?: { href: string } }).location?.href,
    );
    const files = address.protocol === "file:" ? process?.getBuiltinModule?.("node:fs/promises") : undefined;
    if (files !== undefined) return await files.readFile(address);
    response = await fetch(address);
  } catch (error) {
    throw new SaccadeError("io", `the kernels could not be read from ${url}: ${String(error)}`, {
      cause: error,
    });
  }
  if (response.ok) return response.arrayBuffer();
  throw new SaccadeError("io", `the kernels could not be read from ${url}: HTTP status ${response.status}`);
}
