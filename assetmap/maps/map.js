// The map itself: Leaflet carries pan and zoom, two canvases of our own carry the picture.

const STATE = {
  layer: "strengths",
  kinds: null,
  themes: null,
  categories: null,
  zone: null,
  asset: null,
  view: null,
  big: false,
  picking: false,
  pin: null,
};
const NOTHING = { zone: -1, asset: -1, hoverZone: -1, hoverAsset: -1, focusZone: -1, focusAsset: -1, street: null };

/**
 * Draw the map in an element.
 *
 * `packed` is one packed text or several. Options: `state` (see STATE), `emit(event)`, `theme` (auto, light, dark),
 * `map` (a Leaflet map to draw on), `switches`, `card`, `table` (false leaves them out), `L`. A choice made by a
 * person is emitted once as {type: "zone" | "asset" | "clear" | "look"}; pan and zoom as {type: "view"}; a state set
 * from outside is never emitted. While `state.picking` is true a click, or Enter for the middle of the map, chooses no
 * area but is emitted as {type: "point", lat, lon}; `state.pin` ({lat, lon} or null) shows such a point. Returns {setState, setData, destroy, ready, state, view}.
 */
function assetmapMount(root, packed, options = {}) {
  return new AssetMap(root, packed, options).handle();
}

class AssetMap {
  constructor(root, packed, options) {
    this.root = root;
    this.options = options;
    this.L = options.L || window.L;
    this.state = { ...STATE, ...options.state };
    this.marks = { ...NOTHING };
    this.scene = null;
    this.gone = false;
    this.undo = [];
    this.build();
    this.ready = this.load(packed);
  }

  handle() {
    return {
      setState: (change) => this.setState(change),
      setData: (packed) => this.load(packed),
      destroy: () => this.destroy(),
      ready: this.ready,
      state: () => ({ ...this.state }),
      view: () => this.viewNow(),
      map: this.map,
    };
  }

  emit(event) {
    this.options.emit?.(event);
  }

  listen(target, name, act) {
    target.addEventListener(name, act);
    this.undo.push(() => target.removeEventListener(name, act));
  }

  // Building ------------------------------------------------------------------------------------------------

  build() {
    const { root, options } = this;
    root.classList.add("am-root");
    if (options.theme && options.theme !== "auto") root.dataset.theme = options.theme;
    this.own = !options.map;
    this.search = searchBox((words) => (this.scene ? findNames(this.index(), words) : null), (item) => this.go(item));
    this.panel = el("div", { class: "am-panel", id: freshId("panel"), hidden: true });
    this.layersButton = el("button", { type: "button", class: "am-button am-layers", "aria-expanded": "false", "aria-controls": this.panel.id }, say("map-layers"));
    this.mapNode = options.map ? options.map.getContainer() : el("div", { class: "am-map" });
    this.zoneList = new Rover(this, say("map-areas"), "zone");
    this.assetList = new Rover(this, say("map-places"), "asset");
    this.legendBody = el("div", { class: "am-legend-body" });
    this.legend = el("details", { class: "am-legend" }, el("summary", {}, say("map-legend")), this.legendBody);
    this.tip = el("div", { class: "am-tip", "aria-hidden": "true", hidden: true });
    this.card = el("div", { class: "am-card", role: "group", "aria-label": say("map-chosen"), tabindex: "-1", hidden: true });
    this.caption = el("div", { class: "am-caption", "aria-hidden": "true", hidden: true });
    this.status = el("div", { class: "am-unseen", role: "status" });
    this.scale = el("div", { class: "am-scale" });
    this.credit = el("div", { class: "am-credit" });
    this.message = el("p", { class: "am-message" }, say("map-drawing"));
    const zoom = el(
      "div",
      { class: "am-zoom" },
      el("button", { type: "button", class: "am-button", "aria-label": say("map-zoom-in"), onclick: () => this.map.zoomIn() }, "+"),
      el("button", { type: "button", class: "am-button", "aria-label": say("map-zoom-out"), onclick: () => this.map.zoomOut() }, "−"),
      el("button", { type: "button", class: "am-button am-whole", "aria-label": say("map-whole"), onclick: () => this.showAll() }, "⤢"),
    );
    const north = el("div", { class: "am-north", role: "img", "aria-label": say("map-north-up") }, el("b", { "aria-hidden": "true" }, say("map-north")), el("i", { "aria-hidden": "true" }, "↑"));
    const tools = options.switches === false ? [this.search.node] : [this.search.node, this.layersButton, this.panel];
    this.frame = el(
      "div",
      { class: "am-frame" },
      el("div", { class: "am-tools" }, ...tools),
      this.own ? this.mapNode : null,
      el("div", { class: "am-cross", "aria-hidden": "true" }),
      this.zoneList.node,
      this.assetList.node,
      zoom,
      north,
      this.card,
      el("div", { class: "am-foot" }, this.legend, el("div", { class: "am-corner" }, this.scale, this.credit)),
      this.tip,
      this.caption,
      this.message,
      this.status,
    );
    this.twinBody = el("div", { class: "am-twin-body", tabindex: "0", role: "region", "aria-label": say("map-table") });
    this.twin = el("details", { class: "am-twin" }, el("summary", {}, say("map-table")), this.twinBody);
    root.replaceChildren(this.frame, options.table === false ? "" : this.twin);
    this.legend.open = root.clientWidth > 640;
    this.wire();
  }

