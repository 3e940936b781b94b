// What stands around the map: search, layers, legend, card, table. Text reaches the page as text nodes only.

let counter = 0;
const freshId = (word) => {
  counter += 1;
  return `am-${word}-${counter}`;
};

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** A sentence of sentences.toml in the language of this document, its places filled. */
const say = (id, values = {}) => ASSETMAP_WORDS[id].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const count = (n) => n.toLocaleString("en-GB");
const SAFE_LINK = /^(https?:\/\/|mailto:|tel:)/i;

/** What people read for a zone: its class, or why there is none. */
function zoneWords(scene, index) {
  const zones = scene.zones;
  if (!zones.class) return { finding: "", steady: "" };
  const state = zones.state[index];
  if (state !== "ok") return { finding: ASSETMAP_STYLE.states[state] || state, steady: "" };
  const name = zones.class[index] || "none";
  return {
    finding: ASSETMAP_STYLE.classes[name] || name,
    steady: name === "none" ? "" : ASSETMAP_STYLE.steadiness[zones.steady[index]],
  };
}

function assetName(scene, index) {
  return scene.assets.name[index] || say("map-no-name", { kind: categoryOf(scene, index).label });
}

const categoryOf = (scene, index) => scene.assets.categories[scene.assets.category[index]];

/** A small picture for the legend, drawn with the map's own brushes. */
function swatch(entry, palette, dpr) {
  const wide = entry.swatch === "symbol" ? 20 : 26;
  const canvas = newCanvas(wide * dpr, 18 * dpr);
  canvas.className = "am-swatch";
  canvas.setAttribute("aria-hidden", "true");
  canvas.style.width = `${wide}px`;
  const ctx = canvas.getContext("2d");
  ctx.scale(dpr, dpr);
  if (entry.swatch === "symbol") {
    ctx.translate(10, 9.5);
    drawSymbol(ctx, entry.symbol, palette, entry.symbol.shape === "circle" ? 15 : 14, false);
    return canvas;
  }
  ctx.beginPath();
  ctx.roundRect(1, 2, 24, 14, 3);
  ctx.fillStyle = palette.ground;
  ctx.fill();
  ctx.globalAlpha = entry.swatch === "class" ? 0.85 : 0.9;
  setPattern(ctx, { ...entry.pattern, gap: Math.min(entry.pattern.gap, 7.5) }, palette[entry.token], palette.paper, dpr, { x: 4, y: 5 });
  ctx.fill();
  ctx.globalAlpha = 1;
  if (entry.swatch !== "class") {
    ctx.strokeStyle = palette.control;
    ctx.lineWidth = 0.8;
    ctx.stroke();
  }
  return canvas;
}

/** The legend: only states that occur, and always the two that must be explained. */
function legendLists(scene, look) {
  const talking = look.layer === "talk" && scene.zones?.class;
  const present = new Set(["no-data", "not-yet-mapped", ...(scene.zones?.state || [])]);
  const entries = ASSETMAP_STYLE.legend[talking ? "talk" : "strengths"].filter(
    (entry) => entry.swatch !== "state" || present.has(entry.id),
  );
  const groups = [...new Set(entries.map((entry) => entry.group))];
  const lists = groups.map((group) => {
    const id = freshId("group");
    return el(
      "div",
      { class: "am-legend-group" },
      el("p", { class: "am-legend-title", id }, group),
      el(
        "ul",
        { "aria-labelledby": id },
        ...entries
          .filter((entry) => entry.group === group)
          .map((entry) => el("li", {}, swatch(entry, look.palette, look.dpr), el("span", {}, entry.label))),
      ),
    );
  });
  return look.layer === "ties" && scene.ties.length ? [...lists, tieLegend(look)] : lists;
}

/** What the lines between groups say: two of them, because strength is told by width. */
function tieLegend(look) {
  const id = freshId("group");
  const line = (strength, label) => {
    const canvas = newCanvas(26 * look.dpr, 18 * look.dpr);
    canvas.className = "am-swatch";
    canvas.setAttribute("aria-hidden", "true");
    canvas.style.width = "26px";
    const ctx = canvas.getContext("2d");
    ctx.scale(look.dpr, look.dpr);
    ctx.strokeStyle = look.palette.accent;
    ctx.lineWidth = tieWidth(strength);
    ctx.beginPath();
    ctx.moveTo(1, 9);
    ctx.lineTo(25, 9);
    ctx.stroke();
    return el("li", {}, canvas, el("span", {}, label));
  };
  return el(
    "div",
    { class: "am-legend-group" },
    el("p", { class: "am-legend-title", id }, "Recorded ties"),
    el("ul", { "aria-labelledby": id }, line(1, "A tie"), line(3, "A strong tie")),
  );
}

