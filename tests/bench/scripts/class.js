// Makes instances and reads an accessor.
(() => {
  class A {
    constructor(x) {
      this.x = x;
    }
    get y() {
      return this.x * 2;
    }
  }
  let t = 0;
  for (let i = 0; i < 2e4; i++) t += new A(i).y;
  return t;
})();