  wire() {
    const L = this.L;
    this.layersButton.addEventListener("click", () => this.togglePanel(this.panel.hidden));
    this.twin.addEventListener("toggle", () => this.fillTwin());
    this.listen(this.root, "keydown", (event) => this.onKey(event));
    this.listen(this.mapNode, "pointerdown", (event) => {
      this.pressed = [event.clientX, event.clientY];
    });
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    this.listen(dark, "change", () => this.repaint());
    this.listen(window, "beforeprint", () => this.forPrint(true));
    this.listen(window, "afterprint", () => this.forPrint(false));
    this.calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map =
      this.options.map ||
      L.map(this.mapNode, {
        attributionControl: false,
        zoomControl: false,
        zoomSnap: 0.25,
        zoomDelta: 0.75,
        wheelPxPerZoomLevel: 110,
        minZoom: 8,
        maxZoom: 19,
        maxBoundsViscosity: 0.8,
        keyboardPanDelta: 120,
        fadeAnimation: false,
        zoomAnimation: !this.calm,
        inertia: !this.calm,
        boxZoom: true,
      });
    this.mapNode.setAttribute("role", "application");
    this.mapNode.setAttribute("tabindex", "0");
    this.mapNode.setAttribute("aria-label", say("map-keys"));
    if (typeof ResizeObserver !== "undefined") {
      const watch = new ResizeObserver(() => this.map.invalidateSize({ animate: false, pan: false }));
      watch.observe(this.mapNode);
      const reach = new ResizeObserver(() => this.reachLegend());
      reach.observe(this.legendBody);
      this.undo.push(() => (watch.disconnect(), reach.disconnect()));
    }
  }

  dpr() {
    return this.printing ? 3 : Math.min(2.5, Math.max(1, window.devicePixelRatio || 1));
  }

  async load(packed) {
    try {
      const [scene] = await Promise.all([readScene([].concat(packed)), typeface()]);
      if (this.gone) return;
      const first = !this.scene;
      this.scene = scene;
      this.rows = null;
      this.painter = new Painter(scene);
      this.credit.textContent = scene.meta.attribution || "© OpenStreetMap contributors, ODbL";
      if (first) this.start();
      else this.settle({});
      this.message.hidden = true;
      this.search.again();
      this.emit({ type: "ready" });
    } catch (fault) {
      if (this.gone) return;
      this.message.hidden = false;
      this.message.textContent =
        say(fault.message === "old browser" ? "map-old-browser" : "map-not-read");
      this.emit({ type: "fault", text: String(fault.message) });
    }
  }