/** A field with a list below it, worked by keyboard as the ARIA pattern says; `find` returns null until names are known. */
function searchBox(find, choose) {
  const listId = freshId("found");
  const list = el("ul", { id: listId, role: "listbox", "aria-label": say("map-found"), class: "am-found", hidden: true });
  const input = el("input", {
    type: "text",
    id: freshId("search"),
    class: "am-search-field",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: say("map-find-here"),
    "aria-label": say("map-find"),
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": listId,
  });
  let found = [];
  let active = -1;
  const mark = (index) => {
    active = index;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
    if (index >= 0) {
      input.setAttribute("aria-activedescendant", list.children[index].id);
      list.children[index].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  };
  const take = (index) => {
    const item = found[index];
    close();
    if (!item) return;
    input.value = item.name;
    choose(item);
  };
  const open = () => {
    const words = input.value.trim();
    const known = words ? find(words) : [];
    found = known || [];
    list.replaceChildren(
      ...found.map((item, i) =>
        el(
          "li",
          { id: `${listId}-${i}`, role: "option", "aria-selected": "false", onmousedown: (e) => e.preventDefault(), onclick: () => take(i) },
          el("span", { class: "am-found-name" }, item.name),
          el("span", { class: "am-found-kind" }, item.what),
        ),
      ),
    );
    if (!found.length && words) list.append(el("li", { class: "am-found-none", role: "option", "aria-disabled": "true", "aria-selected": "false", id: `${listId}-none` }, say(known ? "map-none-found" : "map-drawing")));
    list.hidden = !list.children.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    active = -1;
    input.removeAttribute("aria-activedescendant");
  };
  input.addEventListener("input", open);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) open();
      if (found.length) mark((active + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      take(Math.max(0, active));
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (list.hidden) input.value = "";
      close();
    }
  });
  const again = () => {
    if (!list.hidden) open();
  };
  return { node: el("div", { class: "am-search" }, input, list), input, again };
}

/** Everything with a name, ready to be sought. */
function makeIndex(scene) {
  const rows = [];
  const add = (name, what, go) => name && rows.push({ name, what, go, plain: plain(name) });
  for (let i = 0; i < (scene.assets?.n || 0); i += 1) {
    add(scene.assets.name[i], categoryOf(scene, i).label, { type: "asset", index: i });
  }
  for (let i = 0; i < (scene.zones?.n || 0); i += 1) add(scene.zones.name[i], say("map-area"), { type: "zone", index: i });
  (scene.places?.name || []).forEach((name, i) =>
    add(name, scene.places.layer[i] === "water" ? say("map-water") : say("map-green"), { type: "place", index: i }),
  );
  const streets = new Map();
  for (const run of scene.streets) {
    for (let f = 0; f < run.shapes.n; f += 1) {
      if (!run.name[f]) continue;
      const name = run.names[run.name[f] - 1];
      if (!streets.has(name)) streets.set(name, []);
      streets.get(name).push([run.shapes, f]);
    }
  }
  for (const [name, pieces] of streets) add(name, say("map-street"), { type: "street", pieces });
  return rows;
}

function findNames(rows, words, most = 8) {
  const sought = plain(words);
  const ranked = [];
  for (const row of rows) {
    const at = row.plain.indexOf(sought);
    if (at < 0) continue;
    const rank = at === 0 ? 0 : row.plain[at - 1] === " " ? 1 : 2;
    ranked.push([rank, row.plain.length, row]);
  }
  ranked.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const seen = new Set();
  const found = [];
  for (const [, , row] of ranked) {
    const key = `${row.plain}\n${row.what}\n${row.go.type === "asset" ? row.go.index : ""}`;
    if (seen.has(key)) continue;
    seen.add(key);
    found.push(row);
    if (found.length === most) break;
  }
  return found;
}

function tick(label, checked, change, picture = null) {
  const box = el("input", { type: "checkbox", onchange: (event) => change(event.target.checked) });
  box.checked = checked;
  return el("label", { class: "am-tick" }, box, picture, el("span", {}, label));
}

/** The layers panel: what the map answers, kinds, themes. */
function layerPanel(scene, look, act) {
  const parts = [];
  if (scene.zones?.class && act.mayTalk) {
    const name = freshId("layer");
    const choice = (value, label) => {
      const radio = el("input", { type: "radio", name, value, onchange: () => act.layer(value) });
      radio.checked = look.layer === value;
      return el("label", { class: "am-tick" }, radio, el("span", {}, label));
    };
    parts.push(
      el("fieldset", {}, el("legend", {}, say("map-show")), choice("strengths", say("style-here")), choice("talk", say("style-talk"))),
    );
  }
  const present = new Set(scene.assets?.kind || []);
  const kinds = KINDS.map((kind, i) => [kind, i]).filter(([, i]) => present.has(i));
  const toggled = (list, all, id, on) => {
    const now = new Set(list || all);
    if (on) now.add(id);
    else now.delete(id);
    return now.size === all.length ? null : all.filter((item) => now.has(item));
  };
  parts.push(
    el(
      "fieldset",
      {},
      el("legend", {}, say("map-kinds")),
      ...kinds.map(([kind]) => {
        const symbol = ASSETMAP_STYLE.symbols[kind];
        return tick(
          symbol.label,
          !look.kinds || look.kinds.includes(kind),
          (on) => act.kinds(toggled(look.kinds, KINDS, kind, on)),
          swatch({ swatch: "symbol", symbol }, look.palette, look.dpr),
        );
      }),
    ),
  );
  const used = new Set((scene.assets?.categories || []).map((category) => category.theme));
  const themes = Object.entries(scene.meta.themes || {}).filter(([id]) => used.has(id));
  if (themes.length > 1) {
    const all = themes.map(([id]) => id);
    parts.push(
      el(
        "fieldset",
        {},
        el("legend", {}, say("map-themes")),
        ...themes.map(([id, label]) =>
          tick(label, !look.themes || look.themes.includes(id), (on) => act.themes(toggled(look.themes, all, id, on))),
        ),
      ),
    );
  }
  return parts;
}

