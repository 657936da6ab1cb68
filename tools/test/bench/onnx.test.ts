// The writer against bytes worked out by hand from onnx.proto, and against a reader of protobuf's wire format.
import { expect, test } from "vitest";
import { model } from "../../bench/onnx.ts";
import { productModel } from "../../bench/peers/models.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const ascii = (text: string): string => Buffer.from(text).toString("hex");

/** A value of f32 with one axis of 2: name, then type → tensor → {FLOAT, shape → dimension → 2}. */
const valueInfo = (name: string): string => `0a01${ascii(name)}120a0a08080112040a020802`;

test("Relu over two numbers is these bytes", () => {
  const bytes = model({
    nodes: [{ op: "Relu", inputs: ["x"], outputs: ["y"] }],
    inputs: { x: [2] },
    outputs: { y: [2] },
  });
  const node = `0a01${ascii("x")}1201${ascii("y")}2204${ascii("Relu")}`; // input 1, output 2, op_type 4
  const graph = [
    `0a0c${node}`, //                    node 1, 12 bytes
    `1205${ascii("bench")}`, //          name 2
    `5a0f${valueInfo("x")}`, //          input 11, 15 bytes
    `620f${valueInfo("y")}`, //          output 12
  ].join("");
  const opsets = `42040a00101142110a0d${ascii("com.microsoft")}1001`; // opset_import 8: "" 17; com.microsoft 1
  expect(hex(bytes)).toBe(`08083a37${graph}${opsets}`); // ir_version 1 = 8; graph 7, 55 bytes
});

test("attributes: integers (negative ones too), numbers, texts, lists", () => {
  const bytes = model({
    nodes: [
      {
        op: "Any",
        inputs: [],
        outputs: [],
        attributes: { a: -1, f: { float: 1 }, s: "hi", l: [3, 300] },
      },
    ],
    inputs: {},
    outputs: {},
  });
  const written = hex(bytes);
  expect(written).toContain(`0a01${ascii("a")}18ffffffffffffffffff01a00102`); // i 3, type 20 = INT
  expect(written).toContain(`0a01${ascii("f")}150000803fa00101`); //             f 2, little-endian 1.0
  expect(written).toContain(`0a01${ascii("s")}2202${ascii("hi")}a00103`); //      s 4
  expect(written).toContain(`0a01${ascii("l")}400340ac02a00107`); //              ints 8: 3, then 300 in two bytes
});

test("constants lie in the file as they lie in memory, from any part of a buffer", () => {
  const data = new Float32Array([9, 1, -2, 9]).subarray(1, 3);
  const bytes = model({ nodes: [], inputs: {}, outputs: {}, constants: { W: { shape: [2], data } } });
  // dims 1 = 2, data_type 2 = FLOAT, name 8, raw_data 9
  expect(hex(bytes)).toContain(`080210014201${ascii("W")}4a080000803f000000c0`);
});

test("the model of a product is small", () => {
  expect(productModel(64).length).toBeLessThan(150);
});