  start() {
    const { map, L } = this;
    map.createPane("am-board").style.zIndex = "210";
    map.createPane("am-marks").style.zIndex = "420";
    map.getPane("am-marks").style.pointerEvents = "none";
    const marks = (ctx, view) => paintMarks(ctx, view, this.look(), this.scene, this.marks);
    this.ground = makeBoard(this, (ctx, view) => {
      this.painter.paint(ctx, view, this.look());
      // Some printers take the clear of a second canvas for white, so that on paper there is one.
      if (this.printing) marks(ctx, view);
    }, "am-board");
    this.overlay = makeBoard(this, (ctx, view) => {
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.clearRect(0, 0, ctx.canvas.width, ctx.canvas.height);
      if (!this.printing) marks(ctx, view);
    }, "am-marks");
    if (this.own) {
      const [w, s, e, n] = this.scene.bounds;
      map.setMaxBounds(L.latLngBounds([s, w], [n, e]).pad(0.6));
    }
    this.setView();
    this.settle(this.state, true);
    this.ground.addTo(map);
    this.overlay.addTo(map);
    map.on("click", (event) => this.onClick(event));
    map.on("mousemove", (event) => this.onHover(event));
    map.on("mouseout", () => this.hover(-1, -1));
    map.on("move", () => this.onMove());
    map.on("movestart", () => (this.moving = true));
    map.on("moveend", () => (this.moving = false));
    map.on("moveend", () => this.onMoveEnd());
    this.onMoveEnd();
  }

  setView() {
    const view = this.state.view;
    if (view) this.map.setView([view.lat, view.lon], view.zoom, { animate: false });
    else if (this.own || this.options.fit) this.showAll(false);
  }

  showAll(animate = !this.calm) {
    const [w, s, e, n] = this.scene.bounds;
    this.map.fitBounds([[s, w], [n, e]], { animate, padding: [8, 8] });
  }

  // State ---------------------------------------------------------------------------------------------------

  setState(change) {
    const before = this.state;
    this.state = { ...before, ...change };
    if (!this.scene) return;
    const view = change.view;
    if (view && JSON.stringify(view) !== JSON.stringify(before.view)) this.setView();
    this.settle(change);
  }

  /** Bring everything in line with the state. */
  settle(change, first = false) {
    const { scene, state } = this;
    const zone = scene.zones?.find.get(state.zone) ?? -1;
    const asset = scene.assets?.find.get(state.asset) ?? -1;
    const came = (now, was) => now >= 0 && now !== was;
    const newZone = came(zone, this.marks.zone);
    const newAsset = came(asset, this.marks.asset);
    this.marks.zone = zone;
    this.marks.asset = asset;
    if (newZone && !(first && state.view)) this.bringIn(scene.zones.shapes.box(zone));
    if (newAsset && !(first && state.view)) this.bringIn(this.around(asset));
    this.showCard(asset);
    this.drawPin();
    this.root.classList.toggle("am-big", Boolean(state.big));
    const shape = JSON.stringify([state.layer, state.kinds, state.themes, state.categories, state.big]);
    if (first || shape !== this.shape || !Object.keys(change).length) {
      this.shape = shape;
      this.shown = null;
      this.repaint();
      this.fillPanel();
      this.fillTwin();
    } else this.overlay.paint();
  }

  look() {
    const dark =
      !this.printing &&
      (this.root.dataset.theme === "dark" ||
        (!this.root.dataset.theme && window.matchMedia("(prefers-color-scheme: dark)").matches));
    const theme = dark ? "dark" : "light";
    if (!this.shown) this.shown = this.whichShown();
    return {
      ...this.state,
      theme,
      palette: ASSETMAP_STYLE[theme],
      dpr: this.dpr(),
      shown: this.shown,
      shownKey: JSON.stringify([this.state.kinds, this.state.themes, this.state.categories]),
    };
  }

  whichShown() {
    const assets = this.scene.assets;
    if (!assets) return [];
    const { kinds, themes, categories, layer } = this.state;
    const web = layer === "ties" ? this.scene.web : null;
    const kindOn = KINDS.map((kind) => !kinds || kinds.includes(kind));
    const categoryOn = assets.categories.map(
      (category) =>
        (!themes || themes.includes(category.theme)) && (!categories || categories.includes(category.id)),
    );
    // Among ties only what may have some is shown: the groups of the web.
    const on = (kind, i) => kindOn[kind] && categoryOn[assets.category[i]] && (!web || web.find.has(assets.id[i]));
    return Uint8Array.from(assets.kind, (kind, i) => (on(kind, i) ? 1 : 0));
  }

  repaint() {
    if (!this.scene || this.gone) return;
    this.ground.paint();
    this.overlay.paint();
    this.legendBody.replaceChildren(...legendLists(this.scene, this.look()));
    this.reachLegend();
  }

  /** A legend that is longer than its room can be scrolled by keyboard, too. */
  reachLegend() {
    const { scrollHeight: long, clientHeight: high, scrollWidth: wide, clientWidth: room } = this.legendBody;
    if (long > high || wide > room) this.legendBody.setAttribute("tabindex", "0");
    else this.legendBody.removeAttribute("tabindex");
  }

