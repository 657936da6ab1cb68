// Every architecture against transformers: a fixture directory with tiny/, forward and gradients (tools/oracle/causal.py)
// is found here and tested in rows and packed, in both builds. What is peculiar to one has tests of its own.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { noGrad, scope, type Tensor, tensor } from "@saccade/core";
import { AutoModelForCausalLM, type CausalModel, generate } from "@saccade/models";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { inBothBuilds } from "./engine.ts";
import { checkpointFiles, Fixture } from "./fixture.ts";

const fixtures = fileURLToPath(new URL("./fixtures/", import.meta.url));
const names = readdirSync(fixtures).filter(
  (name) => existsSync(`${fixtures}${name}/tiny`) && existsSync(`${fixtures}${name}/gradients.json`),
);

async function withModel(
  folder: string,
  trainable: boolean,
  body: (model: CausalModel) => void | Promise<void>,
  config: Record<string, unknown> = {},
): Promise<void> {
  const model = await AutoModelForCausalLM.fromPretrained(checkpointFiles("tiny", config, folder), {
    trainable,
  });
  try {
    await body(model);
  } finally {
    model.dispose();
  }
}

test("there are fixtures", () => {
  expect(names.length).toBeGreaterThan(0);
});

inBothBuilds(() => {
  test.for(names)("%s: logits, hidden states, attentions, loss and every gradient", async (name) => {
    const folder = fixtures + name;
    const forward = new Fixture("forward", folder);
    const gradients = new Fixture("gradients", folder);
    await withModel(folder, true, (model) => {
      scope(() => {
        const options = { labels: forward.input("labels"), outputAttentions: true, outputHiddenStates: true };
        const output = model.forward(forward.input("input_ids"), options);
        forward.expectClose("logits", output.logits);
        forward.expectClose("loss", output.loss as Tensor);
        for (const [i, x] of (output.hiddenStates ?? []).entries())
          forward.expectClose(`hidden_states.${i}`, x);
        for (const [i, x] of (output.attentions ?? []).entries()) forward.expectClose(`attentions.${i}`, x);
        expect(output.hiddenStates).toHaveLength(forward.names("hidden_states.").length);
        expect(output.attentions).toHaveLength(forward.names("attentions.").length);
        output.loss?.backward();
      });
      const parameters = new Map(model.namedParameters());
      expect(gradients.names("grad.").sort()).toEqual(
        [...parameters.keys()].map((name) => `grad.${name}`).sort(),
      );
      for (const [name, { grad }] of parameters) gradients.expectClose(`grad.${name}`, grad as Tensor);
    });
  });

  test.for(names)("%s: packed weights, and each config switch moves the logits", async (name) => {
    const folder = fixtures + name;
    const forward = new Fixture("forward", folder);
    const logits = (model: CausalModel): Tensor =>
      noGrad(() => model.forward(forward.input("input_ids")).logits);
    await withModel(folder, false, (model) => scope(() => forward.expectClose("logits", logits(model))));
    const flips = Object.values(forward.facts.flips as Record<string, { config?: Record<string, unknown> }>);
    for (const { config } of flips) {
      if (config === undefined) continue;
      await withModel(
        folder,
        false,
        (model) => scope(() => forward.expectFar("logits", logits(model))),
        config,
      );
    }
  });

  test.for(names)("%s: with a cache, token by token, the same ids as without", async (name) => {
    const folder = fixtures + name;
    await withModel(folder, false, async (model) => {
      const prompt = [3, 1, 4, 1, 5];
      const ids: number[] = [];
      for await (const id of generate(model, prompt, { maxNewTokens: 12, eosTokenId: null })) ids.push(id);
      const plain = [...prompt];
      for (let step = 0; step < 12; step++) plain.push(nextId(model, plain));
      expect(ids).toEqual(plain.slice(prompt.length));
    });
  });
});

function nextId(model: CausalModel, ids: readonly number[]): number {
  return noGrad(() =>
    scope(() =>
      model
        .forward(tensor(Int32Array.from(ids), { shape: [1, ids.length] }), { logitsToKeep: 1 })
        .logits.argmax()
        .item(),
    ),
  );
}

test("a head keeps its name, which config.json holds, in a minified program", async () => {
  const { outputFiles } = await build({
    stdin: { contents: 'export * from "@saccade/models";', resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    conditions: ["@saccade/source"],
    write: false,
    logLevel: "error",
  });
  const folder = mkdtempSync(`${tmpdir()}/saccade-minified-`);
  try {
    writeFileSync(`${folder}/all.mjs`, outputFiles[0].contents);
    const made: Record<string, { name: string; task?: string }> = await import(
      /* @vite-ignore */ `${folder}/all.mjs`
    );
    const heads = Object.entries(made).filter(([, value]) => value.task !== undefined);
    expect(heads.length).toBeGreaterThan(1);
    for (const [name, head] of heads) expect(head.name).toBe(name);
    expect(made.GPT2Model.name).not.toBe("GPT2Model"); // it is minified
  } finally {
    rmSync(folder, { recursive: true });
  }
});
