// Names on the map: parks and waters in their middle, streets along their line, assets beside their symbol.

const LABEL_FROM = { main: 12.6, middle: 13.4, street: 14.9, lane: 16.2, path: 16.8 };
const LABEL_SIZE = { main: 13, middle: 12.5, street: 12, lane: 11.5, path: 11 };
const widths = new Map();

/** The page's typeface, waited for a moment so that the first drawing has it. */
function typeface() {
  const late = new Promise((done) => setTimeout(done, 500));
  return Promise.race([document.fonts?.load(`500 12px ${FONT}`) ?? late, late]).catch(() => {});
}

function textWidth(ctx, text) {
  const key = `${ctx.font}\n${text}`;
  if (!widths.has(key)) {
    if (widths.size > 20000) widths.clear();
    widths.set(key, ctx.measureText(text).width);
  }
  return widths.get(key);
}

/** Boxes already taken, in cells of the page. */
class Taken {
  constructor() {
    this.cells = new Map();
    this.side = 48;
  }

  each(box, act) {
    for (let cx = Math.floor(box[0] / this.side); cx <= Math.floor(box[2] / this.side); cx += 1) {
      for (let cy = Math.floor(box[1] / this.side); cy <= Math.floor(box[3] / this.side); cy += 1) {
        if (act(`${cx} ${cy}`)) return true;
      }
    }
    return false;
  }

  hits(box) {
    return this.each(box, (key) => (this.cells.get(key) || []).some((other) => overlaps(other, box)));
  }

  add(box) {
    this.each(box, (key) => {
      if (this.cells.has(key)) this.cells.get(key).push(box);
      else this.cells.set(key, [box]);
      return false;
    });
  }
}

function paintLabels(ctx, view, look, scene, marks) {
  const taken = new Taken();
  const symbols = new Taken();
  const half = symbolSize(view.zoom, look) * 0.62 + 1;
  for (const mark of marks) {
    const x = mark.x * view.scale + view.shiftX;
    const y = mark.y * view.scale + view.shiftY;
    if (x < -40 || y < -40 || x > view.width + 40 || y > view.height + 40) continue;
    symbols.add([x - half, y - half, x + half, y + half]);
  }
  const growth = look.big ? 1.5 : 1;
  ctx.lineJoin = "round";
  ctx.textBaseline = "alphabetic";
  labelPlaces(ctx, view, look, scene, taken, symbols, growth);
  labelStreets(ctx, view, look, scene, taken, symbols, growth);
  if (view.zoom >= 16.4) labelAssets(ctx, view, look, scene, marks, taken, symbols, growth);
}

