// Leaflet's side of a canvas, and the list by which a keyboard goes from place to place on it.

/** A canvas that Leaflet moves with the map; `paint(ctx, view)` fills it whenever what it shows has changed. */
function makeBoard(owner, paint, pane) {
  const { L } = owner;
  const Board = L.Renderer.extend({
    options: { padding: 0.15, pane },
    _initContainer() {
      this._container = document.createElement("canvas");
      this._container.setAttribute("aria-hidden", "true");
    },
    _destroyContainer() {
      this._container.remove();
      delete this._container;
    },
    _update() {
      if (this._map._animatingZoom && this._bounds) return;
      L.Renderer.prototype._update.call(this);
      const size = this._bounds.getSize();
      const dpr = owner.dpr();
      const canvas = this._container;
      L.DomUtil.setPosition(canvas, this._bounds.min);
      const [wide, high] = [Math.round(size.x * dpr), Math.round(size.y * dpr)];
      if (canvas.width !== wide || canvas.height !== high) {
        canvas.width = wide;
        canvas.height = high;
        canvas.style.width = `${size.x}px`;
        canvas.style.height = `${size.y}px`;
      }
      this.paint();
    },
    paint() {
      if (!this._map || !this._bounds || !owner.scene) return;
      const { origin } = owner.scene;
      const zoom = this._map.getZoom();
      const scale = 2 ** (zoom - BASE_ZOOM);
      const corner = this._map.getPixelOrigin().add(this._bounds.min);
      const size = this._bounds.getSize();
      const shift = [origin.x * scale - corner.x, origin.y * scale - corner.y];
      paint(this._container.getContext("2d"), makeView(zoom, ...shift, size.x, size.y, owner.dpr()));
    },
  });
  return new Board();
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A list that holds one option at a time: arrows go to the neighbour in that direction, Enter chooses it. */
class Rover {
  constructor(owner, label, type) {
    this.owner = owner;
    this.type = type;
    this.at = -1;
    this.turn = 0;
    const id = freshId(type);
    // Two options in turn: a screen reader speaks when the active one becomes another.
    this.options = [0, 1].map((k) => el("div", { role: "option", id: `${id}-${k}`, "aria-selected": "false" }, label));
    this.node = el("div", { class: "am-rover", role: "listbox", tabindex: "0", "aria-label": label }, ...this.options);
    this.node.addEventListener("focus", () => owner.scene && this.go(this.at >= 0 ? this.at : this.nearest()));
    this.node.addEventListener("blur", () => this.leave());
    this.node.addEventListener("keydown", (event) => this.onKey(event));
  }

  get spots() {
    const { scene } = this.owner;
    return this.type === "zone" ? scene.zones?.middles : scene.assets;
  }


  /** The chosen one, else the one nearest to the middle of the page. */
  nearest() {
    const { spots, owner } = this;
    if (!spots) return -1;
    if (owner.marks[this.type] >= 0) return owner.marks[this.type];
    const [x, y] = owner.plane(owner.map.getCenter());
    const shown = owner.look().shown;
    let [best, least] = [-1, Infinity];
    for (let i = 0; i < spots.xs.length; i += 1) {
      const away = Math.hypot(spots.xs[i] - x, spots.ys[i] - y);
      if (away < least && (this.type === "zone" || shown[i])) [best, least] = [i, away];
    }
    return best;
  }

  neighbour(dx, dy) {
    const { spots, at } = this;
    const shown = this.owner.look().shown;
    let [best, least] = [at, Infinity];
    for (let i = 0; i < spots.xs.length; i += 1) {
      if (i === at || (this.type === "asset" && !shown[i])) continue;
      const [x, y] = [spots.xs[i] - spots.xs[at], spots.ys[i] - spots.ys[at]];
      const ahead = x * dx + y * dy;
      const aside = Math.abs(x * dy - y * dx);
      if (ahead <= 0 || aside > ahead * 1.2) continue;
      const cost = ahead + aside * 2;
      if (cost < least) [best, least] = [i, cost];
    }
    return best;
  }

  words(index) {
    const { owner } = this;
    if (this.type === "zone") return owner.zoneText(index);
    return `${assetName(owner.scene, index)}, ${categoryOf(owner.scene, index).label}`;
  }

  go(index) {
    const { owner, type } = this;
    this.at = index;
    owner.marks[type === "zone" ? "focusZone" : "focusAsset"] = index;
    owner.caption.hidden = false;
    if (index < 0) {
      owner.caption.textContent = say(type === "zone" ? "map-no-areas" : "map-nothing");
      return;
    }
    this.turn = 1 - this.turn;
    const option = this.options[this.turn];
    const words = this.words(index);
    option.textContent = words;
    option.setAttribute("aria-selected", String(owner.marks[type] === index));
    this.node.setAttribute("aria-activedescendant", option.id);
    owner.caption.textContent = say("map-rover", { words });
    owner.bringIn(type === "zone" ? owner.scene.zones.shapes.box(index) : owner.around(index));
    owner.overlay.paint();
  }

  leave() {
    this.owner.marks[this.type === "zone" ? "focusZone" : "focusAsset"] = -1;
    this.owner.caption.hidden = true;
    this.owner.overlay?.paint();
  }

  onKey(event) {
    if (!this.owner.scene || this.at < 0) return;
    if (ARROWS[event.key]) {
      event.preventDefault();
      this.go(this.neighbour(...ARROWS[event.key]));
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.owner.choose(this.type, this.at);
      this.go(this.at);
    }
  }
}
