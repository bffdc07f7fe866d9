// A stream of bytes -> its lines, each bounded: how an API server sends the events of a watch.

/**
 * Throws when a line is longer than `bytesMax`. A last line without an end is not given: the stream
 * was cut within it.
 */
export async function* linesOf(
  stream: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    let from = 0;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      const line = Buffer.concat([rest, bytes.subarray(from, end)]).toString('utf8');
      rest = Buffer.alloc(0);
      from = end + 1;
      if (line.length > 0) yield line;
    }
    rest = Buffer.concat([rest, bytes.subarray(from)]);
    if (rest.length > bytesMax) throw new Error(`a line of a watch is over ${bytesMax} bytes`);
  }
}
