// Reading the packed payload: base64, inflate, varints, and degrees to the map's own plane.

/** The plane all drawing happens in: web Mercator pixels at this zoom, counted from a point inside the place. */
const BASE_ZOOM = 16;
const WORLD = 256 * 2 ** BASE_ZOOM;
const UNIT = 1e-5;

const mercatorX = (lon) => (lon / 360 + 0.5) * WORLD;
const mercatorY = (lat) => {
  const sine = Math.sin((lat * Math.PI) / 180);
  return (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * WORLD;
};
const toLon = (x) => (x / WORLD - 0.5) * 360;
const toLat = (y) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / WORLD))) * 180) / Math.PI;

async function inflate(packed) {
  if (typeof DecompressionStream === "undefined") throw new Error("old browser");
  const binary = atob(packed);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function varints(bytes) {
  let count = 0;
  for (let i = 0; i < bytes.length; i += 1) if (bytes[i] < 128) count += 1;
  const values = new Uint32Array(count);
  let at = 0;
  let value = 0;
  let shift = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    value |= (bytes[i] & 127) << shift;
    if (bytes[i] < 128) {
      values[at] = value >>> 0;
      at += 1;
      value = 0;
      shift = 0;
    } else shift += 7;
  }
  return values;
}

/** Differences, zig-zag coded, back to whole numbers. */
function summed(values) {
  const out = new Int32Array(values.length);
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) {
    sum += (values[i] >>> 1) ^ -(values[i] & 1);
    out[i] = sum;
  }
  return out;
}

/** Where each run begins, with the end of the last one added. */
function starts(counts) {
  const out = new Uint32Array(counts.length + 1);
  for (let i = 0; i < counts.length; i += 1) out[i + 1] = out[i] + counts[i];
  return out;
}

class Payload {
  constructor(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    if (String.fromCharCode(bytes[0], bytes[1], bytes[2]) !== "AM1") throw new Error("not a map");
    const size = view.getUint32(3, true);
    this.body = JSON.parse(new TextDecoder().decode(bytes.subarray(7, 7 + size)));
    this.bytes = bytes;
    this.offsets = [7 + size];
    for (const length of this.body.streams) this.offsets.push(this.offsets[this.offsets.length - 1] + length);
  }

  stream(index) {
    return varints(this.bytes.subarray(this.offsets[index], this.offsets[index + 1]));
  }

  points(index, origin) {
    const lons = summed(this.stream(index));
    const lats = summed(this.stream(index + 1));
    const xs = new Float64Array(lons.length);
    const ys = new Float64Array(lons.length);
    for (let i = 0; i < lons.length; i += 1) {
      xs[i] = mercatorX(lons[i] * UNIT) - origin.x;
      ys[i] = mercatorY(lats[i] * UNIT) - origin.y;
    }
    return { xs, ys, n: xs.length };
  }

  shapes(index, origin) {
    const parts = starts(this.stream(index));
    const rings = starts(this.stream(index + 1));
    return new Shapes(parts, rings, this.points(index + 2, origin));
  }
}

/** Lines or areas in columns: feature -> parts -> points, with a box for each feature. */
class Shapes {
  constructor(parts, rings, points) {
    this.parts = parts;
    this.rings = rings;
    this.xs = points.xs;
    this.ys = points.ys;
    this.n = parts.length - 1;
    this.boxes = new Float64Array(this.n * 4);
    for (let f = 0; f < this.n; f += 1) {
      let [w, s, e, n] = [Infinity, Infinity, -Infinity, -Infinity];
      for (let i = rings[parts[f]]; i < rings[parts[f + 1]]; i += 1) {
        w = Math.min(w, this.xs[i]);
        e = Math.max(e, this.xs[i]);
        s = Math.min(s, this.ys[i]);
        n = Math.max(n, this.ys[i]);
      }
      this.boxes.set([w, s, e, n], f * 4);
    }
    this.chunks = null;
  }

  box(feature) {
    return this.boxes.subarray(feature * 4, feature * 4 + 4);
  }

  trace(path, feature, closed) {
    for (let part = this.parts[feature]; part < this.parts[feature + 1]; part += 1) {
      const end = this.rings[part + 1];
      let i = this.rings[part];
      path.moveTo(this.xs[i], this.ys[i]);
      for (i += 1; i < end; i += 1) path.lineTo(this.xs[i], this.ys[i]);
      if (closed) path.closePath();
    }
  }

  path(features, closed) {
    const path = new Path2D();
    for (const feature of features) this.trace(path, feature, closed);
    return path;
  }

