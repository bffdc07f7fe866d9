// An operating system in small: tasks of different priority exchange packets through queues, wait
// for a device's timer and are preempted after their time slice. Method calls and small objects.
(() => {
  'use strict';

  class Packet {
    constructor(source, kind, datum) {
      this.source = source;
      this.kind = kind;
      this.datum = datum;
      this.next = null;
    }
  }

  class Mailbox {
    constructor() {
      this.first = null;
      this.last = null;
      this.length = 0;
    }

    put(packet) {
      packet.next = null;
      if (this.last === null) this.first = packet;
      else this.last.next = packet;
      this.last = packet;
      this.length++;
    }

    take() {
      const packet = this.first;
      if (packet === null) return null;
      this.first = packet.next;
      if (this.first === null) this.last = null;
      this.length--;
      return packet;
    }
  }

  class Task {
    constructor(kernel, id, priority) {
      this.kernel = kernel;
      this.id = id;
      this.priority = priority;
      this.mailbox = new Mailbox();
      this.sleepsUntil = 0;
      this.turns = 0;
    }

    get ready() {
      return this.mailbox.length > 0 && this.sleepsUntil <= this.kernel.now;
    }

    run(slice) {
      for (let left = slice; left > 0 && this.ready; left--) {
        this.turns++;
        this.receive(this.mailbox.take());
      }
    }
  }

  class Worker extends Task {
    receive(packet) {
      let hash = packet.datum;
      for (let i = 0; i < 4; i++) hash = (hash * 31 + this.id + i) % 65521;
      packet.datum = hash;
      const to = hash % 3 === 0 ? this.kernel.device : this.kernel.tasks[packet.source];
      packet.source = this.id;
      to.mailbox.put(packet);
    }
  }

  class Handler extends Task {
    receive(packet) {
      this.kernel.checksum = (this.kernel.checksum * 7 + packet.datum) % 1000003;
      const next = this.kernel.tasks[(packet.datum + this.turns) % this.kernel.tasks.length];
      packet.source = this.id;
      packet.datum = (packet.datum + this.turns) % 65521;
      next.mailbox.put(packet);
    }
  }

  class Device extends Task {
    receive(packet) {
      this.sleepsUntil = this.kernel.now + (packet.datum % 5);
      const target = packet.datum & 1 ? packet.source : (packet.source + 1) % this.id;
      packet.source = this.id % this.kernel.tasks.length;
      this.kernel.tasks[target].mailbox.put(packet);
    }
  }

  class Kernel {
    constructor() {
      this.now = 0;
      this.checksum = 0;
      this.idleTicks = 0;
      this.tasks = [];
      for (let id = 0; id < 6; id++) {
        this.tasks.push(id % 2 ? new Handler(this, id, id * 3) : new Worker(this, id, 20 - id));
      }
      this.device = new Device(this, 6, 100);
      this.byPriority = [...this.tasks, this.device].sort((a, b) => b.priority - a.priority);
    }

    tick() {
      this.now++;
      const ready = this.byPriority.find((task) => task.ready && task.turns <= this.now * 2);
      if (ready === undefined) this.idleTicks++;
      else ready.run(3);
    }
  }

  const kernel = new Kernel();
  for (let i = 0; i < 24; i++) {
    kernel.tasks[i % 6].mailbox.put(new Packet((i + 1) % 6, 'work', i * 101));
  }
  for (let i = 0; i < 10000; i++) kernel.tick();

  const turns = kernel.byPriority.map((task) => task.turns);
  const checksum = `${kernel.checksum} ${kernel.idleTicks} ${turns.join(' ')}`;
  if (checksum !== '840294 0 2001 3148 1323 1355 1774 1747 1950')
    throw new Error(`scheduler: wrong checksum ${checksum}`);
  return checksum;
})();
