// Reads the exported kernel signatures out of the AssemblyScript sources and turns them into TypeScript
// bindings. The sources are parsed only, not compiled, so alias names (F32Ptr, Count) and doc comments
// survive; both sides of the ABI carry a hash of the result and the loader compares them.
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { CommonFlags, NodeKind, newOptions, newProgram, nextFile, parse } from "assemblyscript";

const typescriptOf = {
  i32: "number",
  u32: "number",
  f32: "number",
  f64: "number",
  usize: "number",
  void: "void",
};

/**
 * The ABI of `entry`: `{ kernels: [{ name, params: [[name, type]], returns, doc }], aliases, hash }`, in file
 * order.
 */
export function readAbi(root, entry) {
  const sources = parseSources(root, entry);
  const aliases = new Map();
  for (const source of sources.values()) {
    for (const node of source.statements) {
      if (node.kind === NodeKind.TypeDeclaration && node.is(CommonFlags.Export)) {
        aliases.set(node.name.text, { type: node.type.range.toString(), doc: docComment(source, node) });
      }
    }
  }
  const kernels = [
    ...exportsOf(sources, relative(root, entry).replaceAll("\\", "/").replace(/\.ts$/, "")).values(),
  ];
  for (const { name, params, returns } of kernels) {
    for (const type of [...params.map((param) => param[1]), returns]) {
      const plain = aliases.get(type)?.type ?? type;
      if (!(plain in typescriptOf)) throw new Error(`${name}: the type ${type} cannot cross the ABI`);
    }
    checkOrder(name, params);
  }
  return { kernels, aliases, hash: hashOf(kernels, aliases) };
}

/** A range of work units comes last, scratch right before it: what the engine adds to the caller's arguments. */
function checkOrder(kernel, params) {
  const names = params.map(([param]) => param);
  const ranged = names.includes("begin") || names.includes("end");
  const order = names.includes("work") ? ["work", "begin", "end"] : ranged ? ["begin", "end"] : [];
  if (order.some((name, i) => names[names.length - order.length + i] !== name)) {
    throw new Error(`${kernel}: its last parameters must be ${order.join(", ")}`);
  }
}

/** Parses `entry` and whatever it imports: internal path → source. */
function parseSources(root, entry) {
  const program = newProgram(newOptions());
  const add = (path, isEntry) => {
    const file = [path, join(path, "index")].map((p) => join(root, `${p}.ts`)).find(existsSync);
    parse(program, file ? readFileSync(file, "utf8") : null, file ? relative(root, file) : path, isEntry);
  };
  add(relative(root, entry).replace(/\.ts$/, ""), true);
  for (let path = nextFile(program); path !== null; path = nextFile(program)) add(path, false);
  const errors = program.diagnostics.filter((message) => message.category === 3);
  if (errors.length > 0) throw new Error(errors.map(String).join("\n"));
  return new Map(program.sources.map((source) => [source.internalPath, source]));
}

/** Exported functions of one source, re-exports followed: exported name → kernel. */
function exportsOf(sources, path) {
  const source = sources.get(path) ?? sources.get(`${path}/index`);
  if (source === undefined) throw new Error(`no source ${path}.ts`);
  const found = new Map();
  const add = (kernel) => {
    if (found.has(kernel.name))
      throw new Error(`${kernel.name} is exported twice, the second time by ${path}.ts`);
    found.set(kernel.name, kernel);
  };
  for (const node of source.statements) {
    if (node.kind === NodeKind.FunctionDeclaration && node.is(CommonFlags.Export)) {
      add(kernelOf(source, node));
    } else if (node.kind === NodeKind.Export && node.internalPath !== null) {
      const inner = exportsOf(sources, node.internalPath);
      const members = node.members?.map((member) => [member.localName.text, member.exportedName.text]);
      for (const [local, name] of members ?? [...inner.keys()].map((key) => [key, key])) {
        if (inner.has(local)) add({ ...inner.get(local), name });
      }
    }
  }
  return found;
}

function kernelOf(source, node) {
  const params = node.signature.parameters.map((param) => [param.name.text, param.type.range.toString()]);
  return {
    name: node.name.text,
    params,
    returns: node.signature.returnType.range.toString(),
    doc: docComment(source, node),
  };
}

/**
 * The doc comment right before a declaration ("" if none); line comments and decorators may stand between.
 */
function docComment(source, node) {
  const before = source.text.slice(0, node.range.start);
  const match = /\/\*\*((?:(?!\*\/).)*)\*\/\s*(?:\/\/[^\n]*\n\s*|@\w+\s*|export\s*)*$/s.exec(before);
  return match === null ? "" : match[1].replace(/^[ \t]*\* ?/gm, "").trim();
}

/** FNV-1a over all signatures with aliases resolved, 31 bits so that it is a positive i32 constant. */
function hashOf(kernels, aliases) {
  const plain = (type) => aliases.get(type)?.type ?? type;
  const lines = kernels.map(({ name, params, returns }) => {
    return `${name}(${params.map(([param, type]) => `${param}:${plain(type)}`)}):${plain(returns)}\n`;
  });
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(lines.join(""))) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash & 0x7fffffff;
}

/** src/generated/bindings.ts for an ABI. */
export function bindingsOf({ kernels, aliases, hash }) {
  const types = [...aliases].map(([name, { type, doc }]) => {
    const brand = name === "BytePtr" ? "Pointer" : `Pointer<"${name.replace(/Ptr$/, "")}">`;
    return `${comment(doc, "")}export type ${name} = ${type === "usize" ? brand : typescriptOf[type]};`;
  });
  const methods = kernels.map(({ name, params, returns, doc }) => {
    const typed = params.map(([param, type]) => `${param}: ${typescriptOf[type] ?? type}`);
    return `${comment(doc, "  ")}  ${call(name, typed, typescriptOf[returns] ?? returns)}`;
  });
  const quoted = (chosen) => chosen.map(({ name }) => JSON.stringify(name));
  const parallel = quoted(kernels.filter(({ params }) => params.at(-1)?.[0] === "end"));
  const working = quoted(kernels.filter(({ params }) => params.some(([param]) => param === "work")));
  return `// Generated from assembly/*.ts by \`npm run gen\`; do not edit. CI fails when it is stale.
/* biome-ignore-all format: generated */

declare const pointee: unique symbol;
/**
 * A byte address in the engine's memory, marked with what it points at; 0 where the kernel takes "absent".
 */
export type Pointer<T extends string = string> = (number & { readonly [pointee]: T }) | 0;
${types.join("\n")}

/** Every kernel of the wasm module. */
export interface Kernels {
${methods.join("\n")}
}

/** Hash of all signatures; \`abi_hash()\` of a module must say the same. */
export const ABI_HASH = ${hash};

/** Kernels whose last two parameters are a range of work units. */
export type ParallelKernel =
  | ${parallel.join("\n  | ") || "never"};

/** Kernels that take scratch, as the last parameter before the range. */
export const workKernels = [${working.join(", ")}] as const;
`;
}

function call(name, params, returns) {
  const line = `${name}(${params.join(", ")}): ${returns};`;
  return line.length <= 108 ? line : `${name}(\n    ${params.join(",\n    ")},\n  ): ${returns};`;
}

function comment(doc, indent) {
  if (doc === "") return "";
  if (!doc.includes("\n")) return `${indent}/** ${doc} */\n`;
  return `${indent}/**\n${doc.replace(/^/gm, `${indent} * `).replace(/[ \t]+$/gm, "")}\n${indent} */\n`;
}
