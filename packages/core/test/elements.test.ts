// The 16-bit floats of files, all 65,536 of each, and every rounding tie between them.
import { describe, expect, test } from "vitest";
import { bfloatToNumber, halfToNumber, numberToBfloat, numberToHalf } from "../src/io/elements.ts";

/** Value of a float with `fraction` bits behind the point and the exponent above it, by the formula of IEEE 754. */
function ieee(bits: number, exponentBits: number, fractionBits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const bias = 2 ** (exponentBits - 1) - 1;
  const exponent = (bits >> fractionBits) & (2 ** exponentBits - 1);
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

const formats = [
  {
    name: "F16",
    read: halfToNumber,
    write: numberToHalf,
    exponentBits: 5,
    fractionBits: 10,
    infinity: 0x7c00,
  },
  {
    name: "BF16",
    read: bfloatToNumber,
    write: numberToBfloat,
    exponentBits: 8,
    fractionBits: 7,
    infinity: 0x7f80,
  },
];

describe.each(formats)("$name", ({ read, write, exponentBits, fractionBits, infinity }) => {
  const all = Array.from({ length: 65536 }, (_, bits) => bits);
  const isNaNBits = (bits: number): boolean => (bits & 0x7fff) > infinity;

  test("every pattern has its value", () => {
    expect(all.filter((bits) => !Object.is(read(bits), ieee(bits, exponentBits, fractionBits)))).toEqual([]);
  });

  test("every value has its pattern; NaN stays NaN, of either sign", () => {
    expect(all.filter((bits) => !isNaNBits(bits) && write(read(bits)) !== bits)).toEqual([]);
    expect(isNaNBits(write(Number.NaN))).toBe(true);
  });

  test("between neighbours the nearer is taken, and half-way the even one", () => {
    const wrong: string[] = [];
    const check = (value: number, bits: number): void => {
      for (const sign of [0, 0x8000]) {
        const got = write(sign === 0 ? value : -value);
        if (got !== (bits | sign)) wrong.push(`${value} gives ${got.toString(16)}, not ${bits.toString(16)}`);
      }
    };
    for (let low = 0; low < infinity; low++) {
      const below = read(low);
      // Behind the largest number lies what would follow it were there no Infinity.
      const above = low + 1 < infinity ? read(low + 1) : 2 ** (2 ** (exponentBits - 1));
      const middle = (below + above) / 2;
      if (Math.fround(middle) === middle) check(middle, low % 2 === 0 ? low : low + 1);
      check(neighbour(middle, -1), low);
      check(neighbour(middle, 1), low + 1);
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});

const float = new Float32Array(1);
const word = new Int32Array(float.buffer);

/** The f32 next to a positive number, on one side of it. */
function neighbour(value: number, side: 1 | -1): number {
  float[0] = value;
  if ((float[0] - value) * side > 0) return float[0];
  word[0] += side;
  return float[0];
}