  /** Take the shape of the page before it is printed, showing what was seen, and the old one after it. */
  forPrint(on) {
    if (!this.scene || this.gone || Boolean(this.printing) === on) return;
    const { map } = this;
    if (on) this.seen = { bounds: map.getBounds(), middle: map.getCenter(), zoom: map.getZoom() };
    this.printing = on;
    this.root.classList.toggle("am-printing", on);
    map.invalidateSize({ animate: false, pan: false });
    const [w, s, e, n] = this.scene.bounds;
    if (on && this.seen.bounds.contains([[s, w], [n, e]])) this.showAll(false);
    else if (on) map.fitBounds(this.seen.bounds, { animate: false });
    else map.setView(this.seen.middle, this.seen.zoom, { animate: false });
    this.wasOpen = on ? this.legend.open : this.wasOpen;
    this.legend.open = on || this.wasOpen;
    this.ground._update();
    this.overlay._update();
    this.repaint();
  }

  // A point for something new ---------------------------------------------------------------------------------

  pick(latlng) {
    const round = (value) => Math.round(value * 1e6) / 1e6;
    const pin = { lat: round(latlng.lat), lon: round(latlng.lng) };
    this.state = { ...this.state, pin };
    this.drawPin();
    this.say(say("map-marked"));
    this.emit({ type: "point", ...pin });
  }

  /** A map still gliding has no middle yet: the place is marked where it comes to rest. */
  pickMiddle() {
    if (this.moving) this.map.once("moveend", () => this.pick(this.map.getCenter()));
    else this.pick(this.map.getCenter());
  }

  drawPin() {
    const { pin, picking } = this.state;
    this.root.classList.toggle("am-picking", Boolean(picking));
    const at = pin ? `${pin.lat},${pin.lon}` : "";
    if (at === this.pinned) return;
    this.pinned = at;
    this.pin?.remove();
    this.pin = null;
    if (!pin) return;
    const icon = this.L.divIcon({ className: "am-pin", iconSize: [26, 34], iconAnchor: [13, 33] });
    this.pin = this.L.marker([pin.lat, pin.lon], { icon, interactive: false, keyboard: false }).addTo(this.map);
    this.pin.getElement()?.setAttribute("aria-hidden", "true");
    if (!this.map.getBounds().contains([pin.lat, pin.lon])) this.map.panTo([pin.lat, pin.lon], { animate: !this.calm });
  }

  // Choosing ------------------------------------------------------------------------------------------------

  choose(type, index) {
    const id = this.scene[`${type}s`].id[index];
    const other = type === "zone" ? "asset" : "zone";
    const change = type === "zone" ? { zone: id, asset: null } : { asset: id };
    this.state = { ...this.state, ...change };
    this.marks.street = null;
    this.hideChoices();
    this.tip.hidden = true;
    this.settle({ [type]: id, [other]: null });
    this.say(type === "zone" ? this.zoneText(index) : assetName(this.scene, index));
    this.emit({ type, id });
  }

  clear() {
    const had = this.state.zone !== null || this.state.asset !== null;
    this.marks.street = null;
    this.hideChoices();
    this.state = { ...this.state, zone: null, asset: null };
    this.settle({ zone: null });
    if (had) this.emit({ type: "clear" });
  }

  change(part) {
    this.state = { ...this.state, ...part };
    this.settle(part);
    this.emit({ type: "look", ...part });
  }

  go(item) {
    const { type, index, pieces } = item.go;
    if (type === "asset") {
      if (!this.look().shown[index]) this.change({ kinds: null, themes: null, categories: null });
      this.choose("asset", index);
    } else if (type === "zone") this.choose("zone", index);
    else if (type === "place") this.flyTo(this.scene.places.spots.xs[index], this.scene.places.spots.ys[index], 15.5);
    else {
      const path = new Path2D();
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (const [shapes, feature] of pieces) {
        shapes.trace(path, feature, false);
        shapes.box(feature).forEach((edge, k) => {
          box[k] = (k < 2 ? Math.min : Math.max)(box[k], edge);
        });
      }
      this.marks.street = path;
      this.bringIn(box, 16.5);
      this.overlay.paint();
    }
    this.say(`${item.name}, ${item.what}`);
  }

