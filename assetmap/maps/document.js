// The exported page: one map, the sheets that stand in the page, and the two steps across the top.

(() => {
  const read = (id) => document.getElementById(id).textContent;
  const page = JSON.parse(read("am-page"));
  const sheets = new Map([...document.querySelectorAll("[data-sheet]")].map((node) => [node.dataset.sheet, node]));
  const empty = document.getElementById("am-no-sheet");
  const steps = [...document.querySelectorAll("[data-layer]")];

  function show(zone) {
    for (const [id, node] of sheets) node.hidden = id !== zone;
    if (empty) empty.hidden = sheets.has(zone);
  }

  function step(layer) {
    document.documentElement.dataset.layer = layer;
    for (const button of steps) button.setAttribute("aria-pressed", String(button.dataset.layer === layer));
  }

  document.documentElement.classList.add("am-live");
  const handle = assetmapMount(document.getElementById("am-here"), [JSON.parse(read("am-data"))], {
    state: { layer: page.layer },
    layerSwitch: steps.length > 0,
    emit: (event) => {
      if (event.type === "zone") show(event.id);
      if (event.type === "clear") show(null);
      if (event.type === "look" && event.layer) step(event.layer);
      document.dispatchEvent(new CustomEvent("assetmap", { detail: event }));
    },
  });
  for (const button of steps) {
    button.addEventListener("click", () => {
      step(button.dataset.layer);
      handle.setState({ layer: button.dataset.layer });
    });
  }
  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-zone]");
    if (!target) return;
    event.preventDefault();
    if (document.documentElement.dataset.layer === "strengths" && steps.length) steps[steps.length - 1].click();
    handle.setState({ zone: target.dataset.zone, asset: null });
    show(target.dataset.zone);
    document.getElementById("am-here").scrollIntoView({ block: "start" });
    const heading = sheets.get(target.dataset.zone)?.querySelector("h2");
    if (heading) heading.focus({ preventScroll: true });
  });
  document.getElementById("am-big").addEventListener("click", (event) => {
    const big = event.currentTarget.getAttribute("aria-pressed") !== "true";
    event.currentTarget.setAttribute("aria-pressed", String(big));
    document.documentElement.classList.toggle("am-big-page", big);
    handle.setState({ big });
  });
  step(page.layer);
  show(null);
  window.assetmapHandle = handle;
})();