  /** Runs of neighbours with their box; a run's path is made when it is first seen. */
  visible(box, closed, size = 160) {
    if (!this.chunks) {
      this.chunks = [];
      for (let from = 0; from < this.n; from += size) {
        const to = Math.min(this.n, from + size);
        const around = [Infinity, Infinity, -Infinity, -Infinity];
        for (let f = from; f < to; f += 1) {
          for (let k = 0; k < 4; k += 1) {
            around[k] = (k < 2 ? Math.min : Math.max)(around[k], this.boxes[f * 4 + k]);
          }
        }
        this.chunks.push({ from, to, around, path: null });
      }
    }
    const seen = [];
    for (const chunk of this.chunks) {
      if (!overlaps(chunk.around, box)) continue;
      if (!chunk.path) {
        chunk.path = new Path2D();
        for (let f = chunk.from; f < chunk.to; f += 1) this.trace(chunk.path, f, closed);
      }
      seen.push(chunk.path);
    }
    return seen;
  }

  contains(feature, x, y) {
    const b = this.boxes.subarray(feature * 4, feature * 4 + 4);
    if (x < b[0] || x > b[2] || y < b[1] || y > b[3]) return false;
    let inside = false;
    for (let part = this.parts[feature]; part < this.parts[feature + 1]; part += 1) {
      const from = this.rings[part];
      const to = this.rings[part + 1];
      for (let i = from, j = to - 1; i < to; j = i, i += 1) {
        if (this.ys[i] > y === this.ys[j] > y) continue;
        const cut = ((this.xs[j] - this.xs[i]) * (y - this.ys[i])) / (this.ys[j] - this.ys[i]) + this.xs[i];
        if (x < cut) inside = !inside;
      }
    }
    return inside;
  }
}

const overlaps = (a, b) => a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];

const plain = (text) => text.normalize("NFD").replace(/\s+/g, " ").replace(/[\u0300-\u036f\u2018\u2019']/g, "").toLowerCase();

/** Several payloads become one scene; each may hold the ground, the streets, the zones, the assets. */
async function readScene(packs) {
  const payloads = [];
  for (const packed of packs) payloads.push(new Payload(await inflate(packed)));
  const bounds = payloads.map((payload) => payload.body.bounds).find(Boolean) || [-8, 49.9, 1.8, 58.7];
  const origin = { x: mercatorX((bounds[0] + bounds[2]) / 2), y: mercatorY((bounds[1] + bounds[3]) / 2) };
  const scene = { bounds, origin, meta: {}, ground: {}, streets: [], places: null, zones: null, assets: null };
  for (const payload of payloads) {
    const body = payload.body;
    Object.assign(scene.meta, body.meta);
    for (const layer of body.ground || []) scene.ground[layer.layer] = payload.shapes(layer.at, origin);
    if (body.places) scene.places = { ...body.places, spots: payload.points(body.places.at, origin) };
    for (const run of body.streets || []) {
      scene.streets.push({
        class: run.class,
        names: run.names,
        name: payload.stream(run.name),
        shapes: payload.shapes(run.at, origin),
      });
    }
    if (body.zones) {
      scene.zones = {
        ...body.zones,
        n: body.zones.id.length,
        shapes: payload.shapes(body.zones.at, origin),
        middles: payload.points(body.zones.middle, origin),
        find: new Map(body.zones.id.map((id, i) => [id, i])),
      };
    }
    if (body.assets) {
      const spots = payload.points(body.assets.at, origin);
      scene.assets = {
        ...body.assets,
        n: body.assets.id.length,
        xs: spots.xs,
        ys: spots.ys,
        find: new Map(body.assets.id.map((id, i) => [id, i])),
      };
    }
    if (body.web) scene.web = readWeb(payload, body.web);
  }
  scene.ties = scene.web && scene.assets ? tiesBetween(scene.web, scene.assets) : [];
  return scene;
}

/** Groups and the ties between them, with the place of each group in the picture of the web. */
function readWeb(payload, web) {
  const across = summed(payload.stream(web.at));
  const down = summed(payload.stream(web.at + 1));
  return {
    ...web,
    n: web.id.length,
    xs: Float64Array.from(across),
    ys: Float64Array.from(down),
    a: payload.stream(web.a),
    b: payload.stream(web.b),
    strength: payload.stream(web.strength),
    find: new Map(web.id.map((id, i) => [id, i])),
  };
}

/** The ties both of whose ends are on the map, the strongest first and of those the shortest. */
function tiesBetween(web, assets) {
  const ties = [];
  for (let i = 0; i < web.a.length; i += 1) {
    const a = assets.find.get(web.id[web.a[i]]);
    const b = assets.find.get(web.id[web.b[i]]);
    if (a === undefined || b === undefined) continue;
    ties.push({ a, b, strength: web.strength[i], long: Math.hypot(assets.xs[a] - assets.xs[b], assets.ys[a] - assets.ys[b]) });
  }
  return ties.sort((one, other) => other.strength - one.strength || one.long - other.long);
}
