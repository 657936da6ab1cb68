// The engine in Chromium and Firefox: Node's bits on any number of threads, in pages and workers, and under headers that
// forbid them. CHROMIUM and FIREFOX say where a browser is if it is not in its usual place.
import { existsSync } from "node:fs";
import { type Browser, launch, type Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Site, serveSite } from "./browsers/site.ts";
import { type Loss, type Outcome, type Start, train } from "./browsers/work.ts";

const browsers = {
  chrome: [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  firefox: [process.env.FIREFOX, "/usr/bin/firefox-esr", "/usr/bin/firefox"],
} as const;

describe.each(Object.entries(browsers))("%s", (name, places) => {
  const executablePath = places.find((path) => path !== undefined && existsSync(path));
  const suite = executablePath === undefined ? test.skip : test;
  const options = { meta: { skipReason: `there is no ${name} here` } };
  let [site, browser, page]: [Site?, Browser?, Page?] = [];

  beforeAll(async () => {
    if (executablePath === undefined) return;
    site = await serveSite();
    const args = name === "chrome" ? ["--no-sandbox", "--disable-gpu"] : [];
    browser = await launch({ browser: name as keyof typeof browsers, executablePath, args });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    page = await browser?.newPage();
  });
  afterEach(() => page?.close());

  async function call<T>(kind: string, where: "run" | "inWorker", task: string, start: Start): Promise<T> {
    if (site === undefined || page === undefined) throw new Error("there is no browser");
    await page.goto(site.page(kind));
    return page.evaluate(`${where}(${JSON.stringify([task, start])})`) as Promise<T>;
  }

  suite("computes what Node computes, with two threads and with one", options, async () => {
    const wanted = await train({ threads: 1 });
    expect(wanted.left).toBe(0);
    expect(wanted.values.filter(Number.isFinite).length).toBeGreaterThan(7000); // not NaN beside NaN
    for (const where of ["run", "inWorker"] as const) {
      const one = await call<Outcome>("isolated", where, "train", { threads: 1 });
      expect(one).toEqual(wanted);
      const two = await call<Outcome>("isolated", where, "train", { threads: 2 });
      expect(two).toEqual({ ...wanted, threads: 2, threadsReason: two.threadsReason, shared: true });
    }
  });

  suite("an ordinary page has one thread, and is told what would give more", options, async () => {
    const wanted = await train({ threads: 1 });
    const { threadsReason, ...rest } = await call<Outcome>("ordinary", "run", "train", { threads: 2 });
    expect({ threadsReason: wanted.threadsReason, ...rest }).toEqual(wanted);
    expect(threadsReason).toMatch(/not cross-origin isolated: serve it with Cross-Origin-Opener-Policy/);
  });

  suite("a strict policy leaves one thread, or as many as the site's own file", options, async () => {
    const refused = await call<Outcome>("strict", "run", "train", { threads: 2 });
    expect(refused).toMatchObject({ threads: 1, shared: false });
    expect(refused.threadsReason).toMatch(/Content-Security-Policy may forbid blob: workers/);
    const own = await call<Outcome>("strict", "run", "train", { threads: 2, workerFiles: ["worker.js"] });
    expect(own).toMatchObject({ threads: 2, shared: true, left: 0 });
    expect(own.values).toEqual(refused.values);
  });

  suite("a worker that does not come back is an error, and new ones are made", options, async () => {
    const start = { threads: 2, workerFiles: ["stuckWorker.js", "worker.js"] };
    const loss = await call<Loss>("isolated", "run", "loseWorker", start);
    expect(loss).toEqual({ code: "workerLost", name: "WorkerLostError", sum: 1000 });
  });
});
