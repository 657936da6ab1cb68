/** All items of an async iterable: Array.fromAsync, which Node has only from version 22 on. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
