import { describe, expect, test } from "vitest";
import { averageHeads, furthestHead, joinWords, wordStarts } from "../src/attentions.ts";
import { drawMap, drawText, legend, mapWidth } from "../src/terminal/attention.ts";
import { colorsFor } from "../src/terminal/colors.ts";

const plain = colorsFor(false, {});
const colored = colorsFor(true, { FORCE_COLOR: "1" });
const ESC = String.fromCharCode(27);

const map = [
  [1, 0, 0],
  [0.2, 0.8, 0],
  [0.1, 0.3, 0.6],
];

describe("drawing", () => {
  test("a map: shades by strength within a row, nothing above the diagonal", () => {
    expect(drawMap(map, ["The", " cat", "\n"], plain)).toEqual(
      ["     T c  ", "     h a  ", "     e t ⏎", "The  ██", "cat  ··██", "  ⏎  ··▒▒██"].map((line) =>
        line.trimEnd(),
      ),
    );
  });

  test("its width is known before", () => {
    const labels = ["The", " cat", "\n"];
    expect(mapWidth(labels)).toBe(11);
    expect(Math.max(...drawMap(map, labels, plain).map((line) => line.length))).toBe(mapWidth(labels));
  });

  test("colour adds to the shades and does not replace them", () => {
    const [row = ""] = drawMap([[1]], ["a"], colored).slice(-1);
    expect(row).toContain("██");
    expect(row).toContain(`${ESC}[38;5;`);
    expect(drawMap(map, ["a", "b", "c"], plain).join("")).not.toContain(ESC);
  });

  test("text: a bar under each letter of a token, lines broken at spaces", () => {
    const tokens = ["red", " kite", ",", " blue", " boat"];
    expect(drawText(tokens, [1, 0, 0, 0.5, 0.2], 14, plain)).toEqual([
      "red kite, blue",
      "███      ▒▒▒▒▒",
      " boat",
      "·····",
    ]);
  });

  test("text of characters is wrapped the same way", () => {
    const lines = drawText([..."one two three"], new Array(13).fill(0), 8, plain);
    expect(lines.filter((_, i) => i % 2 === 0)).toEqual(["one two", " three"]);
  });

  test("a legend from nothing to full", () => {
    expect(legend(plain)).toBe("ignored  ··░░▒▒▓▓██ looked at most");
  });
});

describe("maps", () => {
  test("heads are averaged", () => {
    expect(averageHeads([[[1, 0]], [[0.5, 0.5]]])).toEqual([[0.75, 0.25]]);
  });

  test("words begin at spaces, of characters and of subwords", () => {
    expect(wordStarts([..."a bc d"])).toEqual([0, 1, 4]);
    expect(wordStarts(["The", " cat", "s", " sat"])).toEqual([0, 1, 3]);
    expect(wordStarts(["Hi", "\n", "you"])).toEqual([0, 1, 2]);
  });

  test("joined words keep each row a distribution", () => {
    const joined = joinWords(map, [0, 2]);
    expect(joined).toEqual([
      [1, 0],
      [0.4, 0.6],
    ]);
  });

  test("the head that looks furthest back wins, the first token does not count", () => {
    const near = [[1], [0, 1], [0, 0, 1]];
    const resting = [[1], [1, 0], [1, 0, 0]];
    const far = [[1], [0, 1], [0, 0.9, 0.1]];
    expect(
      furthestHead([
        [near, resting],
        [far, near],
      ]),
    ).toEqual({ layer: 1, head: 0 });
    expect(
      furthestHead(
        [
          [near, far],
          [resting, near],
        ],
        1,
      ),
    ).toEqual({ layer: 0, head: 0 });
    expect(
      furthestHead(
        [
          [near, resting],
          [near, far],
        ],
        2,
      ),
    ).toEqual({ layer: 1, head: 1 });
  });
});