  latLng(x, y) {
    return [toLat(y + this.scene.origin.y), toLon(x + this.scene.origin.x)];
  }

  around(asset) {
    const { xs, ys } = this.scene.assets;
    return [xs[asset] - 40, ys[asset] - 40, xs[asset] + 40, ys[asset] + 40];
  }

  flyTo(x, y, zoom) {
    this.map.setView(this.latLng(x, y), Math.max(zoom, this.map.getZoom()), { animate: !this.calm });
  }

  /** Move only as far as needed for a box to be seen; zoom in if it would be a speck, out if it does not fit. */
  bringIn(box, closest = 16) {
    const L = this.L;
    const bounds = L.latLngBounds(this.latLng(box[0], box[3]), this.latLng(box[2], box[1]));
    const span = Math.max(box[2] - box[0], box[3] - box[1]) * 2 ** (this.map.getZoom() - BASE_ZOOM);
    const size = this.map.getSize();
    const fits = span < Math.min(size.x, size.y) * 0.8 && (span > 45 || this.map.getZoom() >= 15.5);
    const inner = this.map.getBounds().pad(-0.12);
    if (fits && inner.contains(bounds)) return;
    if (fits) this.map.panTo(bounds.getCenter(), { animate: !this.calm });
    else this.map.fitBounds(bounds, { maxZoom: closest, padding: [90, 90], animate: !this.calm });
  }

  // Pointer -------------------------------------------------------------------------------------------------

  plane(latlng) {
    return [mercatorX(latlng.lng) - this.scene.origin.x, mercatorY(latlng.lat) - this.scene.origin.y];
  }

  markAt(latlng, slack) {
    const [x, y] = this.plane(latlng);
    const scale = 2 ** (this.map.getZoom() - BASE_ZOOM);
    let least = (symbolSize(this.map.getZoom(), this.state) * 0.75 + slack) / scale;
    let best = null;
    for (const mark of this.painter.gathered.marks) {
      const away = Math.hypot(mark.x - x, mark.y - y);
      if (away < least) [least, best] = [away, mark];
    }
    return best;
  }

  zoneAt(latlng) {
    const zones = this.scene.zones;
    if (!zones) return -1;
    const [x, y] = this.plane(latlng);
    for (let i = 0; i < zones.n; i += 1) if (zones.shapes.contains(i, x, y)) return i;
    return -1;
  }

  onClick(event) {
    // A pull that Leaflet did not follow, because it was still zooming, ends in a click; nobody meant one.
    const { clientX, clientY } = event.originalEvent || {};
    if (this.pressed && Math.hypot(clientX - this.pressed[0], clientY - this.pressed[1]) > 6) return;
    if (this.state.picking) {
      this.pick(event.latlng);
      return;
    }
    const touch = event.originalEvent?.pointerType === "touch";
    const mark = this.markAt(event.latlng, touch ? 12 : 3);
    if (mark && mark.members.length > 1) this.showChoices(mark.members);
    else if (mark) this.choose("asset", mark.members[0]);
    else {
      const zone = this.zoneAt(event.latlng);
      if (zone >= 0) this.choose("zone", zone);
      else this.clear();
    }
  }

  onHover(event) {
    if (event.originalEvent?.pointerType === "touch") return;
    const mark = this.markAt(event.latlng, 2);
    this.hover(mark ? -1 : this.zoneAt(event.latlng), mark ? mark.members[0] : -1, mark, event.containerPoint);
  }

  hover(zone, asset, mark = null, at = null) {
    const same = zone === this.marks.hoverZone && asset === this.marks.hoverAsset;
    this.marks.hoverZone = zone;
    this.marks.hoverAsset = asset;
    if (!same) {
      this.overlay?.paint();
      this.mapNode.classList.toggle("am-over", zone >= 0 || asset >= 0);
    }
    const words = asset >= 0 ? this.markText(mark) : zone >= 0 && zone !== this.marks.zone ? this.zoneText(zone) : "";
    this.tip.hidden = !words;
    if (!words) return;
    if (!same) this.tip.textContent = words;
    const size = this.map.getSize();
    this.tip.style.left = `${Math.min(at.x + 14, size.x - 230)}px`;
    this.tip.style.top = `${Math.min(at.y + 16, size.y - 60)}px`;
  }

