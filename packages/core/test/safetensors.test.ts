// safetensors files: what Python wrote and reads, every rule of the format, and that no bytes do harm.
import {
  files,
  loadSafetensors,
  noGrad,
  ones,
  SaccadeError,
  saveSafetensors,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "@saccade/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorOf, live, withEngine } from "./engine.ts";
import { readBytes, readJson } from "./fixture.ts";

withEngine({ variant: "simd" });

type Header = Record<string, unknown>;

/** A file of a header, given as it is or as text, and `data` bytes of zeros. */
function file(header: Header | string, data = 0): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const entry = (dtype: unknown, shape: unknown, ...offsets: unknown[]) => ({
  dtype,
  shape,
  data_offsets: offsets,
});

function headerOf(bytes: Uint8Array): Header {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
}

/** Loads, looks, and frees. */
function loaded<T>(bytes: Uint8Array, look: (tensors: Map<string, Tensor>) => T): T {
  return scope(() => look(loadSafetensors(bytes)));
}

describe("with Python", () => {
  const bytes = readBytes("python.safetensors");
  const { tensors } = readJson<{ tensors: [string, number[], number[]][] }>("python.json");

  test("reads every type it writes, 0-d and empty tensors and odd names", () => {
    loaded(bytes, (got) => {
      expect([...got.keys()].sort()).toEqual(tensors.map(([name]) => name).sort());
      for (const [name, shape, values] of tensors) {
        const x = got.get(name)!;
        expect(x.shape, name).toEqual(shape);
        expect([...x.toTypedArray()], name).toEqual(x.dtype === "f32" ? values.map(Math.fround) : values);
      }
      const types = ["f64", "f16", "bf16", "i64", "i8", "u8", "bool"].map((name) => got.get(name)!.dtype);
      expect(types).toEqual(["f32", "f32", "f32", "i32", "i32", "i32", "bool"]);
    });
  });

  test("writes the same bytes back, in the types of the file", () => {
    const metadata = headerOf(bytes).__metadata__ as Record<string, string>;
    expect(Object.entries(metadata)).toContainEqual(["__proto__", "kept"]);
    const exact = ["f64", "bf16"]; // 0.1 does not survive f32; a subnormal bf16 does
    loaded(bytes, (got) => {
      const again = saveSafetensors(got, metadata);
      expect(headerOf(again)).toEqual(headerOf(bytes));
      expect(again.length).toBe(bytes.length);
      const at = bytes.length - again.length;
      const dataStart = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
      expect([...again.subarray(0, dataStart)]).toEqual([...bytes.subarray(0, dataStart)]);
      for (const [name, { data_offsets }] of Object.entries(
        headerOf(bytes) as Record<string, { data_offsets: number[] }>,
      )) {
        if (name === "__metadata__" || name === exact[0]) continue;
        const [begin, end] = data_offsets.map((offset) => dataStart + offset + at);
        expect([...again.subarray(begin, end)], name).toEqual([...bytes.subarray(begin, end)]);
      }
    });
  });
});

describe("round trip", () => {
  test("of our types, shapes, views, packed order and metadata", () => {
    scope(() => {
      const tensors = {
        f32: tensor([
          [1.5, -0, Infinity],
          [1e-40, 3e38, -2],
        ]),
        i32: tensor(Int32Array.of(-(2 ** 31), 2 ** 31 - 1)),
        bool: tensor([true, false, true]),
        scalar: tensor(4),
        empty: zeros([0, 3]),
        view: tensor([
          [1, 2],
          [3, 4],
        ]).t(),
        part: tensor([1, 2, 3, 4]).narrow(0, 1, 2),
        trained: ones([2], { requiresGrad: true }).mul(2),
      };
      const bytes = saveSafetensors(tensors, { a: "b", format: "pt" });
      expect(headerOf(bytes).__metadata__).toEqual({ a: "b", format: "pt" });
      const got = loadSafetensors(bytes);
      for (const [name, x] of Object.entries(tensors)) {
        expect(got.get(name)!.shape, name).toEqual(x.shape);
        expect(got.get(name)!.toTypedArray(), name).toEqual(x.toTypedArray());
      }
      expect(got.get("trained")!.requiresGrad).toBe(false);
      expect(saveSafetensors(new Map(Object.entries(tensors)), { a: "b", format: "pt" })).toEqual(bytes);
    });
  });

  test("NaN keeps its bits", () => {
    scope(() => {
      const bytes = file({ x: entry("F32", [2], 0, 8) }, 8);
      bytes.set([1, 2, 0xc3, 0x7f, 0xff, 0xff, 0xff, 0xff], bytes.length - 8);
      expect([...saveSafetensors(loadSafetensors(bytes)).slice(-8)]).toEqual([...bytes.slice(-8)]);
    });
  });

  test("data begins at a multiple of 8 and every tensor at one of its own size", () => {
    scope(() => {
      const bytes = saveSafetensors({
        b: tensor([true]),
        f: tensor([1, 2]),
        c: tensor([false]),
        g: tensor(3),
      });
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      expect(length % 8).toBe(0);
      const header = headerOf(bytes) as Record<string, { data_offsets: number[] }>;
      expect([header.f, header.g, header.b, header.c].map((each) => each.data_offsets[0])).toEqual([
        0, 8, 12, 13,
      ]);
      loaded(bytes, (got) => expect(got.get("c")!.toArray()).toEqual([false]));
    });
  });

  test("any name, and the file's own order for names that look like numbers", () => {
    scope(() => {
      const names = ["__proto__", "constructor", "10", "9", "", 'a"b\\c\n', "ключ", "toString", "\u2028"];
      const bytes = saveSafetensors(new Map(names.map((name, i) => [name, tensor([i])])));
      const got = loadSafetensors(bytes);
      expect([...got].map(([name, x]) => [name, x.item()])).toEqual(names.map((name, i) => [name, i]));
      expect(Object.keys({}.constructor.prototype)).toEqual([]);
      for (const name of ["__metadata__", "a\ud800"]) {
        expect(errorOf(() => saveSafetensors(new Map([[name, ones([1])]]))).message).toContain(
          JSON.stringify(name),
        );
      }
    });
  });

  test("no tensors at all", () => {
    loaded(saveSafetensors({}), (got) => expect(got.size).toBe(0));
    loaded(file("{}"), (got) => expect(got.size).toBe(0));
  });

  test("what no longer fits its file's type is an error that names it", () => {
    for (const [dtype, size, value] of [
      ["U8", 1, 256],
      ["U8", 1, -1],
      ["I8", 1, 128],
      ["I16", 2, -32769],
    ] as const) {
      loaded(file({ ids: entry(dtype, [2], 0, 2 * size) }, 2 * size), (got) => {
        noGrad(() => got.get("ids")!.narrow(0, 1, 1).fill_(value));
        const { message } = errorOf(() => saveSafetensors(got));
        expect(message).toContain(`"ids": element 1 is ${value}, which does not fit ${dtype}`);
      });
    }
  });
});

describe("rules", () => {
  const f32 = entry("F32", [1], 0, 4);
  const long = new Uint8Array(16);
  new DataView(long.buffer).setBigUint64(0, 100_000_001n, true);
  const huge = new Uint8Array(16).fill(0xff);
  const broken: [string, Uint8Array, RegExp][] = [
    ["nothing", new Uint8Array(0), /0 bytes, the header length alone takes 8/],
    ["seven bytes", new Uint8Array(7), /7 bytes/],
    ["a header length above the limit", long, /header length 100000001 is above 100000000/],
    ["a header length of 2^64 - 1", huge, /is above 100000000/],
    [
      "a header behind the end",
      file({ x: f32 }, 4).subarray(0, 20),
      /header ends at byte \d+, but the file has 20: it is truncated/,
    ],
    ["an empty header", file(""), /not begin with \{/],
    ["a header behind a blank", file(" {}"), /not begin with \{/],
    ["a header with a byte order mark", file("\ufeff{}"), /not begin with \{/],
    ["an array", file("[]"), /not begin with \{/],
    [
      "JSON too deep to print",
      file(`{"x":{"dtype":${"[".repeat(1e5)}${"]".repeat(1e5)}}}`),
      /"x" has the type \[/,
    ],
    ["broken JSON", file('{"x":'), /not JSON/],
    ["bytes that are no UTF-8", file("{}\u0000").map((byte, i) => (i === 10 ? 0xff : byte)), /not UTF-8/],
    [
      "a name twice",
      file(
        '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        4,
      ),
      /"x".*twice/,
    ],
    [
      "a name twice, once escaped",
      file(`{"x":${JSON.stringify(f32)},"\\u0078"${" ".repeat(40)}:${JSON.stringify(f32)}}`, 4),
      /"x".*twice/,
    ],
    ["an entry that is no object", file({ x: 5 }), /"x" has the type undefined/],
    ["an entry that is null", file({ x: null }), /"x" has the type undefined/],
    [
      "an unknown type",
      file({ x: entry("F8_E4M3", [1], 0, 1) }, 1),
      /"x" has the type "F8_E4M3"; known are F64, F32/,
    ],
    [
      "a type from the prototype",
      file({ x: entry("toString", [1], 0, 1) }, 1),
      /"x" has the type "toString"/,
    ],
    ["no shape", file({ x: entry("F32", undefined, 0, 4) }, 4), /"x" has the shape undefined/],
    ["a negative size", file({ x: entry("F32", [-1], 0, 4) }, 4), /"x" has the shape \[-1\]/],
    ["a fractional size", file({ x: entry("F32", [0.5, 2], 0, 4) }, 4), /"x" has the shape/],
    [
      "a size beyond 2^53",
      file('{"x":{"dtype":"F32","shape":[1e300,0],"data_offsets":[0,0]}}'),
      /"x" has the shape/,
    ],
    ["offsets that are three", file({ x: entry("F32", [1], 0, 4, 8) }, 4), /"x" has the offsets \[0,4,8\]/],
    ["offsets the wrong way round", file({ x: entry("F32", [1], 4, 0) }, 4), /"x" has the offsets \[4,0\]/],
    ["negative offsets", file({ x: entry("F32", [1], -4, 0) }, 4), /"x" has the offsets/],
    [
      "offsets that disagree with the shape",
      file({ x: entry("F32", [2], 0, 4) }, 4),
      /"x" takes 8 bytes by shape and type, its offsets give 4/,
    ],
    ["a product that overflows", file({ x: entry("F32", [2 ** 31, 2 ** 31, 4], 0, 4) }, 4), /"x" takes/],
    [
      "a gap",
      file({ x: f32, y: entry("F32", [1], 8, 12) }, 12),
      /"y" begins at 8, the bytes before it end at 4/,
    ],
    [
      "a gap at the start",
      file({ x: entry("F32", [1], 4, 8) }, 8),
      /"x" begins at 4, the bytes before it end at 0/,
    ],
    [
      "an overlap",
      file({ x: f32, y: entry("F32", [1], 2, 6) }, 6),
      /"y" begins at 2, the bytes before it end at 4/,
    ],
    ["the same bytes twice", file({ x: f32, y: f32 }, 4), /begins at 0, the bytes before it end at 4/],
    ["missing bytes", file({ x: f32 }, 3), /tensors end at byte \d+, but the file has \d+: it is truncated/],
    ["bytes too many", file({ x: f32 }, 5), /there are bytes that belong to no tensor/],
    ["metadata that is no object", file({ __metadata__: 5 }), /__metadata__/],
    ["metadata that holds a number", file({ __metadata__: { a: 1 } }), /__metadata__/],
    [
      "a bool of 2",
      file({ x: entry("BOOL", [2], 0, 2) }, 2).fill(2, -1),
      /"x": element 1 of type BOOL does not fit bool/,
    ],
    [
      "an I64 beyond i32",
      file({ x: entry("I64", [2], 0, 16) }, 16).fill(1, -4, -3),
      /"x": element 1 of type I64 does not fit i32/,
    ],
    [
      "an F64 beyond f32",
      file({ x: entry("F64", [1], 0, 8) }, 8)
        .fill(0x7f, -1)
        .fill(0xe0, -2, -1),
      /"x": element 0 of type F64 does not fit f32/,
    ],
  ];

  test.each(broken)("%s", (_, bytes, message) => {
    const before = live();
    const error = errorOf(() => loadSafetensors(bytes, { file: "weights/a.safetensors" }));
    expect(error.code).toBe("file");
    expect(error.message).toMatch(/^weights\/a\.safetensors: /);
    expect(error.message).toMatch(message);
    expect(live()).toEqual(before);
  });

  test("what is allowed", () => {
    const odd = `{"x":${JSON.stringify(f32)} , "e":{"data_offsets":[4,4],"shape":[0],"dtype":"F64"},"__metadata__":{}}  \n`;
    loaded(file({ __metadata__: null }), (got) => expect(got.size).toBe(0));
    loaded(file(odd, 4), (got) => expect([...got.keys()]).toEqual(["x", "e"]));
    const bytes = file({ b: entry("I64", [2], 4, 20), a: f32 }, 20);
    new DataView(bytes.buffer).setBigInt64(bytes.length - 8, -(2n ** 31n), true);
    loaded(bytes, (got) => expect(got.get("b")!.toArray()).toEqual([0, -(2 ** 31)]));
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    loaded(shifted.subarray(3), (got) => expect(got.get("b")!.toArray()).toEqual([0, -(2 ** 31)]));
  });

  test("a buffer that is no Uint8Array is named", () => {
    expect(errorOf(() => loadSafetensors(new ArrayBuffer(16) as never)).message).toContain("Uint8Array");
  });
});

describe("fuzzing", () => {
  const whole = readBytes("python.safetensors");
  const dataStart = 8 + Number(new DataView(whole.buffer).getBigUint64(0, true));
  const text = new TextDecoder().decode(whole.subarray(8, dataStart));

  function survive(bytes: Uint8Array): void {
    const before = live();
    try {
      for (const x of loadSafetensors(bytes).values()) x.dispose();
    } catch (error) {
      if (!(error instanceof SaccadeError)) throw error;
    }
    expect(live()).toEqual(before);
  }

  test("changed bytes, anywhere", () => {
    const change = fc.tuple(fc.oneof(fc.nat(whole.length - 1), fc.nat(dataStart - 1)), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        survive(bytes);
      }),
      { numRuns: 3000, seed: 20261123 },
    );
  });

  test("cut off, at every length", () => {
    for (let length = 0; length < whole.length; length++) {
      expect(errorOf(() => loadSafetensors(whole.subarray(0, length))).code).toBe("file");
    }
  });

  test("headers with parts replaced, removed and repeated", () => {
    const piece = fc.constantFrom(
      "",
      "0",
      "-1",
      "1e9",
      "4294967296",
      "null",
      "{}",
      "[]",
      '"',
      ",",
      ":",
      "}",
      "]",
      "F64",
      "\\u0000",
      " ",
      "\ud800",
    );
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(30), piece, fc.boolean(), (at, length, put, twice) => {
        const cut = text.slice(at, at + length);
        const changed = text.slice(0, at) + put + (twice ? cut + cut : "") + text.slice(at + length);
        const head = file(changed);
        const bytes = new Uint8Array(head.length + whole.length - dataStart);
        bytes.set(head);
        bytes.set(whole.subarray(dataStart), head.length);
        survive(bytes);
      }),
      { numRuns: 3000, seed: 20261123 },
    );
  });

  test("any JSON as a header", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(40), (header, data) =>
        survive(file(header as Header, data)),
      ),
      { numRuns: 1000, seed: 20261123 },
    );
  });
});

test("pieces: a tensor is written without holding it twice", () => {
  scope(() => {
    const x = tensor(Float32Array.from({ length: 10 }, (_, i) => i));
    const pieces = [...files.encodedPieces(x, "F32", "x", 16)];
    expect(pieces.map((piece) => piece.length)).toEqual([16, 16, 8]);
    expect(new Float32Array(pieces[2].buffer)).toEqual(Float32Array.of(8, 9));
  });
});
