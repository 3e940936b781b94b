// The web of recorded ties: groups and the lines between them, on one canvas; by pointer, by keyboard, by search.

/** More groups without a tie than this would only crowd those that have some; the table names them all. */
const MOST_ALONE = 150;
const ROOM = 34;
const CLOSEST = 12;
/** Milliseconds a whole painting may take while the web is moved; where it takes longer, what was painted is moved. */
const QUICK = 14;
const MANY = 1200;
/** How long after the last move a web of many is painted anew, and how often meanwhile. */
const SETTLED = 120;
const MEANWHILE = 400;
/** A symbol smaller than this, in pixels, is a dot. */
const DOT = 4;
/** So many names stand beside the best tied while the whole web is seen; more, the closer one looks. */
const NAMES = 18;
/** Side of the squares by which the group under a pointer is found, in pixels. */
const SQUARE = 40;

/** Words for a number of ties. */
const tiesWords = (n) => (n === 0 ? "no ties recorded yet" : n === 1 ? "1 recorded tie" : `${count(n)} recorded ties`);

/** The list by which a keyboard goes from group to group: it says who a group is tied to. */
class WebRover extends Rover {
  words(index) {
    const { web, own } = this.owner;
    const with_ = own[index].slice(0, 3).map((tie) => assetName(this.owner.scene, tie.a === index ? tie.b : tie.a));
    const named = with_.length ? `: ${with_.join(", ")}${own[index].length > 3 ? " and more" : ""}` : "";
    return `${super.words(index)}, ${tiesWords(web.degree[index])}${named}`;
  }
}

/**
 * Draw the web in an element. `packed` as for the map; of it only the part with the web is read. Options: `state`
 * ({asset}), `emit(event)`: {type: "asset", id} for a choice, {type: "clear"}. Returns {setState, setData, destroy}.
 */
function assetmapMount(root, packed, options = {}) {
  return new TieWeb(root, packed, options).handle();
}

class TieWeb {
  constructor(root, packed, options) {
    this.root = root;
    this.options = options;
    this.state = { asset: null, ...options.state };
    this.marks = { asset: -1, hoverAsset: -1, focusAsset: -1 };
    this.scene = null;
    this.view = { scale: 1, x: 0, y: 0 };
    this.pointers = new Map();
    this.sprites = new Map();
    this.undo = [];
    // What the list by keyboard asks of a map.
    this.map = { getCenter: () => [this.wide / 2, this.high / 2] };
    this.overlay = { paint: () => this.mark() };
    this.build();
    this.load(packed);
  }

  handle() {
    return { setState: (change) => this.setState(change), setData: (packed) => this.load(packed), destroy: () => this.destroy() };
  }

  listen(target, name, act, how) {
    target.addEventListener(name, act, how);
    this.undo.push(() => target.removeEventListener(name, act, how));
  }

  // Building ------------------------------------------------------------------------------------------------

  build() {
    const { root } = this;
    root.classList.add("am-root");
    this.search = searchBox((words) => findNames(this.rows || [], words), (item) => this.choose("asset", item.go.index));
    this.search.input.placeholder = "Find a group…";
    this.search.input.setAttribute("aria-label", "Find a group in the web of ties");
    // Below what does not change while somebody looks around; above what is chosen, and what lies under the pointer.
    this.canvas = el("canvas", { class: "am-web", "aria-hidden": "true" });
    this.above = el("canvas", { class: "am-web am-web-above", "aria-hidden": "true" });
    this.list = new WebRover(this, "Groups and their recorded ties", "asset");
    this.tip = el("div", { class: "am-tip", "aria-hidden": "true", hidden: true });
    this.caption = el("div", { class: "am-caption", "aria-hidden": "true", hidden: true });
    this.status = el("div", { class: "am-unseen", role: "status" });
    this.note = el("p", { class: "am-web-note" });
    this.message = el("p", { class: "am-message" }, "Drawing the web of ties…");
    const button = (label, sign, act) => el("button", { type: "button", class: "am-button", "aria-label": label, onclick: act }, sign);
    const zoom = el(
      "div",
      { class: "am-zoom am-web-zoom" },
      button("Zoom in on the web", "+", () => this.zoom(1.5)),
      button("Zoom out of the web", "−", () => this.zoom(1 / 1.5)),
      button("Show the whole web", "⤢", () => this.fit()),
    );
    const tools = el("div", { class: "am-tools" }, this.search.node);
    this.frame = el(
      "div",
      { class: "am-frame am-web-frame", role: "group", "aria-label": "Web of recorded ties" },
      ...[this.canvas, this.above, tools, this.list.node, zoom, this.note, this.tip, this.caption, this.message, this.status],
    );
    root.replaceChildren(this.frame);
    this.wire();
  }