  markText(mark) {
    const first = assetName(this.scene, mark.members[0]);
    const more = mark.members.length - 1;
    return more ? say("map-close-by", { name: first, more: count(more) }) : first;
  }

  zoneText(index) {
    const name = this.scene.zones.name[index];
    if (this.state.layer !== "talk") return name;
    const { finding, steady } = zoneWords(this.scene, index);
    return [name, finding, steady].filter(Boolean).join(" · ");
  }

  onMove() {
    if (this.map._animatingZoom || !this.ground._bounds) return;
    const seen = this.L.bounds(this.map.containerPointToLayerPoint([0, 0]), this.map.containerPointToLayerPoint(this.map.getSize()));
    if (this.ground._bounds.contains(seen) || this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      if (this.gone) return;
      this.ground._update();
      this.overlay._update();
    });
  }

  onMoveEnd() {
    this.drawScale();
    this.emit({ type: "view", ...this.viewNow() });
  }

  viewNow() {
    const middle = this.map.getCenter();
    const round = (value, by) => Math.round(value * by) / by;
    return { lat: round(middle.lat, 1e5), lon: round(middle.lng, 1e5), zoom: round(this.map.getZoom(), 100) };
  }

  drawScale() {
    const size = this.map.getSize();
    const y = size.y / 2;
    const metres = this.map.distance(this.map.containerPointToLatLng([0, y]), this.map.containerPointToLatLng([120, y]));
    const step = 10 ** Math.floor(Math.log10(metres || 1));
    const nice = [5, 2, 1].find((n) => n * step <= metres) * step;
    this.scale.style.width = `${Math.round((120 * nice) / metres)}px`;
    this.scale.textContent = nice >= 1000 ? `${nice / 1000} km` : `${nice} m`;
  }

  // Keyboard ------------------------------------------------------------------------------------------------

  onKey(event) {
    if (event.key === "Enter" && this.state.picking && this.scene && event.target === this.mapNode) {
      event.preventDefault();
      this.pickMiddle();
      return;
    }
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (!this.panel.hidden) {
      this.togglePanel(false);
      this.layersButton.focus();
    } else if (this.scene) this.clear();
  }

  // Around the map ------------------------------------------------------------------------------------------

  index() {
    if (!this.scene) return [];
    if (!this.rows) this.rows = makeIndex(this.scene);
    return this.rows;
  }

  togglePanel(open) {
    this.panel.hidden = !open;
    this.layersButton.setAttribute("aria-expanded", String(open));
    if (open) this.fillPanel();
  }

  fillPanel() {
    if (this.panel.hidden || !this.scene) return;
    const inside = this.panel.contains(this.root.getRootNode().activeElement);
    const at = [...this.panel.querySelectorAll("input")].indexOf(this.root.getRootNode().activeElement);
    const act = {
      mayTalk: this.options.layerSwitch !== false,
      layer: (layer) => this.change({ layer }),
      kinds: (kinds) => this.change({ kinds }),
      themes: (themes) => this.change({ themes }),
    };
    this.panel.replaceChildren(...layerPanel(this.scene, this.look(), act));
    if (inside && at >= 0) this.panel.querySelectorAll("input")[at]?.focus();
  }

  fillTwin() {
    if (this.twin.open && this.scene) this.twinBody.replaceChildren(...tableTwin(this.scene, this.look()));
  }

  showCard(asset) {
    if (this.options.card === false) return;
    if (this.choices) return;
    this.card.hidden = asset < 0;
    if (asset >= 0) this.card.replaceChildren(...assetCard(this.scene, asset, () => this.closeCard()));
  }

  closeCard() {
    this.clear();
    this.mapNode.focus({ preventScroll: true });
  }

  showChoices(members) {
    this.choices = true;
    const close = () => {
      this.hideChoices();
      this.showCard(this.marks.asset);
    };
    this.card.replaceChildren(...choiceCard(this.scene, members, (index) => this.choose("asset", index), close));
    this.card.hidden = false;
    this.card.focus({ preventScroll: true });
  }

  hideChoices() {
    this.choices = false;
    if (this.marks.asset < 0) this.card.hidden = true;
  }

  say(words) {
    this.status.textContent = words;
  }

  destroy() {
    this.gone = true;
    this.undo.forEach((act) => act());
    if (this.own) this.map.remove();
    else {
      this.ground?.remove();
      this.overlay?.remove();
    }
    this.root.replaceChildren();
  }
}
