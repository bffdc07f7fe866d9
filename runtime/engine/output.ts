// What a script prints, kept up to a cap. The cut falls between characters and is marked.

const cutMark = '\n[output cut]\n';

/** One capped stream of bytes. */
export interface Output {
  readonly write: (bytes: Uint8Array) => void;
  readonly text: () => string;
  /** What was kept. */
  readonly bytes: () => Uint8Array;
  readonly isCut: () => boolean;
}

/** A stream that keeps its first `bytesMax` bytes. */
export const createOutput = (bytesMax: number): Output => {
  const chunks: Uint8Array[] = [];
  let kept = 0;
  let cut = false;
  return {
    write(bytes) {
      const room = bytesMax - kept;
      if (bytes.length > room) cut = true;
      if (room <= 0) return;
      const chunk = bytes.slice(0, room);
      chunks.push(chunk);
      kept += chunk.length;
    },
    bytes: () => new Uint8Array(Buffer.concat(chunks)),
    isCut: () => cut,
    text() {
      if (chunks.length === 0) return cut ? cutMark : '';
      // Streaming mode drops a character that the cap has cut in two.
      const text = new TextDecoder().decode(Buffer.concat(chunks), { stream: cut });
      return cut ? text + cutMark : text;
    },
  };
};
