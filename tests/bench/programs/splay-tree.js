// A splay tree under constant change: nodes with payloads are inserted, found and removed, which
// moves the tree about and keeps the garbage collector at work.
(() => {
  'use strict';

  class Node {
    constructor(key, payload) {
      this.key = key;
      this.payload = payload;
      this.left = null;
      this.right = null;
    }
  }

  class SplayTree {
    constructor() {
      this.root = null;
      this.size = 0;
    }

    /** Brings the key, or a neighbour of it, to the root (top-down splaying). */
    splay(key) {
      const rim = new Node(0, null);
      let left = rim;
      let right = rim;
      let node = this.root;
      for (;;) {
        if (key < node.key) {
          if (node.left !== null && key < node.left.key) {
            const child = node.left;
            node.left = child.right;
            child.right = node;
            node = child;
          }
          if (node.left === null) break;
          right.left = node;
          right = node;
          node = node.left;
        } else if (key > node.key) {
          if (node.right !== null && key > node.right.key) {
            const child = node.right;
            node.right = child.left;
            child.left = node;
            node = child;
          }
          if (node.right === null) break;
          left.right = node;
          left = node;
          node = node.right;
        } else break;
      }
      left.right = node.left;
      right.left = node.right;
      node.left = rim.right;
      node.right = rim.left;
      this.root = node;
    }

    insert(key, payload) {
      const node = new Node(key, payload);
      if (this.root !== null) {
        this.splay(key);
        if (this.root.key === key) return false;
        const side = key < this.root.key;
        node.left = side ? this.root.left : this.root;
        node.right = side ? this.root : this.root.right;
        if (side) this.root.left = null;
        else this.root.right = null;
      }
      this.root = node;
      this.size++;
      return true;
    }

    remove(key) {
      this.splay(key);
      if (this.root.key !== key) return null;
      const removed = this.root;
      if (removed.left === null) this.root = removed.right;
      else {
        this.root = removed.left;
        this.splay(key);
        this.root.right = removed.right;
      }
      this.size--;
      return removed;
    }

    *inOrder(node = this.root) {
      if (node === null) return;
      yield* this.inOrder(node.left);
      yield node;
      yield* this.inOrder(node.right);
    }
  }

  let state = 49734321;
  const random = () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state;
  };
  const payload = (depth, tag) =>
    depth === 0
      ? { list: [0, 1, 2, 3, 4], text: `leaf ${tag}` }
      : { left: payload(depth - 1, tag), right: payload(depth - 1, tag) };

  const tree = new SplayTree();
  const keys = [];
  while (tree.size < 600) {
    const key = random();
    if (tree.insert(key, payload(2, key))) keys.push(key);
  }
  let checksum = 0;
  for (let i = 0; i < 1500; i++) {
    const at = random() % keys.length;
    const removed = tree.remove(keys[at]);
    checksum = (checksum * 31 + removed.payload.left.right.text.length) % 1000003;
    const key = random();
    if (!tree.insert(key, payload(2, key))) throw new Error('splay-tree: a key came twice');
    keys[at] = key;
  }
  let before = -1;
  let count = 0;
  for (const { key } of tree.inOrder()) {
    if (key <= before) throw new Error('splay-tree: out of order');
    before = key;
    count++;
  }
  checksum = `${checksum} ${count} ${tree.root.key}`;
  if (checksum !== '538946 600 581409825')
    throw new Error(`splay-tree: wrong checksum ${checksum}`);
  return checksum;
})();