const CARD_LINES = [
  ["address", "map-address"],
  ["opening_times", "map-open"],
  ["contact", "map-contact"],
  ["accessibility", "map-wheelchair"],
  ["offers", "map-offers"],
  ["at_risk", "map-at-risk"],
  ["last_checked", "map-last-checked"],
];

function assetCard(scene, index, close) {
  const assets = scene.assets;
  const category = categoryOf(scene, index);
  const theme = (scene.meta.themes || {})[category.theme];
  const list = el("dl", {});
  for (const [column, label] of CARD_LINES) {
    const value = assets[column]?.[index];
    if (!value) continue;
    const shown = SAFE_LINK.test(value) ? el("a", { href: value, rel: "noopener noreferrer", target: "_blank" }, value) : value;
    list.append(el("dt", {}, say(label)), el("dd", {}, shown));
  }
  return [
    el("button", { type: "button", class: "am-close", "aria-label": say("map-close"), onclick: close }, "×"),
    el("h2", {}, assetName(scene, index)),
    el("p", { class: "am-card-kind" }, theme ? `${category.label} · ${theme}` : category.label),
    list,
  ];
}

function choiceCard(scene, members, choose, close) {
  return [
    el("button", { type: "button", class: "am-close", "aria-label": say("map-close"), onclick: close }, "×"),
    el("h2", {}, say("map-together", { count: count(members.length) })),
    el(
      "ul",
      { class: "am-choices" },
      ...members.slice(0, 12).map((index) =>
        el("li", {}, el("button", { type: "button", onclick: () => choose(index) }, assetName(scene, index), el("span", {}, ` ${categoryOf(scene, index).label}`))),
      ),
    ),
    members.length > 12 ? el("p", {}, say("map-others")) : null,
  ].filter(Boolean);
}

/** The same facts as rows, made when somebody opens them; long tables grow by the button at their foot. */
function tableOf(caption, headings, n, row) {
  const body = el("tbody");
  const more = el("button", { type: "button", class: "am-more" });
  let at = 0;
  const grow = () => {
    const to = Math.min(n, at + 200);
    for (; at < to; at += 1) {
      const [first, ...rest] = row(at);
      body.append(el("tr", {}, el("th", { scope: "row" }, first), ...rest.map((cell) => el("td", {}, cell))));
    }
    more.hidden = at >= n;
    more.textContent = say("map-more", { count: count(n - at) });
  };
  more.addEventListener("click", grow);
  grow();
  const head = el("thead", {}, el("tr", {}, ...headings.map((heading) => el("th", { scope: "col" }, heading))));
  return [el("table", {}, el("caption", {}, caption), head, body), more];
}

function tableTwin(scene, look) {
  const parts = [];
  const zones = scene.zones;
  if (zones) {
    const talking = look.layer === "talk" && zones.class;
    const order = [...zones.id.keys()];
    if (talking) order.sort((a, b) => (zones.rank[a] ?? 1e9) - (zones.rank[b] ?? 1e9));
    parts.push(
      ...tableOf(
        say("map-table-areas", { count: count(zones.n) }),
        [say("map-area"), say("map-people"), ...(talking ? [say("style-talk"), say("style-steady")] : [])],
        zones.n,
        (i) => {
          const index = order[i];
          const { finding, steady } = zoneWords(scene, index);
          const people = zones.people[index] === null ? say("map-not-known") : count(zones.people[index]);
          return [zones.name[index], people, ...(talking ? [finding, steady] : [])];
        },
      ),
    );
  }
  if (scene.assets) {
    const shown = [...scene.assets.id.keys()].filter((i) => look.shown[i]);
    shown.sort((a, b) => assetName(scene, a).localeCompare(assetName(scene, b), "en-GB"));
    parts.push(
      ...tableOf(say("map-table-places", { count: count(shown.length) }), [say("map-name"), say("map-kind"), say("map-what"), say("map-address")], shown.length, (i) => [
        assetName(scene, shown[i]),
        ASSETMAP_STYLE.symbols[KINDS[scene.assets.kind[shown[i]]]].label,
        categoryOf(scene, shown[i]).label,
        scene.assets.address?.[shown[i]] || "",
      ]),
    );
  }
  const sources = scene.meta.sources || [];
  if (sources.length) parts.push(el("p", {}, say("map-sources")), el("ul", {}, ...sources.map((line) => el("li", {}, line))));
  return parts;
}