/** A name in at most three lines, each no wider than asked. */
function wrapped(ctx, text, width) {
  const lines = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (line && textWidth(ctx, longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  return lines.length <= 3 ? lines : null;
}

function labelPlaces(ctx, view, look, scene, taken, symbols, growth) {
  if (!scene.places || view.zoom < 12.4) return;
  const { name, layer, spots, radius } = scene.places;
  // The radius is in metres; one plane pixel is this many metres here.
  const lat = toLat(scene.origin.y);
  const metre = view.scale / ((40075016.7 * Math.cos((lat * Math.PI) / 180)) / WORLD);
  ctx.textAlign = "center";
  for (let i = 0; i < name.length; i += 1) {
    const x = spots.xs[i] * view.scale + view.shiftX;
    const y = spots.ys[i] * view.scale + view.shiftY;
    const room = radius[i] * metre * 2;
    if (x < 0 || y < 0 || x > view.width || y > view.height || room < 34) continue;
    const size = (room > 220 ? 14 : 12) * growth;
    ctx.font = `italic 500 ${size}px ${FONT}`;
    const lines = wrapped(ctx, name[i], Math.max(70 * growth, room * 1.1));
    if (!lines) continue;
    const wide = Math.max(...lines.map((line) => textWidth(ctx, line)));
    if (wide > room * 2.1 || lines.length * size > room * 1.6) continue;
    const top = y - (lines.length * size * 1.12) / 2;
    const box = [x - wide / 2 - 3, top, x + wide / 2 + 3, top + lines.length * size * 1.12 + 3];
    if (taken.hits(box)) continue;
    if (symbols.hits(box) && room < 160) continue;
    taken.add(box);
    ctx.strokeStyle = look.palette[layer[i]];
    ctx.fillStyle = look.palette[layer[i] === "water" ? "water-name" : "green-name"];
    ctx.lineWidth = 3;
    lines.forEach((line, at) => {
      const base = top + size * (0.95 + at * 1.12);
      ctx.strokeText(line, x, base);
      ctx.fillText(line, x, base);
    });
  }
}

function labelStreets(ctx, view, look, scene, taken, symbols, growth) {
  const seen = new Map();
  ctx.textAlign = "center";
  for (const name of ["main", "middle", "street", "lane", "path"]) {
    if (view.zoom < LABEL_FROM[name]) continue;
    const size = LABEL_SIZE[name] * growth;
    ctx.font = `${name === "main" ? 500 : 400} ${size}px ${FONT}`;
    for (const run of scene.streets) {
      if (run.class !== name) continue;
      const lines = [];
      for (let f = 0; f < run.shapes.n; f += 1) {
        if (!run.name[f] || !overlaps(run.shapes.box(f), view.box)) continue;
        const box = run.shapes.box(f);
        lines.push([Math.hypot(box[2] - box[0], box[3] - box[1]), f]);
      }
      lines.sort((a, b) => b[0] - a[0]);
      for (const [length, f] of lines) {
        const text = run.names[run.name[f] - 1];
        if (length * view.scale * 1.4 < textWidth(ctx, text)) continue;
        labelLine(ctx, view, look, run.shapes, f, { text, size, taken, symbols, seen });
      }
    }
  }
}

/** The line on the page, with the length run up to each point. */
function pageLine(shapes, feature, view) {
  const part = shapes.parts[feature];
  const [from, to] = [shapes.rings[part], shapes.rings[part + 1]];
  const xs = [];
  const ys = [];
  const run = [0];
  for (let i = from; i < to; i += 1) {
    xs.push(shapes.xs[i] * view.scale + view.shiftX);
    ys.push(shapes.ys[i] * view.scale + view.shiftY);
    const at = xs.length - 1;
    if (at) run.push(run[at - 1] + Math.hypot(xs[at] - xs[at - 1], ys[at] - ys[at - 1]));
  }
  return { xs, ys, run, length: run[run.length - 1] };
}

function pointAlong(line, distance) {
  let low = 0;
  let high = line.run.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (line.run[middle] <= distance) low = middle;
    else high = middle;
  }
  const share = (distance - line.run[low]) / (line.run[high] - line.run[low] || 1);
  return [line.xs[low] + share * (line.xs[high] - line.xs[low]), line.ys[low] + share * (line.ys[high] - line.ys[low])];
}

/** Place each letter on the line around its middle; null if it bends too much, leaves the page or is taken. */
function lettersAlong(ctx, view, line, middle, text, size, taken) {
  const wide = textWidth(ctx, text);
  const [ax, ay] = pointAlong(line, middle - wide / 2);
  const [bx, by] = pointAlong(line, middle + wide / 2);
  if (Math.hypot(bx - ax, by - ay) < wide * 0.9) return null;
  const back = bx < ax;
  const letters = [];
  const boxes = [];
  let before = null;
  let ran = 0;
  for (const letter of text) {
    const step = textWidth(ctx, letter);
    const away = (ran + step / 2) * (wide / Math.max(wide, 1));
    const at = back ? middle + wide / 2 - away : middle - wide / 2 + away;
    const [x, y] = pointAlong(line, at);
    const reach = Math.max(step, size * 0.7);
    const [x0, y0] = pointAlong(line, at - (back ? -reach : reach));
    const [x1, y1] = pointAlong(line, at + (back ? -reach : reach));
    const angle = Math.atan2(y1 - y0, x1 - x0);
    if (before !== null) {
      const bend = Math.abs(Math.atan2(Math.sin(angle - before), Math.cos(angle - before)));
      if (bend > 0.42) return null;
    }
    before = angle;
    if (x < 4 || y < 4 || x > view.width - 4 || y > view.height - 4) return null;
    const box = [x - size * 0.5, y - size * 0.5, x + size * 0.5, y + size * 0.5];
    if (taken.hits(box)) return null;
    boxes.push(box);
    letters.push([letter, x, y, angle]);
    ran += step;
  }
  return { letters, boxes };
}

function labelLine(ctx, view, look, shapes, feature, label) {
  const line = pageLine(shapes, feature, view);
  const wide = [...label.text].reduce((sum, letter) => sum + textWidth(ctx, letter), 0);
  if (line.length < wide + 12) return;
  const places = label.seen.get(label.text) || [];
  const room = line.length - wide - 12;
  const tries = Math.min(9, 1 + Math.floor(room / 60));
  let best = null;
  for (let k = 0; k < tries; k += 1) {
    // From the middle outwards, to either side in turn.
    const side = k % 2 ? 1 : -1;
    const middle = line.length / 2 + (side * Math.ceil(k / 2) * room) / Math.max(tries, 2);
    const [mx, my] = pointAlong(line, middle);
    if (places.some(([px, py]) => Math.hypot(px - mx, py - my) < Math.max(320, wide * 2.5))) continue;
    const set = lettersAlong(ctx, view, line, middle, label.text, label.size, label.taken);
    if (!set) continue;
    const crossed = set.boxes.filter((box) => label.symbols.hits(box)).length;
    if (!best || crossed < best.crossed) best = { ...set, crossed, mx, my };
    if (!crossed) break;
  }
  if (!best || best.crossed > 4) return;
  label.seen.set(label.text, [...places, [best.mx, best.my]]);
  best.boxes.forEach((box) => label.taken.add(box));
  const base = label.size * 0.34;
  for (const stroke of [true, false]) {
    ctx.strokeStyle = look.palette.halo;
    ctx.lineWidth = 3;
    ctx.fillStyle = look.palette["street-name"];
    for (const [letter, x, y, angle] of best.letters) {
      const [cos, sin] = [Math.cos(angle) * view.dpr, Math.sin(angle) * view.dpr];
      ctx.setTransform(cos, sin, -sin, cos, x * view.dpr, y * view.dpr);
      if (stroke) ctx.strokeText(letter, 0, base);
      else ctx.fillText(letter, 0, base);
    }
  }
  onPage(ctx, view);
}

function labelAssets(ctx, view, look, scene, marks, taken, symbols, growth) {
  const size = 12 * growth;
  const beside = symbolSize(view.zoom, look) * 0.7 + 4;
  ctx.font = `600 ${size}px ${FONT}`;
  ctx.textAlign = "left";
  for (const mark of marks) {
    const name = scene.assets.name[mark.members[0]];
    const x = mark.x * view.scale + view.shiftX + beside;
    const y = mark.y * view.scale + view.shiftY;
    if (!name || x < 0 || y < 0 || x > view.width || y > view.height) continue;
    const short = name.length > 34 ? `${name.slice(0, 33)}…` : name;
    const more = mark.members.length > 1 ? ` + ${mark.members.length - 1}` : "";
    const wide = textWidth(ctx, short + more);
    const box = [x, y - size * 0.6, x + wide, y + size * 0.6];
    if (taken.hits(box) || symbols.hits([x + 2, box[1] + 2, box[2], box[3] - 2])) continue;
    taken.add(box);
    ctx.strokeStyle = look.palette.halo;
    ctx.lineWidth = 3.5;
    ctx.strokeText(short + more, x, y + size * 0.34);
    ctx.fillStyle = look.palette.ink;
    ctx.fillText(short + more, x, y + size * 0.34);
  }
}
