/**
 * The first `size` bytes of a stream, fewer when it is shorter, and a stream of all of them. The stream is read once: what is not
 * read of `all` is never asked for.
 */
export async function peek(
  source: AsyncIterable<Uint8Array>,
  size: number,
): Promise<{ head: Buffer; all: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  let length = 0;
  let isOver = false;
  while (length < size && !isOver) {
    const { value, done } = await iterator.next();
    isOver = done === true;
    if (done) break;
    seen.push(value);
    length += value.length;
  }
  async function* all(): AsyncGenerator<Uint8Array, void, void> {
    yield* seen;
    if (!isOver) yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { head: Buffer.concat(seen).subarray(0, size), all: all() };
}
