// Loading: every source of kernels, every build, and every way it can fail with the message a user needs.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { decodeBase64, decodeByHand } from "../src/base64.ts";
import {
  ABI_HASH,
  chooseVariant,
  createMemory,
  type InstantiateOptions,
  instantiateKernels,
  type SaccadeError,
  type Variant,
  variantSupported,
} from "../src/index.ts";
import * as slim from "../src/slim.ts";
import * as fromStatic from "../src/static.ts";

const file = (variant: Variant): URL => new URL(`../build/kernels-${variant}.wasm`, import.meta.url);
const bytesOf = (variant: Variant): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(file(variant)));
const memory = createMemory({ maximumBytes: 65536 * 16 }).memory;
const variants = (["simd", "relaxed"] as const).filter(variantSupported);

async function errorOf(
  options: Omit<InstantiateOptions, "memory">,
  inMemory = memory,
): Promise<SaccadeError> {
  const error = await instantiateKernels({ memory: inMemory, ...options }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: "SaccadeError" });
  return error as SaccadeError;
}

/** The module with a signature hash that is not the bindings'. */
function otherAbi(): Uint8Array<ArrayBuffer> {
  const bytes = bytesOf("simd");
  const leb: number[] = [];
  for (let rest = ABI_HASH; ; rest >>= 7) {
    const last = rest < 64;
    leb.push((rest & 127) | (last ? 0 : 128));
    if (last) break;
  }
  const at = bytes.findIndex((_, i) => leb.every((byte, k) => bytes[i + k] === byte));
  bytes[at] ^= 1;
  return bytes;
}

describe("instantiateKernels", () => {
  for (const variant of variants) {
    test(`${variant}: embedded, static, module, bytes and file give the same kernels`, async () => {
      const embedded = await instantiateKernels({ variant, memory });
      const { module } = embedded;
      const others = await Promise.all([
        fromStatic.instantiateKernels({ variant, memory }),
        instantiateKernels({ variant, memory, bytes: fromStatic.kernelBytes(variant) }),
        instantiateKernels({ variant, memory, module }),
        instantiateKernels({ variant, memory, bytes: bytesOf(variant) }),
        instantiateKernels({ memory, url: file(variant) }),
        instantiateKernels({ memory, url: file(variant).href }),
      ]);
      for (const { kernels, variant: actual } of [embedded, ...others]) {
        expect([actual, kernels.abi_hash(), kernels.abi_relaxed()]).toEqual([
          variant,
          ABI_HASH,
          Number(variant === "relaxed"),
        ]);
        expect(Object.keys(kernels)).toEqual(Object.keys(embedded.kernels));
      }
    });
  }

  test("the default is the best build this runtime has", async () => {
    const { variant } = await instantiateKernels({ memory });
    expect(variant).toBe(variants.at(-1));
    expect(slim.kernelUrl().href).toMatch(new RegExp(`/kernels-${variant}\\.wasm$`));
    expect(slim.kernelUrl("simd").href).toMatch(/\/kernels-simd\.wasm$/);
  });

  test("a url is fetched, and its failure named", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/kernels.wasm") response.end(bytesOf("simd"));
      else response.writeHead(404).end("not here");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect((await instantiateKernels({ memory, url: `${base}/kernels.wasm` })).variant).toBe("simd");
      const missing = await errorOf({ url: `${base}/other.wasm` });
      expect([missing.code, missing.message]).toEqual(["io", expect.stringContaining("HTTP status 404")]);
    } finally {
      server.close();
      await once(server, "close");
    }
    for (const url of [`${base}/kernels.wasm`, new URL("./none.wasm", import.meta.url), "no url"]) {
      expect((await errorOf({ url })).message).toContain(`could not be read from ${url}: `);
    }
  });

  test("kernels of another version are refused", async () => {
    const error = await errorOf({ bytes: otherAbi() });
    expect([error.code, error.message]).toEqual([
      "abi",
      expect.stringContaining(`needs ${ABI_HASH}: take both`),
    ]);
    const empty = await errorOf({ bytes: Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0) });
    expect([empty.code, empty.message]).toEqual(["abi", expect.stringContaining("have ABI none")]);
  });

  test("damaged bytes, a memory that does not fit, contradicting options", async () => {
    expect((await errorOf({ bytes: bytesOf("simd").slice(0, 500) })).code).toBe("file");
    const shared = createMemory({ maximumBytes: 65536, shared: true }).memory;
    const module = await WebAssembly.compile(bytesOf("simd"));
    expect((await errorOf({ module }, shared)).message).toMatch(/do not link with this memory/);
    expect((await errorOf({ bytes: bytesOf("simd"), url: "x" })).message).toContain("not as several");
    expect((await errorOf({ variant: "fast" as Variant })).message).toContain('variant is "fast"');
  });

  test("the build asked for is the build one gets", async (context) => {
    if (!variantSupported("relaxed")) context.skip("this runtime has no relaxed SIMD");
    const error = await errorOf({ variant: "simd", bytes: bytesOf("relaxed") });
    expect(error.message).toBe("the kernels given are the relaxed build, asked for was simd");
  });

  // How Chromium, Firefox, WebKit and Cloudflare Workers word it.
  const refusals = [
    [
      "compile",
      "Compiling or instantiating WebAssembly module violates the following Content Security policy",
      "add 'wasm-unsafe-eval' to script-src",
    ],
    ["compile", "call to WebAssembly.compile() blocked by CSP", "add 'wasm-unsafe-eval' to script-src"],
    [
      "instantiate",
      "Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not allowed",
      "add 'wasm-unsafe-eval' to script-src",
    ],
    [
      "compile",
      "WebAssembly.compile(): Wasm code generation disallowed by embedder",
      "pass init({ module })",
    ],
  ] as const;
  for (const [call, words, mend] of refusals) {
    test(`a host that forbids wasm at ${call}: ${words.slice(0, 40)}…`, async () => {
      vi.spyOn(WebAssembly, call).mockRejectedValue(new WebAssembly.CompileError(words));
      const error = await errorOf({});
      expect([error.code, (error.cause as Error).message]).toEqual(["unsupported", words]);
      expect(error.message).toContain(mend);
    });
  }
});