  wire() {
    const { canvas } = this;
    this.calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.listen(window.matchMedia("(prefers-color-scheme: dark)"), "change", () => this.paint());
    this.listen(window, "beforeprint", () => this.forPrint(true));
    this.listen(window, "afterprint", () => this.forPrint(false));
    this.listen(canvas, "pointerdown", (event) => this.onDown(event));
    this.listen(canvas, "pointermove", (event) => this.onMove(event));
    for (const name of ["pointerup", "pointercancel"]) this.listen(canvas, name, (event) => this.onUp(event));
    this.listen(canvas, "pointerleave", () => this.hover(-1));
    // The wheel alone belongs to the page; with Ctrl, or two fingers on a touch pad, it zooms.
    this.listen(canvas, "wheel", (event) => this.onWheel(event), { passive: false });
    this.listen(this.frame, "keydown", (event) => this.onKey(event));
    if (typeof ResizeObserver !== "undefined") {
      const watch = new ResizeObserver(() => this.resize());
      watch.observe(this.frame);
      this.undo.push(() => watch.disconnect());
    }
  }

  async load(packed) {
    try {
      const [scene] = await Promise.all([readScene([].concat(packed).filter(Boolean)), typeface()]);
      if (this.gone) return;
      const first = !this.scene;
      this.take(scene.web);
      this.message.hidden = this.web.n > 0;
      if (!this.web.n) this.message.textContent = "No groups to draw yet.";
      this.resize();
      if (first) this.fit();
      this.setState({});
      this.root.dataset.drawn = String(this.web.n);
    } catch (fault) {
      if (this.gone) return;
      this.message.hidden = false;
      this.message.textContent = "The web of ties could not be drawn; the table holds the same facts.";
    }
  }

  /** Make a scene of the groups: what each is tied to, and the lines worth drawing. */
  take(web) {
    this.web = web;
    this.own = Array.from({ length: web.n }, () => []);
    const ties = [];
    for (let i = 0; i < web.a.length; i += 1) {
      const [a, b] = [web.a[i], web.b[i]];
      const tie = { a, b, strength: web.strength[i], long: Math.hypot(web.xs[a] - web.xs[b], web.ys[a] - web.ys[b]) };
      ties.push(tie);
      this.own[a].push(tie);
      this.own[b].push(tie);
    }
    web.degree = this.own.map((some) => some.length);
    ties.sort((one, other) => other.strength - one.strength || one.long - other.long);
    this.lines = ties.slice(0, MOST_TIES);
    const alone = web.degree.filter((n) => n === 0).length;
    this.hidden = alone > MOST_ALONE ? alone : 0;
    this.drawn = [...web.degree.keys()].filter((i) => web.degree[i] || !this.hidden);
    // The best tied last, so that they lie on top; names are given out from the end.
    this.drawn.sort((i, j) => web.degree[i] - web.degree[j] || i - j);
    this.scene = { assets: web, zones: null, places: null, streets: [] };
    this.rows = makeIndex(this.scene);
    this.most = Math.max(1, ...web.degree);
    this.squares = null;
    this.flags = new Uint8Array(web.n);
    for (const i of this.drawn) this.flags[i] = 1;
    this.note.textContent = this.noteWords(ties.length);
    this.frame.setAttribute("aria-label", `Web of recorded ties: ${count(web.n)} groups, ${tiesWords(ties.length)}`);
  }

  noteWords(ties) {
    const said = [];
    if (ties > this.lines.length) said.push(`The ${count(this.lines.length)} strongest of ${count(ties)} ties are drawn. Choose a group to see all of its own.`);
    if (this.hidden) said.push(`${count(this.hidden)} groups and places with no ties recorded yet are in the table only.`);
    return said.join(" ");
  }

  // What the list by keyboard asks of a map -----------------------------------------------------------------

  look() {
    const dark = !this.printing && window.matchMedia("(prefers-color-scheme: dark)").matches;
    return { palette: ASSETMAP_STYLE[dark ? "dark" : "light"], theme: dark ? "dark" : "light", shown: this.flags, dpr: this.dpr() };
  }

  dpr() {
    return this.printing ? 3 : Math.min(2.5, Math.max(1, window.devicePixelRatio || 1));
  }

