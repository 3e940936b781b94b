// Painting: paper, ground, zones where people live, streets, symbols. Nothing here knows the page around it.

const KINDS = Object.keys(ASSETMAP_STYLE.symbols);
const FONT = '"Source Sans 3", "Source Sans Pro", "Source Sans", "Segoe UI", "Helvetica Neue", Arial, sans-serif';

/** Width of a street on screen at a zoom, in CSS pixels, casing not counted. */
const STREET_WIDTH = {
  main: [10.5, 1.48, 2.2],
  middle: [8.6, 1.5, 1.7],
  street: [6.4, 1.56, 0.9],
  lane: [3.2, 1.6, 0.5],
  path: [1.25, 1.3, 0.6],
};
const STREET_FROM = { main: 0, middle: 0, street: 12.3, lane: 13.6, path: 13.4 };

function streetWidth(name, zoom) {
  const [at16, growth, least] = STREET_WIDTH[name];
  return Math.max(least, at16 * growth ** (zoom - 16));
}

/**
 * Size of a symbol on screen: small far out, room for its letter near by. Where the message is where to start talking,
 * symbols step back until the reader comes close, so that they do not hide the colour of the areas.
 */
function symbolSize(zoom, look) {
  const steps = [
    [11, 4],
    [12.5, 5.5],
    [13.25, 7],
    [14, 9],
    [15, 12],
    [16, 17],
    [18, 20],
  ];
  let size = steps[0][1];
  for (let i = 1; i < steps.length; i += 1) {
    const [z0, s0] = steps[i - 1];
    const [z1, s1] = steps[i];
    if (zoom >= z0) size = s0 + ((s1 - s0) * Math.min(1, (zoom - z0) / (z1 - z0)));
  }
  const near = Math.min(1, Math.max(0, (zoom - 13.6) / 1.6));
  const back = look.layer === "talk" ? 0.55 + 0.45 * near : 1;
  return size * back * (look.big ? 1.4 : 1);
}

function newCanvas(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  return canvas;
}

function traceSymbol(ctx, shape, size) {
  const r = size / 2;
  ctx.beginPath();
  if (shape === "circle") ctx.arc(0, 0, r, 0, 2 * Math.PI);
  else if (shape === "square") ctx.rect(-r * 0.92, -r * 0.92, r * 1.84, r * 1.84);
  else if (shape === "diamond") {
    const d = r * 1.22;
    ctx.moveTo(0, -d);
    ctx.lineTo(d, 0);
    ctx.lineTo(0, d);
    ctx.lineTo(-d, 0);
    ctx.closePath();
  } else {
    ctx.moveTo(0, -r * 1.18);
    ctx.lineTo(r * 1.18, r * 0.92);
    ctx.lineTo(-r * 1.18, r * 0.92);
    ctx.closePath();
  }
}

