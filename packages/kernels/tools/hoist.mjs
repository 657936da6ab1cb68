// A build step after the compiler: v128 constants used inside loops move to locals set at the start of
// their function. V8 has no constant pool for wasm and builds a v128 constant from a general register,
// three instructions, at each of its uses in every iteration: an exponential of 14 constants takes 25
// cycles per vector that way and 9 with held ones. Binaryen, which knows no such cost, folds any local of a
// constant back into its uses, so this comes after it.
import binaryen from "assemblyscript/binaryen";

/** Parentheses, loops and v128 constants of a module's text; constants contain no parentheses themselves. */
const TOKEN = /\(v128\.const [^()]*\)|\(loop\b|\(|\)/g;

/** One `(func …)` with the constants of its loops in locals of its own. */
function hoistFunction(text) {
  const names = new Map();
  const open = [];
  let loops = 0;
  const body = text.replace(TOKEN, (token) => {
    if (token === ")") {
      if (open.pop() === "(loop") loops--;
      return token;
    }
    if (!token.startsWith("(v128.const")) {
      open.push(token);
      if (token === "(loop") loops++;
      return token;
    }
    if (loops === 0) return token;
    if (!names.has(token)) names.set(token, `$held${names.size}`);
    return `(local.get ${names.get(token)})`;
  });
  if (names.size === 0) return text;
  // The header: `(func $name (param …)… (result …)` on one line, then one line per local.
  const [, header, rest] = /^( \(func [^\n]*\n(?: {2}\(local [^\n]*\n)*)([\s\S]*)$/.exec(body);
  const locals = [...names.values()].map((name) => `  (local ${name} v128)\n`);
  const sets = [...names].map(([constant, name]) => `  (local.set ${name} ${constant})\n`);
  return header + locals.join("") + sets.join("") + rest;
}

/** The same module with every v128 constant that stands inside a loop held in a local. */
export function hoistConstants(binary) {
  const before = binaryen.readBinary(binary);
  const text = before.emitText();
  before.dispose();
  const after = binaryen.parseText(
    text
      .split(/^(?= \(func )/m)
      .map(hoistFunction)
      .join(""),
  );
  after.setFeatures(binaryen.Features.All);
  if (!after.validate()) throw new Error("hoistConstants: the rewritten module is not valid");
  const bytes = after.emitBinary();
  after.dispose();
  return bytes;
}