  plane([x, y]) {
    return [(x - this.view.x) / this.view.scale, (y - this.view.y) / this.view.scale];
  }

  around(index) {
    return index;
  }

  /** Move only as far as needed for a group to be seen. */
  bringIn(index) {
    const [x, y] = this.at(index);
    if (x > ROOM && x < this.wide - ROOM && y > ROOM && y < this.high - ROOM) return;
    this.view = { ...this.view, x: this.view.x + this.wide / 2 - x, y: this.view.y + this.high / 2 - y };
    this.paint();
  }

  // Where things are ----------------------------------------------------------------------------------------

  at(index) {
    const { view, web } = this;
    return [web.xs[index] * view.scale + view.x, web.ys[index] * view.scale + view.y];
  }

  resize() {
    const { clientWidth, clientHeight } = this.frame;
    if (!clientWidth || (clientWidth === this.wide && clientHeight === this.high)) return;
    const first = !this.wide;
    [this.wide, this.high] = [clientWidth, clientHeight];
    this.size();
    if (this.scene && (first || this.whole)) this.fit();
    else this.paint();
  }

  size() {
    const dpr = this.dpr();
    for (const canvas of [this.canvas, this.above]) {
      canvas.width = Math.round(this.wide * dpr);
      canvas.height = Math.round(this.high * dpr);
      canvas.style.width = `${this.wide}px`;
      canvas.style.height = `${this.high}px`;
    }
  }

