import { describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { saccade } from "./session.ts";

describe("help", () => {
  test("names every command and the exit statuses", async () => {
    const { status, stdout, stderr } = await saccade(["--help"]);
    expect(status).toBe(0);
    expect(stderr).toBe("");
    for (const word of ["generate", "look", "train", "doctor", "bench", "demo", "130 interrupted"])
      expect(stdout).toContain(word);
  });

  test.each([["generate"], ["look"], ["train", "gpt"], ["doctor"], ["bench"], ["demo"]])(
    "of %s %s",
    async (...words) => {
      const { status, stdout } = await saccade([...words.filter(Boolean), "--help"]);
      expect(status).toBe(0);
      expect(stdout).toContain("--variant");
      expect(stdout).toMatch(/^Usage: saccade /);
    },
  );

  test("fits the terminal, and has no colours in a pipe", async () => {
    const { stdout } = await saccade(["train", "gpt", "--help"]);
    expect(stdout).not.toContain("\u001b");
    const options = stdout.slice(0, stdout.indexOf("Examples:")).split("\n");
    expect(Math.max(...options.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("--version is the package's", async () => {
    expect(await saccade(["--version"])).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: "" });
  });
});

describe("wrong usage ends with 2, says what to do, and leaves stdout alone", () => {
  test.each<[string, string[]]>([
    ["error: unknown command 'tain'", ["tain"]],
    ["(Did you mean --prompt?)", ["generate", "--promt", "a"]],
    ["error: required option '-o, --out <dir>' not specified", ["train", "gpt", "--data", "x.txt"]],
    ["error: too many arguments", ["doctor", "now"]],
    [
      "--temperature <x>' argument '0' is invalid. It must be a number > 0.",
      ["generate", "--temperature", "0"],
    ],
    ["--top-p <p>' argument '1.5' is invalid.", ["generate", "--top-p", "1.5"]],
    ["--top-k <k>' argument 'few' is invalid. It must be an integer >= 1.", ["generate", "--top-k", "few"]],
    ["error: there is no prompt; give --prompt", ["generate"]],
    ["exclude each other", ["generate", "-p", "a", "--max-length", "5", "--max-new-tokens", "5"]],
    ["beam search does not draw", ["generate", "-p", "a", "--num-beams", "2", "--top-k", "5"]],
    ["--seed has no effect", ["generate", "-p", "a", "--seed", "1"]],
    ["error: the model is given twice", ["generate", "one", "--model", "two", "-p", "a"]],
    [`There is no "gem" among peak, read, gemm`, ["bench", "--only", "gemm,gem"]],
    ["--seconds <s>' argument '0' is invalid. It must be a number > 0.", ["bench", "--seconds", "0"]],
    ["--head needs --layer", ["look", "-p", "a", "--head", "1"]],
    ["--width 30 is not a multiple of --heads 4", ["train", "gpt", "-d", "x", "-o", "y", "--width", "30"]],
  ])("%s", async (message, words) => {
    const { status, stdout, stderr } = await saccade(words);
    expect(stderr).toContain(message);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  });

  test("without a command the help is shown", async () => {
    const { status, stderr } = await saccade([]);
    expect(status).toBe(2);
    expect(stderr).toContain("Usage: saccade");
  });
});

describe("failures end with 1 and one clear line", () => {
  test("a directory that is no checkpoint", async () => {
    const { status, stdout, stderr } = await saccade(["generate", "--model", "no-such-place", "-p", "a"]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^error: no-such-place: there is no tokenizer\.json.*\n$/);
  });

  test("with --json the error is an object with its code on stdout as well", async () => {
    const { status, stdout } = await saccade(["generate", "--model", "no-such-place", "-p", "a", "--json"]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: "file", message: expect.stringContaining("there is no tokenizer.json") },
    });
  });

  test("a text that is not there", async () => {
    const { status, stderr } = await saccade(["train", "gpt", "--data", "no-such.txt", "--out", "out"]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "error: no-such.txt: there is no such file or directory\n",
    });
  });

  test("a directory where a text should be", async () => {
    const { status, stderr } = await saccade(["train", "gpt", "--data", ".", "--out", "out"]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: "error: .: is a directory, a file was expected\n",
    });
  });

  test("--debug adds the stack", async () => {
    const { stderr } = await saccade(["generate", "--model", "no-such-place", "-p", "a", "--debug"]);
    expect(stderr).toContain("    at ");
  });
});
