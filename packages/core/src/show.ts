// Values of any kind in error messages. String() throws on some objects, and an object's text says little.

/** A primitive as itself, an array of them by its first items, anything else as what it is: "a Map", "an object". */
export function shown(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.slice(0, 8).map(item).join(", ")}${value.length > 8 ? ", …" : ""}]`;
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "Object" && name !== "" ? `a ${name}` : "an object";
}

function item(value: unknown): string {
  return Array.isArray(value) ? "an array" : shown(value);
}
