// A ray tracer: spheres over a chequered plane, shadows, reflection. Floating point in short-lived
// vector objects.
(() => {
  'use strict';

  class Vector {
    constructor(x, y, z) {
      this.x = x;
      this.y = y;
      this.z = z;
    }

    plus(v) {
      return new Vector(this.x + v.x, this.y + v.y, this.z + v.z);
    }

    minus(v) {
      return new Vector(this.x - v.x, this.y - v.y, this.z - v.z);
    }

    times(k) {
      return new Vector(this.x * k, this.y * k, this.z * k);
    }

    dot(v) {
      return this.x * v.x + this.y * v.y + this.z * v.z;
    }

    unit() {
      return this.times(1 / Math.sqrt(this.dot(this)));
    }
  }

  class Sphere {
    constructor(centre, radius, colour, reflection) {
      this.centre = centre;
      this.radius = radius;
      this.colour = colour;
      this.reflection = reflection;
    }

    distance(origin, direction) {
      const offset = origin.minus(this.centre);
      const b = offset.dot(direction);
      const discriminant = b * b - offset.dot(offset) + this.radius * this.radius;
      if (discriminant < 0) return Infinity;
      const distance = -b - Math.sqrt(discriminant);
      return distance > 1e-4 ? distance : Infinity;
    }

    normal(point) {
      return point.minus(this.centre).unit();
    }

    colourAt() {
      return this.colour;
    }
  }

  class Plane {
    constructor(height, reflection) {
      this.height = height;
      this.reflection = reflection;
    }

    distance(origin, direction) {
      const distance = (this.height - origin.y) / direction.y;
      return distance > 1e-4 ? distance : Infinity;
    }

    normal() {
      return new Vector(0, 1, 0);
    }

    colourAt(point) {
      return (Math.floor(point.x) + Math.floor(point.z)) & 1 ? 0.9 : 0.2;
    }
  }

  const scene = [
    new Plane(-1, 0.2),
    new Sphere(new Vector(0, 0, 4), 1, 0.8, 0.4),
    new Sphere(new Vector(1.6, -0.3, 3), 0.7, 0.6, 0.3),
    new Sphere(new Vector(-1.5, -0.5, 2.8), 0.5, 0.9, 0.1),
  ];
  const light = new Vector(3, 5, -2).unit();

  function nearest(origin, direction) {
    let found = null;
    let best = Infinity;
    for (const thing of scene) {
      const distance = thing.distance(origin, direction);
      if (distance < best) {
        best = distance;
        found = thing;
      }
    }
    return found === null ? null : { thing: found, distance: best };
  }

  function trace(origin, direction, depth) {
    const hit = nearest(origin, direction);
    if (hit === null) return 0.3 + 0.2 * direction.y;
    const point = origin.plus(direction.times(hit.distance));
    const normal = hit.thing.normal(point);
    const lit = nearest(point, light) === null ? Math.max(0, normal.dot(light)) : 0;
    const colour = hit.thing.colourAt(point) * (0.15 + 0.85 * lit);
    if (depth === 0) return colour;
    const reflected = direction.minus(normal.times(2 * normal.dot(direction)));
    const { reflection } = hit.thing;
    return colour * (1 - reflection) + trace(point, reflected, depth - 1) * reflection;
  }

  const size = 44;
  let checksum = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const direction = new Vector((x - size / 2) / size, (size / 2 - y) / size, 1).unit();
      const level = Math.round(trace(new Vector(0, 0.2, -1), direction, 3) * 200);
      checksum = (checksum * 33 + level) % 16777213;
    }
  }
  if (checksum !== 5459930) throw new Error(`ray-tracer: wrong checksum ${checksum}`);
  return checksum;
})();
