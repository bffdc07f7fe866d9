// Which member owns a key: rendezvous hashing, so that every router with the same members decides
// alike without a word, and a member that comes or goes moves only its own share of the keys. Pure.
// Thaler, Ravishankar: Using name-based mappings to increase hit rates, IEEE/ACM ToN 6(1), 1998.

/** MurmurHash3 x86 32-bit over UTF-16 units, public domain, Austin Appleby. */
const murmur = (text: string, seed: number): number => {
  let hash = seed;
  for (let index = 0; index < text.length; index++) {
    let block = Math.imul(text.charCodeAt(index), 0xcc9e2d51);
    block = Math.imul((block << 15) | (block >>> 17), 0x1b873593);
    hash ^= block;
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  return mix(hash ^ text.length);
};

/** MurmurHash3's finalizer: each bit of the input changes half of the output's. */
const mix = (value: number): number => {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

interface Hash {
  readonly high: number;
  readonly low: number;
}

const hashOf = (text: string): Hash => ({ high: murmur(text, 0x5eed), low: murmur(text, 0xbeef) });

/** 53 bits, as many as a number holds: members tie as good as never. */
const scoreOf = (member: Hash, key: Hash): number => {
  const high = mix(member.high ^ key.low);
  const low = mix(member.low ^ key.high ^ high);
  return (high & 0x1fffff) * 2 ** 32 + low;
};

export interface Ring<M> {
  readonly size: number;
  /** All members, the owner of the key first, then whoever is next should it be gone. */
  readonly orderOf: (key: string) => readonly M[];
  readonly ownerOf: (key: string) => M | undefined;
}

/** @param members told apart by `id`, in any order */
export const createRing = <M extends { readonly id: string }>(members: readonly M[]): Ring<M> => {
  const hashed = members.map((member) => ({ member, hash: hashOf(member.id) }));
  const scored = (key: string) => {
    const hash = hashOf(key);
    return hashed.map((each) => ({ member: each.member, score: scoreOf(each.hash, hash) }));
  };
  return {
    size: members.length,
    orderOf: (key) =>
      scored(key)
        .toSorted((a, b) => b.score - a.score || (a.member.id < b.member.id ? -1 : 1))
        .map(({ member }) => member),
    ownerOf(key) {
      let best: { readonly member: M; readonly score: number } | undefined;
      for (const each of scored(key)) {
        const ahead =
          best === undefined ||
          each.score > best.score ||
          (each.score === best.score && each.member.id < best.member.id);
        if (ahead) best = each;
      }
      return best?.member;
    },
  };
};