  fit() {
    const { web, drawn } = this;
    if (!this.scene || !this.wide || !drawn.length) return;
    let [w, n, e, s] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const i of drawn) {
      [w, e] = [Math.min(w, web.xs[i]), Math.max(e, web.xs[i])];
      [n, s] = [Math.min(n, web.ys[i]), Math.max(s, web.ys[i])];
    }
    // The search stands above, the note below.
    const [top, foot] = [62, this.note.textContent ? 46 : ROOM];
    const [across, down] = [this.wide - 2 * ROOM, this.high - top - foot];
    const scale = Math.min(across / (e - w || 1), down / (s - n || 1));
    this.least = scale;
    this.view = { scale, x: this.wide / 2 - (scale * (w + e)) / 2, y: top + down / 2 - (scale * (n + s)) / 2 };
    this.setWhole(true);
    this.paint();
  }

  /** While the whole web is seen there is nothing to pull: a finger then scrolls the page. */
  setWhole(whole) {
    this.whole = whole;
    this.canvas.style.touchAction = whole ? "pan-y" : "none";
  }

  zoom(by, x = this.wide / 2, y = this.high / 2) {
    if (!this.scene || !this.least) return;
    const scale = Math.min(this.least * CLOSEST, Math.max(this.least, this.view.scale * by));
    if (scale <= this.least) {
      this.fit();
      return;
    }
    const change = scale / this.view.scale;
    this.view = { scale, x: x - (x - this.view.x) * change, y: y - (y - this.view.y) * change };
    this.setWhole(false);
    this.move();
  }

  // Painting ------------------------------------------------------------------------------------------------

  /** Paint all of it with the next picture of the screen. */
  paint(how = "all") {
    if (!this.scene || !this.wide) return;
    const order = ["mark", "move", "all"];
    this.wanted = order[Math.max(order.indexOf(this.wanted), order.indexOf(how))];
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      const wanted = this.wanted;
      this.wanted = "";
      if (this.gone) return;
      if (wanted === "all") this.paintNow();
      else if (wanted === "move") this.paintMoved();
      else this.paintAbove();
    });
  }

  /** Paint what is chosen or lies under the pointer; the rest stays as it is. */
  mark() {
    this.paint("mark");
  }

  /** The view has moved: of few groups all is painted; of many what was painted is moved, and painted anew at rest. */
  move() {
    if (this.drawn.length <= MANY && !(this.took > QUICK)) {
      this.paint();
      return;
    }
    this.paint("move");
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.paint(), SETTLED);
  }

  paintNow() {
    clearTimeout(this.settling);
    const begun = performance.now();
    const look = this.look();
    const ctx = this.canvas.getContext("2d");
    ctx.setTransform(look.dpr, 0, 0, look.dpr, 0, 0);
    ctx.fillStyle = look.palette.ground;
    ctx.fillRect(0, 0, this.wide, this.high);
    this.squares = null;
    this.paintLines(ctx, look);
    this.paintGroups(ctx, look);
    this.took = performance.now() - begun;
    this.painted = { at: performance.now(), view: this.view, picture: null };
    this.paintAbove(look);
  }

  /** Show what was painted where it would lie now; a whole painting from time to time fills what has come into view. */
  paintMoved() {
    const { painted, view } = this;
    if (performance.now() - painted.at > Math.max(MEANWHILE, 6 * this.took)) {
      this.paintNow();
      return;
    }
    const look = this.look();
    if (!painted.picture) {
      painted.picture = newCanvas(this.canvas.width, this.canvas.height);
      painted.picture.getContext("2d").drawImage(this.canvas, 0, 0);
    }
    const by = view.scale / painted.view.scale;
    const ctx = this.canvas.getContext("2d");
    ctx.setTransform(look.dpr, 0, 0, look.dpr, 0, 0);
    ctx.fillStyle = look.palette.ground;
    ctx.fillRect(0, 0, this.wide, this.high);
    ctx.drawImage(painted.picture, view.x - painted.view.x * by, view.y - painted.view.y * by, this.wide * by, this.high * by);
    this.squares = null;
    this.paintAbove(look, "moving");
  }

  paintAbove(look = this.look(), moving = "") {
    const ctx = this.above.getContext("2d");
    ctx.setTransform(look.dpr, 0, 0, look.dpr, 0, 0);
    ctx.clearRect(0, 0, this.wide, this.high);
    const centre = [this.marks.focusAsset, this.marks.hoverAsset, this.marks.asset].find((i) => i >= 0) ?? -1;
    const near = new Set(centre < 0 ? [] : [centre, ...this.own[centre].map((tie) => (tie.a === centre ? tie.b : tie.a))]);
    if (centre >= 0) {
      // All others step back behind a veil.
      ctx.globalAlpha = 0.66;
      ctx.fillStyle = look.palette.ground;
      ctx.fillRect(0, 0, this.wide, this.high);
      ctx.globalAlpha = 1;
      ctx.lineCap = "round";
      for (const [colour, more] of [[look.palette.halo, 2.4], [look.palette.ink, 0.4]]) {
        ctx.strokeStyle = colour;
        for (const strength of [1, 2, 3]) this.strokeTies(ctx, this.own[centre], strength, more);
      }
      for (const i of near) this.stamp(ctx, look, i, ...this.at(i), Math.max(this.symbol(i), 13));
    }
    this.paintRings(ctx, look);
    if (!moving || centre >= 0) this.paintNames(ctx, look, centre, near);
  }

  paintLines(ctx, look) {
    ctx.lineCap = "round";
    ctx.strokeStyle = look.palette.accent;
    const seen = this.lines.filter((tie) => this.crosses(tie));
    ctx.globalAlpha = tieAlpha(seen.length);
    for (const strength of [1, 2, 3]) this.strokeTies(ctx, seen, strength, 0);
    ctx.globalAlpha = 1;
  }

  /** Whether any of a line may be seen: not where both ends lie off on one side. */
  crosses(tie) {
    const [ax, ay] = this.at(tie.a);
    const [bx, by] = this.at(tie.b);
    return Math.max(ax, bx) >= 0 && Math.min(ax, bx) <= this.wide && Math.max(ay, by) >= 0 && Math.min(ay, by) <= this.high;
  }

  strokeTies(ctx, ties, strength, more) {
    const path = new Path2D();
    for (const tie of ties) {
      if (tie.strength !== strength) continue;
      path.moveTo(...this.at(tie.a));
      path.lineTo(...this.at(tie.b));
    }
    ctx.lineWidth = tieWidth(strength) + more;
    ctx.stroke(path);
  }

  /** How large a group is drawn: smaller where there are many, larger the more ties it has. */
  symbol(index = -1) {
    const n = this.drawn.length;
    const size = n <= 40 ? 14 : n <= 150 ? 9 : n <= 400 ? 5.5 : n <= 1500 ? 4 : 2.5;
    const close = this.least ? Math.sqrt(this.view.scale / this.least) : 1;
    const known = index < 0 ? 0 : this.web.degree[index];
    const hub = known > 1 ? 1 + 0.6 * Math.sqrt((known - 1) / Math.max(this.most - 1, 4)) : known ? 1 : 0.8;
    return Math.min(17, Math.round(2 * size * close * hub) / 2);
  }

  paintGroups(ctx, look) {
    for (const i of this.drawn) {
      const [x, y] = this.at(i);
      if (x < -20 || y < -20 || x > this.wide + 20 || y > this.high + 20) continue;
      const size = this.symbol(i);
      if (size < DOT) {
        // Too small for a shape to be told: the colour alone, which is quick.
        ctx.fillStyle = look.palette[ASSETMAP_STYLE.symbols[KINDS[this.web.kind[i]]].token];
        ctx.fillRect(x - size / 2, y - size / 2, size, size);
        continue;
      }
      ctx.globalAlpha = this.web.degree[i] ? 1 : 0.55;
      this.stamp(ctx, look, i, x, y, size);
      ctx.globalAlpha = 1;
    }
  }

  stamp(ctx, look, index, x, y, size) {
    const kind = this.web.kind[index];
    const key = `${kind} ${size} ${look.dpr} ${look.theme}`;
    if (!this.sprites.has(key)) {
      const side = Math.ceil(size * 1.8) + 4;
      const canvas = newCanvas(side * look.dpr, side * look.dpr);
      const brush = canvas.getContext("2d");
      brush.scale(look.dpr, look.dpr);
      brush.translate(side / 2, side / 2);
      drawSymbol(brush, ASSETMAP_STYLE.symbols[KINDS[kind]], look.palette, size, false);
      this.sprites.set(key, { canvas, side });
    }
    const { canvas, side } = this.sprites.get(key);
    ctx.drawImage(canvas, x - side / 2, y - side / 2, side, side);
  }

  paintRings(ctx, look) {
    for (const [index, colour] of [[this.marks.asset, look.palette.ink], [this.marks.focusAsset, look.palette.focus]]) {
      if (index < 0) continue;
      const [x, y] = this.at(index);
      for (const [stroke, width] of [[look.palette.halo, 5.5], [colour, 3]]) {
        ctx.beginPath();
        ctx.arc(x, y, 14, 0, 2 * Math.PI);
        ctx.strokeStyle = stroke;
        ctx.lineWidth = width;
        ctx.stroke();
      }
    }
  }

  /** Names where there is room: of the chosen group and those it is tied to, then of the best tied. */
  paintNames(ctx, look, centre, near) {
    const taken = new Taken();
    ctx.font = `600 12.5px ${FONT}`;
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
    ctx.strokeStyle = look.palette.halo;
    ctx.fillStyle = look.palette.ink;
    ctx.lineWidth = 3.4;
    const rest = near.size > 1 ? [] : this.inView(220);
    let room = NAMES * (this.drawn.length <= 60 ? 4 : 1) * (this.least ? (this.view.scale / this.least) ** 2 : 1);
    for (const i of [...(centre < 0 ? [] : [centre]), ...[...near].filter((i) => i !== centre).slice(0, 40), ...rest]) {
      if (room <= 0 && !near.has(i)) break;
      const words = shortened(assetName(this.scene, i), 26);
      const [x, y] = this.at(i);
      const half = (near.has(i) ? 13 : this.symbol(i)) / 2 + 3;
      const wide = textWidth(ctx, words);
      for (const from of [x + half + 2, x - half - 2 - wide]) {
        const box = [from - 2, y - 8, from + wide + 2, y + 8];
        if (box[0] < 2 || box[2] > this.wide - 2 || box[1] < 58 || box[3] > this.high - 4 || taken.hits(box)) continue;
        taken.add(box);
        room -= 1;
        ctx.strokeText(words, from, y);
        ctx.fillText(words, from, y);
        break;
      }
    }
  }

  /** The best tied of those that are seen, so many at most. */
  inView(most) {
    const some = [];
    for (let k = this.drawn.length - 1; k >= 0 && some.length < most; k -= 1) {
      const [x, y] = this.at(this.drawn[k]);
      if (!this.web.degree[this.drawn[k]] && this.lines.length) break;
      if (x > 0 && y > 0 && x < this.wide && y < this.high) some.push(this.drawn[k]);
    }
    return some;
  }

  forPrint(on) {
    if (!this.scene || this.gone || !this.wide) return;
    this.printing = on;
    this.size();
    this.paintNow();
  }

  // Choosing ------------------------------------------------------------------------------------------------

  setState(change) {
    const before = this.state.asset;
    this.state = { ...this.state, ...change };
    if (!this.scene) return;
    this.marks.asset = this.web.find.get(this.state.asset) ?? -1;
    if (this.marks.asset >= 0 && this.state.asset !== before) this.bringIn(this.marks.asset);
    this.mark();
  }

  choose(type, index) {
    this.marks.asset = index;
    this.state = { ...this.state, asset: this.web.id[index] };
    this.bringIn(index);
    this.mark();
    this.status.textContent = this.list.words(index);
    this.options.emit?.({ type: "asset", id: this.web.id[index] });
  }

  clear() {
    const had = this.marks.asset >= 0;
    this.marks.asset = -1;
    this.state = { ...this.state, asset: null };
    this.mark();
    if (had) this.options.emit?.({ type: "clear" });
  }

  nearestTo(x, y, slack) {
    this.squares ??= this.sorted();
    let [best, least] = [-1, this.symbol() * 0.75 + slack];
    const [cx, cy] = [Math.floor(x / SQUARE), Math.floor(y / SQUARE)];
    for (let k = 0; k < 9; k += 1) {
      for (const i of this.squares.get(`${cx - 1 + (k % 3)} ${cy - 1 + Math.floor(k / 3)}`) || []) {
        const [gx, gy] = this.at(i);
        const away = Math.hypot(gx - x, gy - y);
        if (away < least) [best, least] = [i, away];
      }
    }
    return best;
  }

  /** The groups that are seen, by the squares of the picture they lie in. */
  sorted() {
    const squares = new Map();
    for (const i of this.drawn) {
      const [x, y] = this.at(i);
      if (x < -SQUARE || y < -SQUARE || x > this.wide + SQUARE || y > this.high + SQUARE) continue;
      const key = `${Math.floor(x / SQUARE)} ${Math.floor(y / SQUARE)}`;
      if (squares.has(key)) squares.get(key).push(i);
      else squares.set(key, [i]);
    }
    return squares;
  }

  // Pointer and keys ----------------------------------------------------------------------------------------

  onDown(event) {
    if (!this.scene) return;
    this.pointers.set(event.pointerId, [event.offsetX, event.offsetY]);
    this.canvas.setPointerCapture(event.pointerId);
    this.pulled = this.pointers.size > 1;
  }

  onMove(event) {
    if (!this.scene) return;
    const before = this.pointers.get(event.pointerId);
    const now = [event.offsetX, event.offsetY];
    if (!before) {
      if (event.pointerType !== "touch") this.hover(this.nearestTo(...now, 3), now);
      return;
    }
    const away = Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (!this.pulled && away < 5) return;
    this.pulled = true;
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.pointers.set(event.pointerId, now);
    if (other) {
      const [was, is] = [before, now].map((at) => Math.hypot(at[0] - other[0], at[1] - other[1]));
      if (was > 10) this.zoom(is / was, (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
    } else if (!this.whole) {
      this.view = { ...this.view, x: this.view.x + now[0] - before[0], y: this.view.y + now[1] - before[1] };
      this.move();
    }
  }

  onUp(event) {
    const had = this.pointers.delete(event.pointerId);
    if (!had || this.pulled || event.type === "pointercancel") return;
    const index = this.nearestTo(event.offsetX, event.offsetY, event.pointerType === "touch" ? 14 : 5);
    if (index >= 0) this.choose("asset", index);
    else this.clear();
  }

  onWheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / 240), event.offsetX, event.offsetY);
  }

  hover(index, at = null) {
    const same = index === this.marks.hoverAsset;
    this.marks.hoverAsset = index;
    this.tip.hidden = index < 0 || !at;
    this.canvas.style.cursor = index < 0 ? "" : "pointer";
    if (!same) this.mark();
    if (this.tip.hidden) return;
    if (!same) this.tip.textContent = `${assetName(this.scene, index)}, ${tiesWords(this.web.degree[index])}`;
    this.tip.style.left = `${Math.max(0, Math.min(at[0] + 14, this.wide - 230))}px`;
    this.tip.style.top = `${Math.min(at[1] + 16, this.high - 50)}px`;
  }

  onKey(event) {
    if (!this.scene || event.defaultPrevented || event.target === this.search.input) return;
    if (event.key === "Escape") this.clear();
    else if (event.key === "+" || event.key === "=") this.zoom(1.5);
    else if (event.key === "-") this.zoom(1 / 1.5);
  }

  destroy() {
    this.gone = true;
    clearTimeout(this.settling);
    this.undo.forEach((act) => act());
    this.root.replaceChildren();
  }
}

function shortened(words, most) {
  const signs = [...words];
  return signs.length > most ? `${signs.slice(0, most - 1).join("").trimEnd()}…` : words;
}