/** A symbol with its rim and, where there is room, its letter; the same on the map and in the legend. */
function drawSymbol(ctx, symbol, palette, size, stacked) {
  const rim = Math.max(size < 6 ? 0.7 : 1.1, size * 0.11);
  const once = (x, y) => {
    ctx.save();
    ctx.translate(x, y);
    traceSymbol(ctx, symbol.shape, size);
    ctx.lineJoin = "round";
    ctx.lineWidth = rim * 2;
    ctx.strokeStyle = palette.rim;
    ctx.stroke();
    ctx.fillStyle = palette[symbol.token];
    ctx.fill();
    ctx.restore();
  };
  if (stacked) once(size * 0.24, -size * 0.24);
  once(0, 0);
  if (size >= 13) {
    ctx.fillStyle = palette.rim;
    ctx.font = `700 ${size * (symbol.shape === "triangle" ? 0.56 : 0.66)}px ${FONT}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "alphabetic";
    ctx.fillText(symbol.letter, 0, size * (symbol.shape === "triangle" ? 0.36 : 0.235));
  }
}

/** One tile of a pattern, in device pixels, drawn along the page; the caller turns it. */
function patternTile(fill, colour, light, dpr) {
  const gap = fill.gap * dpr;
  const across = ["dots", "rings", "crosses", "dashes"].includes(fill.mark) ? gap * 2 : gap;
  const side = Math.max(2, Math.round(across));
  const tile = newCanvas(side, side);
  const ctx = tile.getContext("2d");
  ctx.globalAlpha = fill.ground;
  ctx.fillStyle = colour;
  ctx.fillRect(0, 0, side, side);
  ctx.globalAlpha = fill.light ? 0.5 : 1;
  ctx.fillStyle = ctx.strokeStyle = fill.light ? light : colour;
  const width = fill.width * dpr;
  ctx.lineWidth = fill.mark === "rings" ? Math.max(1, width * 0.36) : width;
  if (fill.mark === "lines") ctx.fillRect(0, 0, side, width);
  if (fill.mark === "grid") {
    ctx.fillRect(0, 0, side, width);
    ctx.fillRect(0, 0, width, side);
  }
  for (const [cx, cy] of [[0.25, 0.25], [0.75, 0.75]]) {
    const [x, y] = [cx * side, cy * side];
    if (fill.mark === "dots" || fill.mark === "rings") {
      const small = fill.mark === "dots" ? width * 0.52 : side * (fill.gap > 10 ? 0.12 : 0.17);
      ctx.beginPath();
      ctx.arc(x, y, small, 0, 2 * Math.PI);
      if (fill.mark === "dots") ctx.fill();
      else ctx.stroke();
    } else if (fill.mark === "crosses") {
      const arm = side * (fill.gap > 10 ? 0.11 : 0.23);
      ctx.lineWidth = Math.max(1, fill.gap > 10 ? width : width * 0.38);
      ctx.beginPath();
      ctx.moveTo(x - arm, y);
      ctx.lineTo(x + arm, y);
      ctx.moveTo(x, y - arm);
      ctx.lineTo(x, y + arm);
      ctx.stroke();
    } else if (fill.mark === "dashes") {
      ctx.fillRect(x - side * 0.19, y - width / 2, side * 0.38, width);
    }
  }
  return tile;
}

function setPattern(ctx, fill, colour, light, dpr, anchor) {
  if (fill.mark === "plain") {
    ctx.fillStyle = colour;
    return;
  }
  const pattern = ctx.createPattern(patternTile(fill, colour, light, dpr), "repeat");
  const wanted = new DOMMatrix().translate(anchor.x, anchor.y).rotate(-fill.angle);
  pattern.setTransform(ctx.getTransform().inverse().multiply(wanted));
  ctx.fillStyle = pattern;
}

/** Of more ties than this no picture can tell one from another. */
const MOST_TIES = 1500;
const tieWidth = (strength) => 0.7 + 0.9 * strength;
const tieAlpha = (n) => (n <= 200 ? 0.85 : n <= 600 ? 0.6 : 0.4);

function traceTie(path, spots, tie, shown) {
  if (shown && !(shown[tie.a] && shown[tie.b])) return;
  path.moveTo(spots.xs[tie.a], spots.ys[tie.a]);
  path.lineTo(spots.xs[tie.b], spots.ys[tie.b]);
}

/** All ties of one group, over everything else. */
function paintTiesOf(ctx, view, look, scene, index) {
  const own = scene.ties.filter((tie) => tie.a === index || tie.b === index);
  onPlane(ctx, view);
  ctx.lineCap = "round";
  for (const [colour, more] of [[look.palette.halo, 2.6], [look.palette.ink, 0.6]]) {
    ctx.strokeStyle = colour;
    for (const tie of own) {
      const path = new Path2D();
      traceTie(path, scene.assets, tie, look.shown);
      ctx.lineWidth = (tieWidth(tie.strength) + more) / view.scale;
      ctx.stroke(path);
    }
  }
  return own;
}

/** What lies in view: scale and shift from the plane to canvas pixels (CSS), and the box seen. */
function makeView(zoom, shiftX, shiftY, width, height, dpr) {
  const scale = 2 ** (zoom - BASE_ZOOM);
  const box = [-shiftX / scale, -shiftY / scale, (width - shiftX) / scale, (height - shiftY) / scale];
  return { zoom, scale, shiftX, shiftY, width, height, dpr, box };
}

function onPlane(ctx, view) {
  const k = view.scale * view.dpr;
  ctx.setTransform(k, 0, 0, k, view.shiftX * view.dpr, view.shiftY * view.dpr);
}

function onPage(ctx, view) {
  ctx.setTransform(view.dpr, 0, 0, view.dpr, 0, 0);
}

class Painter {
  constructor(scene) {
    this.scene = scene;
    this.fills = null;
    this.sprites = new Map();
    this.gathered = { key: "", marks: [] };
  }

  /** The whole picture but for what moves with the pointer. */
  paint(ctx, view, look) {
    onPage(ctx, view);
    ctx.fillStyle = look.palette.ground;
    ctx.fillRect(0, 0, view.width, view.height);
    onPlane(ctx, view);
    this.paintAreas(ctx, view, look.palette);
    if (look.layer === "talk" && this.scene.zones?.class) this.paintZones(ctx, view, look);
    this.paintStreets(ctx, view, look.palette);
    if (look.layer === "ties") this.paintTies(ctx, view, look);
    const marks = this.gather(view, look);
    onPage(ctx, view);
    paintLabels(ctx, view, look, this.scene, marks);
    onPage(ctx, view);
    this.paintSymbols(ctx, view, look, marks);
  }

  paintAreas(ctx, view, palette) {
    const { ground } = this.scene;
    for (const layer of ["green", "industry", "water"]) {
      ctx.fillStyle = palette[layer];
      for (const path of ground[layer]?.visible(view.box, true) || []) ctx.fill(path, "evenodd");
    }
    if (ground.river) {
      ctx.strokeStyle = palette.water;
      ctx.lineWidth = Math.max(1.2, 5 * 2 ** (view.zoom - 16)) / view.scale;
      ctx.lineCap = ctx.lineJoin = "round";
      for (const path of ground.river.visible(view.box, false)) ctx.stroke(path);
    }
    if (ground.building && view.zoom >= 12.4) {
      ctx.globalAlpha = Math.min(1, 0.5 + (view.zoom - 12.4) * 0.4);
      ctx.fillStyle = palette.building;
      for (const path of ground.building.visible(view.box, true)) ctx.fill(path, "evenodd");
      ctx.globalAlpha = 1;
    }
  }

  /** Zones of one fill are one path, so that no seam shows between neighbours alike. */
  zoneFills() {
    if (this.fills) return this.fills;
    const zones = this.scene.zones;
    const groups = new Map();
    for (let i = 0; i < zones.n; i += 1) {
      const state = zones.state[i];
      const name = zones.class[i];
      if (state === "ok" && !ASSETMAP_STYLE.fills[name]) continue;
      const key = state === "ok" ? `${name} ${zones.steady[i]}` : state;
      if (!groups.has(key)) {
        const fill = state === "ok" ? ASSETMAP_STYLE.fills[name][zones.steady[i]] : ASSETMAP_STYLE.stateFills[state];
        groups.set(key, { fill, token: state === "ok" ? name : "state", members: [] });
      }
      groups.get(key).members.push(i);
    }
    this.fills = [...groups.values()].filter((group) => group.fill);
    for (const group of this.fills) group.path = zones.shapes.path(group.members, true);
    return this.fills;
  }

  /** Colour lies only where people live: parks, water, works and railways are cut out of it. */
  paintZones(ctx, view, look) {
    const layer = newCanvas(view.width * view.dpr, view.height * view.dpr);
    const over = layer.getContext("2d");
    onPlane(over, view);
    const anchor = { x: view.shiftX * view.dpr, y: view.shiftY * view.dpr };
    for (const group of this.zoneFills()) {
      const growth = look.big ? 1.3 : 1;
      const fill = { ...group.fill, gap: group.fill.gap * growth, width: group.fill.width * growth };
      setPattern(over, fill, look.palette[group.token], look.palette.paper, view.dpr, anchor);
      over.fill(group.path, "evenodd");
    }
    over.globalCompositeOperation = "destination-out";
    over.fillStyle = "#000";
    const { ground } = this.scene;
    for (const name of ["green", "industry", "water"]) {
      for (const path of ground[name]?.visible(view.box, true) || []) over.fill(path, "evenodd");
    }
    ctx.save();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.globalAlpha = ASSETMAP_STYLE.opacity;
    ctx.drawImage(layer, 0, 0);
    ctx.restore();
  }

  paintStreets(ctx, view, palette) {
    const seen = this.scene.streets
      .filter((run) => view.zoom >= STREET_FROM[run.class])
      .map((run) => ({ name: run.class, paths: run.shapes.visible(view.box, false, 60) }));
    ctx.lineJoin = "round";
    this.paintRails(ctx, view, palette);
    for (const run of seen.filter((item) => item.name === "path")) {
      ctx.lineCap = "butt";
      ctx.strokeStyle = palette.path;
      ctx.lineWidth = streetWidth("path", view.zoom) / view.scale;
      ctx.globalAlpha = Math.min(1, 0.35 + (view.zoom - 13.4) * 0.3);
      ctx.setLineDash(view.zoom >= 15 ? [4 / view.scale, 2.4 / view.scale] : []);
      for (const path of run.paths) ctx.stroke(path);
      ctx.setLineDash([]);
      ctx.globalAlpha = 1;
    }
    const cased = seen.filter((item) => item.name !== "path");
    ctx.lineCap = "round";
    for (const inner of [false, true]) {
      for (const run of cased) {
        const casing = view.zoom < 13 ? 0.9 : 1.5;
        ctx.strokeStyle = inner ? palette.street : palette.casing;
        ctx.lineWidth = (streetWidth(run.name, view.zoom) + (inner ? 0 : casing)) / view.scale;
        for (const path of run.paths) ctx.stroke(path);
      }
    }
  }

  /** Recorded ties as lines, the stronger the wider; of very many only the strongest. */
  paintTies(ctx, view, look) {
    const ties = this.scene.ties.slice(0, MOST_TIES);
    onPlane(ctx, view);
    ctx.lineCap = "round";
    ctx.strokeStyle = look.palette.accent;
    ctx.globalAlpha = tieAlpha(ties.length);
    for (const strength of [1, 2, 3]) {
      const path = new Path2D();
      for (const tie of ties) if (tie.strength === strength) traceTie(path, this.scene.assets, tie, look.shown);
      ctx.lineWidth = tieWidth(strength) / view.scale;
      ctx.stroke(path);
    }
    ctx.globalAlpha = 1;
  }

  paintRails(ctx, view, palette) {
    const paths = this.scene.ground.rail?.visible(view.box, false) || [];
    const width = Math.max(0.9, 2.4 * 1.4 ** (view.zoom - 16));
    ctx.lineCap = "butt";
    ctx.strokeStyle = palette.rail;
    ctx.lineWidth = width / view.scale;
    for (const path of paths) ctx.stroke(path);
    if (view.zoom < 14.5) return;
    ctx.strokeStyle = palette.ground;
    ctx.lineWidth = (width * 0.5) / view.scale;
    ctx.setLineDash([7 / view.scale, 7 / view.scale]);
    for (const path of paths) ctx.stroke(path);
    ctx.setLineDash([]);
  }

  /** Symbols of one kind that would lie on one another become one, with a second behind it. */
  gather(view, look) {
    const assets = this.scene.assets;
    if (!assets) return [];
    const size = symbolSize(view.zoom, look);
    const key = `${view.scale} ${look.big} ${look.layer} ${look.shownKey}`;
    if (this.gathered.key === key) return this.gathered.marks;
    const cell = (size * 0.8) / view.scale;
    const grid = new Map();
    const marks = [];
    for (let i = 0; i < assets.n; i += 1) {
      if (!look.shown[i]) continue;
      const cx = Math.floor(assets.xs[i] / cell);
      const cy = Math.floor(assets.ys[i] / cell);
      const mark = this.nearMark(grid, assets, i, cx, cy, cell);
      if (mark) {
        mark.members.push(i);
        continue;
      }
      const made = { x: assets.xs[i], y: assets.ys[i], kind: assets.kind[i], members: [i] };
      marks.push(made);
      const here = (cx * 73856093) ^ (cy * 19349663);
      if (grid.has(here)) grid.get(here).push(made);
      else grid.set(here, [made]);
    }
    marks.sort((a, b) => a.y - b.y);
    this.gathered = { key, marks };
    return marks;
  }

  nearMark(grid, assets, i, cx, cy, cell) {
    for (let dx = -1; dx <= 1; dx += 1) {
      for (let dy = -1; dy <= 1; dy += 1) {
        for (const mark of grid.get(((cx + dx) * 73856093) ^ ((cy + dy) * 19349663)) || []) {
          if (mark.kind !== assets.kind[i]) continue;
          if (Math.hypot(mark.x - assets.xs[i], mark.y - assets.ys[i]) < cell) return mark;
        }
      }
    }
    return null;
  }

  sprite(kind, size, stacked, view, look) {
    const key = `${kind} ${size} ${stacked} ${view.dpr} ${look.theme}`;
    if (!this.sprites.has(key)) {
      const side = Math.ceil(size * 2.2) + 4;
      const canvas = newCanvas(side * view.dpr, side * view.dpr);
      const ctx = canvas.getContext("2d");
      ctx.scale(view.dpr, view.dpr);
      ctx.translate(side / 2, side / 2);
      drawSymbol(ctx, ASSETMAP_STYLE.symbols[KINDS[kind]], look.palette, size, stacked);
      this.sprites.set(key, { canvas, side });
    }
    return this.sprites.get(key);
  }

  paintSymbols(ctx, view, look, marks) {
    const size = Math.round(symbolSize(view.zoom, look) * 2) / 2;
    const margin = (size * 2) / view.scale;
    for (const mark of marks) {
      if (mark.x < view.box[0] - margin || mark.x > view.box[2] + margin) continue;
      if (mark.y < view.box[1] - margin || mark.y > view.box[3] + margin) continue;
      const { canvas, side } = this.sprite(mark.kind, size, mark.members.length > 1, view, look);
      const x = mark.x * view.scale + view.shiftX - side / 2;
      const y = mark.y * view.scale + view.shiftY - side / 2;
      ctx.drawImage(canvas, Math.round(x * view.dpr) / view.dpr, Math.round(y * view.dpr) / view.dpr, side, side);
    }
  }
}

/** What moves with pointer and keyboard: hover, the chosen zone's dashes, rings of focus, a street that was sought. */
function paintMarks(ctx, view, look, scene, marks) {
  const zones = scene.zones;
  onPlane(ctx, view);
  ctx.lineJoin = ctx.lineCap = "round";
  if (marks.street) {
    ctx.strokeStyle = look.palette.accent;
    ctx.globalAlpha = 0.45;
    ctx.lineWidth = 9 / view.scale;
    ctx.stroke(marks.street);
    ctx.globalAlpha = 1;
  }
  const outline = (index, dash, colour, width) => {
    const path = zones.shapes.path([index], true);
    ctx.setLineDash([]);
    ctx.strokeStyle = look.palette.halo;
    ctx.lineWidth = (width + 2.4) / view.scale;
    ctx.globalAlpha = 0.85;
    ctx.stroke(path);
    ctx.globalAlpha = 1;
    ctx.lineCap = "butt";
    ctx.setLineDash(dash.map((step) => step / view.scale));
    ctx.strokeStyle = colour;
    ctx.lineWidth = width / view.scale;
    ctx.stroke(path);
    ctx.setLineDash([]);
  };
  if (zones && marks.hoverZone >= 0 && marks.hoverZone !== marks.zone) {
    ctx.fillStyle = look.palette.ink;
    ctx.globalAlpha = 0.07;
    ctx.fill(zones.shapes.path([marks.hoverZone], true), "evenodd");
    ctx.globalAlpha = 1;
  }
  if (zones && marks.zone >= 0) outline(marks.zone, [9, 6], look.palette.ink, look.big ? 3.4 : 2.4);
  if (zones && marks.focusZone >= 0) outline(marks.focusZone, [], look.palette.focus, 3);
  const size = symbolSize(view.zoom, look);
  const centre = [marks.focusAsset, marks.asset, marks.hoverAsset].find((index) => index >= 0) ?? -1;
  const tied = look.layer === "ties" && centre >= 0 ? paintTiesOf(ctx, view, look, scene, centre) : [];
  onPage(ctx, view);
  for (const tie of tied) {
    for (const end of [tie.a, tie.b]) {
      if (!look.shown[end]) continue;
      const [x, y] = [scene.assets.xs[end] * view.scale + view.shiftX, scene.assets.ys[end] * view.scale + view.shiftY];
      drawAt(ctx, x, y, scene, end, look, Math.max(size, 14));
    }
  }
  for (const [index, colour, width] of [
    [marks.hoverAsset, look.palette.ink, 1.5],
    [marks.asset, look.palette.ink, 3],
    [marks.focusAsset, look.palette.focus, 3],
  ]) {
    if (index < 0 || !scene.assets) continue;
    const x = scene.assets.xs[index] * view.scale + view.shiftX;
    const y = scene.assets.ys[index] * view.scale + view.shiftY;
    ctx.beginPath();
    ctx.arc(x, y, size * 0.9 + 4, 0, 2 * Math.PI);
    ctx.strokeStyle = look.palette.halo;
    ctx.lineWidth = width + 2.5;
    ctx.stroke();
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke();
    if (index !== marks.hoverAsset) drawAt(ctx, x, y, scene, index, look, Math.max(size, 14));
  }
}

function drawAt(ctx, x, y, scene, index, look, size) {
  ctx.save();
  ctx.translate(x, y);
  drawSymbol(ctx, ASSETMAP_STYLE.symbols[KINDS[scene.assets.kind[index]]], look.palette, size, false);
  ctx.restore();
}
