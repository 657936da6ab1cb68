// The one vitest configuration: tests run on the packages' sources (export condition "@saccade/source"), print
// nothing unexpected, and leave a report that `npm test` adds up at its end.
import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";
import { SkipReporter } from "./tools/skip-reporter.ts";

/** Ours before the ones vite itself puts there for Node. */
const conditions = ["@saccade/source", "module", "node", "development|production"];

/** The configuration of a package whose tests are `test/**\/*.test.ts`; `options` adds to its `test` section. */
export function packageTests(options: ViteUserConfig["test"] = {}): ViteUserConfig {
  return defineConfig({
    cacheDir: fileURLToPath(new URL("./node_modules/.vite", import.meta.url)),
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      include: ["test/**/*.test.ts"],
      setupFiles: [fileURLToPath(new URL("./tools/vitest-setup.ts", import.meta.url))],
      reporters: ["default", new SkipReporter()],
      restoreMocks: true,
      testTimeout: 30_000,
      ...options,
    },
  });
}
