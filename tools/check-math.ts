// Same numbers everywhere: ECMAScript leaves the precision of Math.exp, Math.pow and their like (and `**`) to the
// engine, so shipped code uses only the exact functions; the others exist as kernels. Math.random would escape the
// seed. Reference files (*.ref.ts) are free. An exception carries a comment, on its line or the line above:
//   allow-math: why the result never reaches a tensor or a token
import ts from "typescript";
import type { SourceFile } from "./project.ts";

const shipped = /^packages\/(kernels|core|models)\/src\/(?!.*\.ref\.ts$)/;
const exact = new Set(
  `abs floor ceil round trunc min max sqrt fround imul clz32 sign
   E PI LN2 LN10 LOG2E LOG10E SQRT2 SQRT1_2`.split(/\s+/),
);

/** Every inexact piece of arithmetic in the shipped files among `files`. */
export function mathProblems(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => shipped.test(path)).flatMap(problemsOf);
}

function problemsOf({ path, text }: SourceFile): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const lines = text.split("\n");
  const problems: string[] = [];
  const visit = (node: ts.Node): void => {
    const problem = problemAt(node);
    const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
    const excused = /\/\/ allow-math: \S+ \S+/.test(`${lines[line - 1] ?? ""}\n${lines[line]}`);
    if (problem && !excused) problems.push(`${path}:${line + 1}: ${problem}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return problems;
}

function problemAt(node: ts.Node): string | undefined {
  if (ts.isBinaryExpression(node)) return powerProblem(node);
  if (!ts.isIdentifier(node) || node.text !== "Math") return undefined;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.expression !== node) return undefined; // a.Math
  if (!ts.isPropertyAccessExpression(parent)) return "name the function at once, as in Math.floor(x)";
  const name = parent.name.text;
  if (name === "random") return "Math.random ignores the seed: draw from the random kernels";
  return exact.has(name)
    ? undefined
    : `Math.${name} differs between engines: use a kernel (exp_f64, log_f64, …)`;
}

/** `**` differs between engines, but for a power of two written out as such. */
function powerProblem({ operatorToken, left, right }: ts.BinaryExpression): string | undefined {
  const { kind } = operatorToken;
  if (kind !== ts.SyntaxKind.AsteriskAsteriskToken && kind !== ts.SyntaxKind.AsteriskAsteriskEqualsToken)
    return;
  const exponent = ts.isPrefixUnaryExpression(right) ? right.operand : right;
  if (left.getText() === "2" && /^\d+$/.test(exponent.getText())) return;
  if (/^\d+n$/.test(left.getText())) return;
  return "** differs between engines: multiply, or use a kernel";
}
