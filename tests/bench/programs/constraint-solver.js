// One-way constraints between variables, planned by strength and kept up to date as inputs change
// and constraints come and go: graphs of objects, dynamic dispatch, small arrays.
(() => {
  'use strict';

  const REQUIRED = 0;
  const STRONG = 1;
  const WEAK = 2;

  class Variable {
    constructor(name, value) {
      this.name = name;
      this.value = value;
      this.constraints = [];
      this.determinedBy = null;
      this.strength = 3;
      this.mark = 0;
    }
  }

  class Constraint {
    constructor(strength, inputs, output) {
      this.strength = strength;
      this.inputs = inputs;
      this.output = output;
      for (const variable of [...inputs, output]) variable.constraints.push(this);
    }

    remove() {
      for (const variable of [...this.inputs, this.output]) {
        variable.constraints = variable.constraints.filter((constraint) => constraint !== this);
        if (variable.determinedBy === this) variable.determinedBy = null;
      }
    }
  }

  class Constant extends Constraint {
    constructor(strength, output, value) {
      super(strength, [], output);
      this.value = value;
    }

    execute() {
      this.output.value = this.value;
    }
  }

  class Linear extends Constraint {
    constructor(strength, input, output, scale, offset) {
      super(strength, [input], output);
      this.scale = scale;
      this.offset = offset;
    }

    execute() {
      this.output.value = (this.inputs[0].value * this.scale + this.offset) % 1000003;
    }
  }

  class Sum extends Constraint {
    execute() {
      let sum = 0;
      for (const { value } of this.inputs) sum += value;
      this.output.value = sum % 1000003;
    }
  }

  class Planner {
    constructor() {
      this.mark = 0;
      this.executions = 0;
    }

    /** The strongest constraint determines each variable it writes. */
    choose(variables) {
      for (const variable of variables) {
        variable.determinedBy = null;
        variable.strength = 3;
        for (const constraint of variable.constraints) {
          if (constraint.output === variable && constraint.strength < variable.strength) {
            variable.determinedBy = constraint;
            variable.strength = constraint.strength;
          }
        }
      }
    }

    /** The determining constraints downstream of a variable, inputs before outputs. */
    plan(source) {
      const mark = ++this.mark;
      const order = [];
      const visit = (variable) => {
        if (variable.mark === mark) return;
        variable.mark = mark;
        for (const constraint of variable.constraints) {
          const { output } = constraint;
          if (output !== variable && output.determinedBy === constraint) visit(output);
        }
        if (variable.determinedBy !== null) order.push(variable.determinedBy);
      };
      visit(source);
      return order.reverse();
    }

    execute(plan) {
      for (const constraint of plan) constraint.execute();
      this.executions += plan.length;
    }
  }

  const planner = new Planner();
  const chain = Array.from({ length: 120 }, (_, i) => new Variable(`chain ${i}`, i));
  for (let i = 1; i < chain.length; i++) {
    new Linear(REQUIRED, chain[i - 1], chain[i], (i % 5) + 1, i);
  }
  const total = new Variable('total', 0);
  new Sum(STRONG, chain.slice(0, 40), total);
  const tree = Array.from({ length: 63 }, (_, i) => new Variable(`tree ${i}`, 1));
  for (let i = 0; i < 31; i++) new Sum(REQUIRED, [tree[2 * i + 1], tree[2 * i + 2]], tree[i]);
  const joined = new Variable('joined', 0);
  new Sum(WEAK, [total, tree[0]], joined);

  const everything = [...chain, ...tree, total, joined];
  planner.choose(everything);
  let checksum = 0;
  for (let round = 0; round < 60; round++) {
    const input = new Constant(STRONG, round % 3 ? chain[0] : tree[31 + (round % 32)], round * 17);
    planner.choose([input.output]);
    const plan = planner.plan(input.output);
    for (let i = 0; i < 4; i++) {
      input.value += i;
      planner.execute(plan);
      checksum = (checksum * 31 + joined.value + chain[119].value) % 1000003;
    }
    input.remove();
    if (round % 10 === 0) planner.choose(everything);
  }
  checksum = `${checksum} ${planner.executions}`;
  if (checksum !== '379568 20080') throw new Error(`constraint-solver: wrong checksum ${checksum}`);
  return checksum;
})();
