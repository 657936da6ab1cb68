// GPT-2 124M generating 64 tokens in Chromium, one thread: Saccade's int8 and int4 beside wllama's q8_0 and q4_0, from the
// same random weights, in rounds that alternate within one page. Goal: 1.2 times as fast.
//   node tools/bench/peers/browser.ts [rounds]
import { createReadStream, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { init } from "@saccade/core";
import { build } from "esbuild";
import { type Browser, launch, type Page } from "puppeteer-core";
import { installPeers } from "../machine.ts";
import { loaded } from "../networks.ts";
import { median, spread } from "../statistics.ts";
import { gguf, tokenText } from "./gguf.ts";
import { versionOf } from "./modules.ts";
import { writeCheckpoint } from "./saccadeNetworks.ts";

export interface GeneratedRun {
  readonly ms: number;
  readonly ids: readonly number[];
}

const GOAL = 1.2;
const TOKENS = 64;
const PAIRS = { "saccade int8": "wllama q8_0", "saccade int4": "wllama q4_0" } as const;
const prompt = Array.from({ length: loaded.tokens }, (_, i) => (7 * i + 3) % 26);

const near = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

function chromium(): string {
  const { CHROMIUM } = process.env;
  const places = [CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = places.find((path) => path !== undefined && existsSync(path));
  if (found === undefined)
    throw new Error("there is no Chromium; install it, or say where it is in CHROMIUM");
  return found;
}

async function writeFiles(directory: string): Promise<void> {
  await init();
  await writeCheckpoint(directory);
  for (const type of ["q8_0", "q4_0"] as const)
    writeFileSync(`${directory}/${type}.gguf`, gguf(loaded, type));
  await build({
    entryPoints: [near("browserPage.ts")],
    bundle: true,
    format: "esm",
    conditions: ["@saccade/source"],
    outfile: `${directory}/page.js`,
    logLevel: "error",
  });
}

const wllama: Readonly<Record<string, string>> = {
  "wllama.js": near("node_modules/@wllama/wllama/esm/index.js"),
  "wllama.wasm": near("node_modules/@wllama/wllama/esm/wasm/wllama.wasm"),
};

/** Serves what was written, wllama, and an empty page with the program. */
async function serve(directory: string): Promise<Server> {
  const server = createServer(({ url = "/" }, response) => {
    const name = url.slice(1);
    const path = wllama[name] ?? `${directory}/${name}`;
    if (name === "") {
      response.setHeader("content-type", "text/html");
      response.end('<!doctype html><script type="module" src="page.js"></script>');
    } else if (!existsSync(path)) {
      response.writeHead(404).end();
    } else {
      const types = { js: "text/javascript", wasm: "application/wasm" } as const;
      const type = types[path.split(".").at(-1) as keyof typeof types] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "content-length": statSync(path).size });
      createReadStream(path).pipe(response);
    }
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return server;
}

async function measure(page: Page, rounds: number): Promise<void> {
  const text = prompt.map(tokenText).join("");
  const call = <T>(code: string): Promise<T> => page.evaluate(code) as Promise<T>;
  const names = await call<string[]>(`prepare(${JSON.stringify(prompt)}, ${JSON.stringify(text)})`);
  const times = new Map<string, number[]>(names.map((name) => [name, []]));
  const answers = new Map<string, readonly number[]>();
  for (let round = -1; round < rounds; round++) {
    for (const name of names) {
      const { ms, ids } = await call<GeneratedRun>(`run(${JSON.stringify(name)}, ${TOKENS})`);
      if (ids.length !== TOKENS) throw new Error(`${name} gave ${ids.length} tokens, not ${TOKENS}`);
      answers.set(name, ids);
      if (round >= 0) times.get(name)?.push(ms);
    }
  }
  for (const [ours, theirs] of Object.entries(PAIRS)) {
    const [a, b] = [ours, theirs].map((name) => times.get(name) ?? []);
    const ratio = median(a.map((ms, i) => b[i] / ms));
    const [x, y] = [ours, theirs].map((name) => answers.get(name) ?? []);
    const alike = x.findIndex((id, i) => id !== y[i]);
    const same = alike < 0 ? "all" : `the first ${alike}`;
    const shown = (values: readonly number[]): string =>
      `${median(values).toFixed(0)} ms ± ${(50 * spread(values)).toFixed(0)} %`;
    console.log(
      `${ours}: ${shown(a)}; ${theirs}: ${shown(b)}: ${ratio.toFixed(2)} × (goal ${GOAL}, ${ratio >= GOAL ? "met" : "missed"}); ${same} tokens alike`,
    );
  }
}

async function main(rounds: number): Promise<void> {
  installPeers((line) => console.error(line));
  const directory = mkdtempSync(`${tmpdir()}/saccade-browser-`);
  let browser: Browser | undefined;
  let server: Server | undefined;
  try {
    await writeFiles(directory);
    server = await serve(directory);
    const args = ["--no-sandbox", "--disable-gpu"];
    browser = await launch({ executablePath: chromium(), headless: true, args, protocolTimeout: 600_000 });
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error("the page:", error));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    console.log(
      `${await browser.version()}, wllama ${versionOf("@wllama/wllama")}, ${TOKENS} tokens behind ${prompt.length}`,
    );
    await measure(page, rounds);
  } finally {
    await browser?.close();
    server?.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

await main(Number(process.argv[2] ?? 5));
process.exit(0);