describe("chooseVariant", () => {
  test("a build is supported exactly where its module validates", () => {
    for (const variant of ["simd", "relaxed"] as const) {
      expect([variant, variantSupported(variant)]).toEqual([variant, WebAssembly.validate(bytesOf(variant))]);
    }
  });

  test("without relaxed SIMD auto is simd; without SIMD there is nothing", () => {
    const validate = vi.spyOn(WebAssembly, "validate");
    validate.mockImplementation((bytes) => (bytes as Uint8Array).length < 35);
    expect([chooseVariant(), chooseVariant("simd")]).toEqual(["simd", "simd"]);
    expect(() => chooseVariant("relaxed")).toThrow("no relaxed SIMD");
    validate.mockReturnValue(false);
    for (const wanted of ["auto", "simd", "relaxed"] as const)
      expect(() => chooseVariant(wanted)).toThrow("no WebAssembly SIMD");
  });
});

describe("base64", () => {
  test("decodes every length and byte, by hand as natively", () => {
    for (let length = 0; length < 300; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 7 + length);
      const text = Buffer.from(bytes).toString("base64");
      expect(decodeByHand(text)).toEqual(bytes);
      expect(Uint8Array.from(decodeBase64(text))).toEqual(bytes);
    }
  });

  test("takes what the runtime has", () => {
    // The stubs are gone before anything is expected: vitest itself needs what they hide.
    const decodedWith = (stubs: Readonly<Record<string, unknown>>): number[] => {
      for (const [name, value] of Object.entries(stubs)) vi.stubGlobal(name, value);
      try {
        return [...decodeBase64("AQID")];
      } finally {
        vi.unstubAllGlobals();
      }
    };
    const none = Object.assign(class extends Uint8Array {}, { fromBase64: undefined });
    const young = Object.assign(class extends Uint8Array {}, { fromBase64: () => Uint8Array.of(7) });
    const node = { from: () => Uint8Array.of(8) };
    expect(decodedWith({ Uint8Array: young, Buffer: node })).toEqual([7]);
    expect(decodedWith({ Uint8Array: none, Buffer: node })).toEqual([8]);
    expect(decodedWith({ Uint8Array: none, Buffer: undefined })).toEqual([1, 2, 3]);
  });
});
