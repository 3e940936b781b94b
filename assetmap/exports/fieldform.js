"use strict";
(() => {
  const data = JSON.parse(document.getElementById("ff-data").textContent);
  const el = (id) => document.getElementById(id);
  const assets = data.assets;
  const closed = new Set(assets.closed);
  const PAGE = 25;
  const LONGEST = 5000;
  const KEY = `${data.form}:${data.key}`;
  const ANSWERS = [["right", "Still right"], ["closed", "Has closed"], ["wrong", "Something is wrong"]];
  const state = { added: [], checked: {}, saved: true };
  let shown = PAGE;
  let here = null;
  let editing = null;
  let keeps = true;

  function make(tag, words, more = {}) {
    const node = document.createElement(tag);
    if (words !== undefined && words !== null) node.textContent = words;
    for (const [name, value] of Object.entries(more)) {
      if (name === "click") node.addEventListener("click", value);
      else if (value !== undefined) node.setAttribute(name, value);
    }
    return node;
  }
  const plain = (words) => words.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f'’]/g, "");
  const button = (words, click, more = {}) => make("button", words, { type: "button", click, ...more });
  const count = (number, one) => `${number.toLocaleString("en-GB")} ${one}`;

  function today() {
    const now = new Date();
    const two = (number) => String(number).padStart(2, "0");
    return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  }
  function longDate(day) {
    const [year, month, date] = day.split("-").map(Number);
    const names = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
    return `${date} ${names[month - 1]} ${year}`;
  }
  function number() {
    if (crypto.randomUUID) return crypto.randomUUID();
    // A page opened from a file may not be offered randomUUID; the numbers are as random.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  // Keeping ------------------------------------------------------------------------------------------------------

  function keep() {
    try {
      localStorage.setItem(KEY, JSON.stringify(state));
      keeps = localStorage.getItem(KEY) !== null;
    } catch {
      keeps = false;
    }
    el("ff-kept").textContent = keeps
      ? "Your answers are kept in this browser: you may close this page and come back."
      : "This browser does not keep answers: save the file before you close this page.";
  }
  function recall() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) || "null");
      if (kept && Array.isArray(kept.added) && kept.checked) Object.assign(state, kept);
    } catch {
      keeps = false;
    }
  }
  function changed() {
    state.saved = false;
    keep();
    counted();
  }
  function counted() {
    const checks = Object.keys(state.checked).length;
    const said = `${count(state.added.length, "added")}, ${count(checks, "checked")}`;
    el("ff-count").textContent = state.saved && (checks || state.added.length) ? `${said} · saved` : said;
  }

  // Checking -----------------------------------------------------------------------------------------------------

  const labels = data.categories.map((category) => category.label);
  const label = (row) => labels[assets.category[row]] || "Place or group";
  const title = (row) => assets.name[row] || `No name known: ${label(row)}`;
  const haystack = assets.id.map((_, row) => plain(`${assets.name[row]} ${label(row)} ${assets.address[row]}`));

  function metres(row) {
    const spot = assets.spot[row];
    if (!here || !spot) return Infinity;
    const north = (spot[0] / 1e5 - here[0]) * 111320;
    const east = (spot[1] / 1e5 - here[1]) * 111320 * Math.cos((here[0] * Math.PI) / 180);
    return Math.hypot(north, east);
  }
  function found() {
    const words = plain(el("ff-search").value).split(/\s+/).filter(Boolean);
    const rows = [];
    for (let row = 0; row < haystack.length; row += 1) {
      if (words.every((word) => haystack[row].includes(word))) rows.push(row);
    }
    return here ? rows.sort((a, b) => metres(a) - metres(b) || a - b) : rows;
  }
  function list() {
    const rows = found();
    el("ff-found").textContent = rows.length
      ? `${count(rows.length, rows.length === 1 ? "place or group" : "places and groups")}${here ? ", the nearest first" : ""}`
      : "Nothing found. If it is there, add it.";
    el("ff-list").replaceChildren(...rows.slice(0, shown).map(card));
    el("ff-more").hidden = rows.length <= shown;
  }
  function card(row) {
    const id = assets.id[row];
    const item = make("li");
    const name = make("p", title(row), { class: "ff-name", id: `ff-name-${row}` });
    const away = metres(row);
    const facts = [assets.name[row] ? label(row) : "", assets.address[row]].filter(Boolean);
    if (away < Infinity) facts.push(away < 950 ? `${Math.round(away / 10) * 10} m` : `${(away / 1000).toFixed(1)} km`);
    if (closed.has(row)) facts.push("closed, as far as we know");
    else if (assets.checked[row]) facts.push(`found right on ${longDate(assets.checked[row])}`);
    const answers = make("div", null, { class: "ff-answers", role: "group", "aria-labelledby": `ff-name-${row}` });
    for (const [answer, words] of ANSWERS) {
      const said = answer === "right" && closed.has(row) ? "Is open" : words;
      answers.append(button(said, () => check(row, answer, item), { "data-answer": answer, "aria-pressed": "false" }));
    }
    item.append(name, make("p", facts.join(" · "), { class: "ff-soft" }), answers);
    press(item, id);
    return item;
  }
  function press(item, id) {
    const said = state.checked[id];
    for (const one of item.querySelectorAll("[data-answer]")) {
      one.setAttribute("aria-pressed", String(Boolean(said) && said.answer === one.dataset.answer));
    }
    let box = item.querySelector(".ff-wrong");
    if (said && said.answer === "wrong" && !box) {
      box = make("div", null, { class: "ff-wrong" });
      const words = make("label", "What is wrong? What should it say?");
      const field = make("textarea", null, { maxlength: LONGEST });
      field.value = said.note;
      field.addEventListener("input", () => {
        said.note = field.value;
        changed();
      });
      words.append(field);
      box.append(words);
      item.append(box);
    } else if (box && !(said && said.answer === "wrong")) {
      box.remove();
    }
  }
  function check(row, answer, item) {
    const id = assets.id[row];
    const before = state.checked[id];
    // The same answer again takes it back.
    if (before && before.answer === answer) delete state.checked[id];
    else state.checked[id] = { mark: assets.mark[row], answer, note: before ? before.note : "", day: today() };
    changed();
    press(item, id);
    if (state.checked[id] && answer === "wrong") item.querySelector("textarea").focus();
  }

  // What a name speaks of: the same reckoning as on the map's own form -------------------------------------------

  const stem = (word) => {
    if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
    return word.length > 3 && word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
  };
  const words = (said) => (said.toLowerCase().replace(/['’]/g, "").match(/[\p{L}\p{N}_]+/gu) || []).map(stem);
  const terms = data.categories.map((category) => category.terms.map(words).filter((term) => term.length));

  function likeness(one, other) {
    // Of both texts, the share that is in the longest common subsequence.
    let last = new Array(other.length + 1).fill(0);
    for (const letter of one) {
      const next = [0];
      for (let k = 1; k <= other.length; k += 1) {
        next.push(other[k - 1] === letter ? last[k - 1] + 1 : Math.max(last[k], next[k - 1]));
      }
      last = next;
    }
    return one.length + other.length ? (200 * last[other.length]) / (one.length + other.length) : 100;
  }
  function score(said, term) {
    const letters = term.join("").length;
    const wanted = term.join(" ");
    const runs = [];
    for (let k = 0; k + term.length <= said.length; k += 1) runs.push(said.slice(k, k + term.length).join(" "));
    if (runs.includes(wanted)) return 100 + letters;
    if (letters <= 4) return 0;
    const all = said.join(" ");
    if (said.length <= term.length && wanted.startsWith(all) && all.length >= 3) return 90 + letters / 100;
    const best = Math.max(0, ...runs.map((run) => likeness(run, wanted)));
    return best >= 84 ? best * 0.8 + letters / 100 : 0;
  }
  function suggest(name) {
    const said = words(name);
    if (!said.length) return [];
    return data.categories
      .map((category, k) => ({ category, score: Math.max(0, ...terms[k].map((term) => score(said, term))) }))
      .filter((one) => one.score > 0)
      .sort((a, b) => b.score - a.score || (a.category.id < b.category.id ? -1 : 1))
      .slice(0, 3)
      .map((one) => one.category);
  }
  let known = null;
  function alike(name) {
    const said = words(name).join(" ");
    if (said.length < 4) return [];
    known = known || assets.name.map((one) => words(one).join(" "));
    const rows = [];
    for (let row = 0; row < assets.id.length && rows.length < 3; row += 1) {
      const other = known[row];
      if (other && (other === said || (other.length >= 6 && (other.includes(said) || said.includes(other))))) rows.push(row);
    }
    return rows;
  }

  // Adding -------------------------------------------------------------------------------------------------------

  const fields = {};

  function ask(question) {
    const box = make("div", null, { class: "ff-field" });
    const id = `ff-f-${question.field}`;
    const hint = make("span", question.hint, { class: "ff-hint", id: `${id}-hint` });
    const head = make("label", question.heading, { for: id });
    let field;
    if (question.answer === "yes") {
      field = make("input", null, { type: "checkbox", id, "aria-describedby": `${id}-hint` });
      head.className = "ff-tick";
      head.prepend(field);
      box.append(head, hint);
    } else {
      field = control(question, id);
      box.append(head, hint, field);
    }
    fields[question.field] = field;
    return box;
  }
  function control(question, id) {
    const more = { id, "aria-describedby": `${id}-hint`, autocomplete: "off" };
    if (question.answer === "choice") {
      const field = make("select", null, more);
      const choices = question.field === "category" ? data.categories.map((c) => [c.label, c.id]) : question.choices;
      field.append(make("option", question.field === "meets" ? "Not known" : "Choose", { value: "" }));
      for (const [said, kept] of choices) field.append(make("option", said, { value: kept }));
      return field;
    }
    if (question.answer === "long") return make("textarea", null, { ...more, maxlength: LONGEST });
    const type = { number: "number", date: "date" }[question.answer] || "text";
    const mode = question.answer === "number" ? "numeric" : undefined;
    return make("input", null, { ...more, type, inputmode: mode, maxlength: type === "text" ? LONGEST : undefined, min: type === "number" ? 1 : undefined });
  }
  function build() {
    for (const question of data.questions) {
      const box = ask(question);
      el(question.short ? "ff-short" : "ff-long").append(box);
      if (question.field === "name") box.append(make("div", null, { class: "ff-ideas", id: "ff-alike", role: "status" }));
      if (question.field === "category") box.append(make("div", null, { class: "ff-ideas", id: "ff-ideas", role: "status" }));
      if (question.field === "place") {
        box.append(make("div", null, { class: "ff-row", id: "ff-where" }));
        el("ff-where").append(button("Use where I am", whereIAm, { id: "ff-here" }), make("span", "", { id: "ff-here-said", role: "status" }));
      }
    }
    fields.name.addEventListener("input", named);
    fields.category.addEventListener("change", () => el("ff-ideas").replaceChildren());
  }
  function named() {
    const name = fields.name.value;
    const near = alike(name);
    el("ff-alike").replaceChildren(
      ...(near.length ? [make("span", "Is it here already?", { class: "ff-hint" })] : []),
      ...near.map((row) => button(`Check “${title(row)}”`, () => go(row))),
    );
    const ideas = fields.category.value ? [] : suggest(name);
    el("ff-ideas").replaceChildren(
      ...(ideas.length ? [make("span", "By its name:", { class: "ff-hint" })] : []),
      ...ideas.map((category) =>
        button(category.label, () => {
          fields.category.value = category.id;
          el("ff-ideas").replaceChildren();
          fields.category.focus();
        }),
      ),
    );
  }
  function go(row) {
    el("ff-search").value = assets.name[row];
    tab("check");
    list();
  }
  function whereIAm() {
    locate("ff-here-said", (lat, lon, near) => {
      fields.place.value = `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
      return `Taken, to within ${Math.max(1, Math.round(near))} m.`;
    });
  }
  function locate(said, then) {
    const line = el(said);
    if (!navigator.geolocation) {
      line.textContent = "This browser cannot say where it is. Type a postcode.";
      return;
    }
    line.textContent = "Looking…";
    navigator.geolocation.getCurrentPosition(
      (place) => {
        line.textContent = then(place.coords.latitude, place.coords.longitude, place.coords.accuracy);
      },
      () => {
        line.textContent = "The phone did not say where it is. Type a postcode.";
      },
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 30000 },
    );
  }
  const POSTCODE = /^[A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][A-Z]{2}$/i;
  const DEGREES = /^-?\d{1,2}(\.\d+)?\s*[,\s]\s*-?\d{1,3}(\.\d+)?$/;

  function faults() {
    const wrong = {};
    if (!fields.name.value.trim()) wrong.name = "Write what people call it.";
    if (!fields.category.value) wrong.category = "Choose what it is.";
    const place = fields.place.value.trim();
    if (place && !POSTCODE.test(place) && !DEGREES.test(place)) wrong.place = "Write a whole postcode, or use where you are. A street belongs under Address.";
    if (!place && ["", "place"].includes(fields.meets.value) && !fields.address.value.trim()) {
      wrong.place = "Give a postcode, use where you are, or say below that it moves about, meets online or has no fixed place.";
    }
    const many = fields.capacity.value;
    if (fields.capacity.validity.badInput || (many && !(Number(many) > 0))) wrong.capacity = "Write one number, such as 40.";
    return wrong;
  }
  function complain(wrong) {
    for (const [name, field] of Object.entries(fields)) {
      const id = `ff-f-${name}-fault`;
      const old = el(id);
      if (old) old.remove();
      field.removeAttribute("aria-invalid");
      field.setAttribute("aria-describedby", `ff-f-${name}-hint`);
      if (wrong[name]) {
        field.setAttribute("aria-invalid", "true");
        field.setAttribute("aria-describedby", `ff-f-${name}-hint ${id}`);
        field.after(make("span", wrong[name], { class: "ff-fault", id }));
      }
    }
    const first = Object.keys(fields).find((name) => wrong[name]);
    if (first) {
      if (el("ff-details").contains(fields[first])) el("ff-details").open = true;
      fields[first].focus();
    }
    return Boolean(first);
  }
  function answers() {
    const said = {};
    for (const question of data.questions) {
      const field = fields[question.field];
      if (question.answer === "yes") {
        if (field.checked) said[question.field] = true;
      } else if (field.value.trim()) {
        said[question.field] = question.answer === "number" ? Number(field.value) : field.value.trim();
      }
    }
    return said;
  }
  function add(event) {
    event.preventDefault();
    if (complain(faults())) {
      el("ff-form-said").textContent = "Something is missing: see above.";
      return;
    }
    const said = answers();
    const at = state.added.findIndex((one) => one.uuid === editing);
    if (at >= 0) state.added[at] = { ...state.added[at], answers: said };
    else state.added.push({ uuid: number(), day: today(), answers: said });
    clear();
    el("ff-form-said").textContent = `${at >= 0 ? "Changed" : "Added"}: ${said.name}. Add another, or save the file below.`;
    changed();
    listAdded();
    fields.name.focus();
  }
  function clear() {
    editing = null;
    el("ff-form").reset();
    complain({});
    for (const id of ["ff-alike", "ff-ideas"]) el(id).replaceChildren();
    for (const id of ["ff-here-said", "ff-form-said"]) el(id).textContent = "";
    el("ff-details").open = false;
    el("ff-cancel").hidden = true;
    el("ff-submit").textContent = "Add it";
  }
  function change(one) {
    clear();
    editing = one.uuid;
    for (const question of data.questions) {
      const value = one.answers[question.field];
      if (question.answer === "yes") fields[question.field].checked = value === true;
      else fields[question.field].value = value === undefined ? "" : String(value);
      if (value !== undefined && !question.short) el("ff-details").open = true;
    }
    el("ff-cancel").hidden = false;
    el("ff-submit").textContent = "Keep the change";
    fields.name.focus();
  }
  function listAdded() {
    el("ff-added-head").hidden = !state.added.length;
    el("ff-added").replaceChildren(
      ...state.added.map((one) => {
        const item = make("li");
        const name = one.answers.name;
        const category = data.categories.find((c) => c.id === one.answers.category);
        const facts = [category ? category.label : "", one.answers.place || one.answers.address || ""].filter(Boolean);
        const row = make("div", null, { class: "ff-row" });
        row.append(
          button("Change", () => change(one), { "aria-label": `Change ${name}` }),
          button(
            "Take it out",
            () => {
              state.added = state.added.filter((other) => other !== one);
              if (editing === one.uuid) clear();
              changed();
              listAdded();
              (state.added.length ? el("ff-added-head") : el("ff-add-head")).focus();
            },
            { "aria-label": `Take out ${name}` },
          ),
        );
        item.append(make("p", name, { class: "ff-name" }), make("p", facts.join(" · "), { class: "ff-soft" }), row);
        return item;
      }),
    );
  }

  // The whole page -----------------------------------------------------------------------------------------------

  function tab(name) {
    for (const one of ["check", "add"]) {
      el(`ff-${one}`).hidden = one !== name;
      if (one === name) el(`ff-to-${one}`).setAttribute("aria-current", "page");
      else el(`ff-to-${one}`).removeAttribute("aria-current");
    }
    el(`ff-${name}-head`).focus();
  }
  function save() {
    const checked = Object.entries(state.checked).map(([id, said]) => ({ id, ...said }));
    if (!checked.length && !state.added.length) {
      el("ff-count").textContent = "Nothing to save yet: check something, or add something.";
      return;
    }
    const told = { form: data.form, place: data.place, made: data.made, added: state.added, checked };
    const blob = new Blob([JSON.stringify(told, null, 1)], { type: "application/json" });
    const link = make("a", null, { href: URL.createObjectURL(blob), download: `${data.file}-${today()}.json` });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    state.saved = true;
    keep();
    counted();
  }
  function forget() {
    state.added = [];
    state.checked = {};
    state.saved = true;
    clear();
    keep();
    counted();
    listAdded();
    list();
    el("ff-forget-yes").hidden = true;
    el("ff-forget").focus();
  }

  el("ff-title").textContent = `What is here in ${data.place}?`;
  el("ff-made").textContent = `list of ${longDate(data.made)}`;
  el("ff-sources").replaceChildren(...data.attribution.map((line) => make("li", line)));
  build();
  recall();
  keep();
  counted();
  list();
  listAdded();
  el("ff-to-check").addEventListener("click", () => tab("check"));
  el("ff-to-add").addEventListener("click", () => tab("add"));
  el("ff-search").addEventListener("input", () => {
    shown = PAGE;
    list();
  });
  el("ff-more").addEventListener("click", () => {
    const first = shown;
    shown += PAGE;
    list();
    const next = el("ff-list").children[first];
    if (next) next.querySelector("button").focus();
  });
  el("ff-near").addEventListener("click", () =>
    locate("ff-near-said", (lat, lon) => {
      here = [lat, lon];
      list();
      return "";
    }),
  );
  el("ff-form").addEventListener("submit", add);
  el("ff-cancel").addEventListener("click", clear);
  el("ff-save").addEventListener("click", save);
  el("ff-forget").addEventListener("click", () => {
    el("ff-forget-yes").hidden = false;
    el("ff-forget-yes").focus();
  });
  el("ff-forget-yes").addEventListener("click", forget);
  window.addEventListener("beforeunload", (event) => {
    if (!keeps && !state.saved) event.preventDefault();
  });
})();
