import { describe, expect, test } from "vitest";
import { colorsFor, wantsColor } from "../src/terminal/colors.ts";
import { barLine, Progress, type ProgressState, plainLine } from "../src/terminal/progress.ts";
import { commandLine, programName, quote } from "../src/terminal/shell.ts";
import { sparkline } from "../src/terminal/sparkline.ts";
import { Wrapper } from "../src/terminal/wrap.ts";
import { testTerminal } from "./session.ts";

const plain = colorsFor(false, {});

describe("colours", () => {
  test("a terminal has them, a pipe and a dumb terminal do not", () => {
    expect(wantsColor(true, {})).toBe(true);
    expect(wantsColor(false, {})).toBe(false);
    expect(wantsColor(true, { TERM: "dumb" })).toBe(false);
  });

  test("NO_COLOR beats FORCE_COLOR, an empty NO_COLOR says nothing", () => {
    expect(wantsColor(true, { NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(false);
    expect(wantsColor(true, { NO_COLOR: "" })).toBe(true);
    expect(wantsColor(false, { FORCE_COLOR: "1" })).toBe(true);
    expect(wantsColor(true, { FORCE_COLOR: "0" })).toBe(false);
  });
});

describe("progress", () => {
  const state: ProgressState = {
    label: "training",
    value: 420,
    total: 1000,
    eta: 75,
    loss: 1.23456,
    losses: [4, 3, 2, 1],
    evalLoss: 1.5,
    tokensPerSecond: 12345,
  };

  test("a bar shows all there is room for", () => {
    expect(barLine(state, 120, plain)).toBe(
      "training ━━━━━━━━────────────  42%  loss 1.235  █▆▃▁  held-out 1.500  12.3k tokens/s  1:15 left",
    );
  });

  test("a narrow bar leaves out the least important first", () => {
    const at = (width: number): string => barLine(state, width, plain);
    expect(at(90)).toBe("training ━━━━━━━━────────────  42%  loss 1.235  █▆▃▁  12.3k tokens/s  1:15 left");
    expect(at(65)).toBe("training ━━━━━━━━────────────  42%  loss 1.235  █▆▃▁  1:15 left");
    expect(at(40)).toBe("training ━━━━━━━━────────────  42%");
    for (let width = 40; width < 130; width++) expect(at(width).length).toBeLessThan(width);
  });

  test("the end is a full bar without an estimate", () => {
    const line = barLine({ ...state, value: 1000, eta: 0 }, 60, plain);
    expect(line).toBe("training ━━━━━━━━━━━━━━━━━━━━ 100%  loss 1.235  █▆▃▁");
  });

  test("a log has plain lines", () => {
    expect(plainLine(state)).toBe("training 420/1000  loss 1.235  held-out 1.500  12.3k tokens/s  1:15 left");
  });

  test("where stderr is no terminal there is no bar, only the last state", async () => {
    const { terminal, finish } = testTerminal();
    const progress = new Progress(terminal, "training", 10);
    for (let i = 1; i <= 10; i++) progress.update(i, { loss: 1 });
    progress.stop();
    const { stdout, stderr } = await finish(0);
    expect(stdout).toBe("");
    expect(stderr).toBe("training 10/10  loss 1.000\n");
  });

  test("on a terminal the bar is redrawn in place, on stderr", async () => {
    const { terminal, finish } = testTerminal([], { columns: 80, env: { NO_COLOR: "1" } });
    const progress = new Progress(terminal, "training", 10);
    progress.update(10, { loss: 1 });
    progress.stop();
    const { stdout, stderr } = await finish(0);
    expect(stdout).toBe("");
    expect(stderr).toContain("training ━━━━━━━━━━━━━━━━━━━━ 100%  loss 1.000");
  });
});

describe("sparkline", () => {
  test("draws between the least and the greatest", () => {
    expect(sparkline([8, 7, 6, 5, 4, 3, 2, 1], 8)).toBe("█▇▆▅▄▃▂▁");
    expect(sparkline([5, 5, 5], 8)).toBe("▁▁▁");
  });

  test("averages what does not fit, every value once", () => {
    expect(sparkline([4, 4, 4, 0, 0, 0], 2)).toBe("█▁");
    expect(sparkline([0, 0, 7, 7, 7, 0, 0], 3)).toBe("▁█▃");
  });
});

describe("command lines to paste", () => {
  test("an installed command goes by its name, a script by node and its path", () => {
    expect(programName("/usr/local/bin/saccade", "/srv/project")).toBe("saccade");
    expect(programName("/srv/project/apps/cli/dist/main.js", "/srv/project")).toBe(
      "node apps/cli/dist/main.js",
    );
    expect(programName("/opt/my tools/main.js", "/srv/project")).toBe('node "/opt/my tools/main.js"');
  });

  test("words are quoted where a shell would change them", () => {
    expect(["plain-1.txt", "two words", "it's", "$HOME x", ""].map(quote)).toEqual([
      "plain-1.txt",
      '"two words"',
      "'it'\\''s'",
      "'$HOME x'",
      "''",
    ]);
    expect(commandLine("saccade", ["generate", "--prompt", "a b"])).toBe('saccade generate --prompt "a b"');
  });
});

describe("wrapped text", () => {
  async function wrapped(width: number, ...pieces: string[]): Promise<string> {
    const { terminal, finish } = testTerminal([], { columns: width, env: { NO_COLOR: "1" } });
    const paragraph = new Wrapper(terminal, 2);
    for (const piece of pieces) await paragraph.push(piece);
    await paragraph.end();
    return (await finish(0)).stdout;
  }

  test("breaks at spaces only, and does not depend on the pieces", async () => {
    const expected = "  one two\n  three\n  four\n";
    expect(await wrapped(10, "one two three four")).toBe(expected);
    expect(await wrapped(10, ..."one two three four")).toBe(expected);
  });

  test("fills a line to its last column", async () => {
    expect(await wrapped(10, "one four two")).toBe("  one four\n  two\n");
  });

  test("does not break a word where its style changes", async () => {
    const { terminal, finish } = testTerminal([], { columns: 10, env: { FORCE_COLOR: "1" } });
    const paragraph = new Wrapper(terminal, 2);
    await paragraph.push("one four");
    await paragraph.push("teen", terminal.colors.bold);
    await paragraph.end();
    expect((await finish(0)).stdout).toBe("  one four\u001b[1mteen\u001b[22m\n");
  });

  test("leaves a word alone that is wider than the line", async () => {
    expect(await wrapped(8, "a incomprehensible b")).toBe("  a\n  incomprehensible\n  b\n");
  });
});
