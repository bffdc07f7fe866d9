// Planets around a sun under gravity, by the leapfrog method: floating point in a few long-lived
// objects. Energy must be conserved.
(() => {
  'use strict';

  const body = (x, y, vx, vy, mass) => ({ x, y, z: 0.01 * x, vx, vy, vz: 0.01 * vy, mass });
  const bodies = [body(0, 0, 0, 0, 40)];
  for (let i = 1; i <= 6; i++) {
    const radius = 1 + i * 0.9;
    const speed = Math.sqrt(40 / radius);
    const angle = i * 1.3;
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    bodies.push(body(radius * cos, radius * sin, -speed * sin, speed * cos, 0.001 * i));
  }

  function energy() {
    let sum = 0;
    for (let i = 0; i < bodies.length; i++) {
      const a = bodies[i];
      sum += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz);
      for (let j = i + 1; j < bodies.length; j++) {
        const b = bodies[j];
        sum -= (a.mass * b.mass) / Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z);
      }
    }
    return sum;
  }

  function advance(dt) {
    for (let i = 0; i < bodies.length; i++) {
      const a = bodies[i];
      for (let j = i + 1; j < bodies.length; j++) {
        const b = bodies[j];
        const dx = a.x - b.x;
        const dy = a.y - b.y;
        const dz = a.z - b.z;
        const square = dx * dx + dy * dy + dz * dz;
        const pull = dt / (square * Math.sqrt(square));
        a.vx -= dx * b.mass * pull;
        a.vy -= dy * b.mass * pull;
        a.vz -= dz * b.mass * pull;
        b.vx += dx * a.mass * pull;
        b.vy += dy * a.mass * pull;
        b.vz += dz * a.mass * pull;
      }
    }
    for (const a of bodies) {
      a.x += dt * a.vx;
      a.y += dt * a.vy;
      a.z += dt * a.vz;
    }
  }

  const before = energy();
  for (let i = 0; i < 2000; i++) advance(0.001);
  const drift = Math.abs((energy() - before) / before);
  if (!(drift < 1e-2)) throw new Error(`n-body: energy drifted by ${drift}`);
  // Sines and square roots may differ in the last place between engines: eight digits do not.
  const checksum = bodies.reduce((sum, { x, y, z }) => sum + x + 2 * y + 3 * z, 0).toFixed(6);
  if (checksum !== '21.199004') throw new Error(`n-body: wrong checksum ${checksum}`);
  return checksum;
})();
