// A server on this machine for the pages of browsers.test.ts, under the headers that decide what a page may do.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Headers of all files under a path. */
const headers: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  /** What a page needs for threads. */
  isolated: isolation,
  /** Any page. */
  ordinary: {},
  /** No workers and scripts but the site's own files. */
  strict: {
    ...isolation,
    "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'",
  },
};

const near = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** page.js, the chunks it loads, the engine's worker as a file, worker.js, and one that never finishes. */
async function scripts(): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: {
      page: near("page.ts"),
      worker: near("../../src/worker.ts"),
      stuckWorker: near("stuckWorker.ts"),
    },
    outdir: "/",
    bundle: true,
    splitting: true,
    format: "esm",
    conditions: ["@saccade/source"],
    write: false,
    logLevel: "error",
  });
  return new Map(outputFiles.map(({ path, contents }) => [path.slice(1), contents]));
}

export interface Site extends AsyncDisposable {
  /** The address of the page under one set of headers. */
  page(kind: keyof typeof headers): string;
}

export async function serveSite(): Promise<Site> {
  const files = await scripts();
  const html = new TextEncoder().encode('<!doctype html><script type="module" src="page.js"></script>');
  const server = createServer(({ url = "/" }, response) => {
    const [, kind, name] = url.split("/");
    const content = name === "" ? html : files.get(name);
    const type = name === "" ? "text/html" : "text/javascript";
    response.writeHead(content ? 200 : 404, { ...headers[kind], "content-type": type }).end(content);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    page: (kind) => `http://127.0.0.1:${port}/${kind}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
