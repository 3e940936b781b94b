// Streamlit's door (components v2): mount once, follow what the page sends, report one trigger for one choice.

const assetmapShown = new WeakMap();
const assetmapKept = (window.assetmapKept = window.assetmapKept || new Map());

/** Parts come with their text once; later, or from another component on the page, by their key alone. */
async function assetmapParts(parts) {
  for (const part of parts) if (part.text) assetmapKept.set(part.key, part.text);
  for (let tries = 0; tries < 200; tries += 1) {
    if (parts.every((part) => assetmapKept.has(part.key))) break;
    await new Promise((done) => setTimeout(done, 25));
  }
  return parts.map((part) => assetmapKept.get(part.key) || "");
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  if (!data || !data.parts) return undefined;
  const keys = data.parts.map((part) => part.key).join(" ");
  const root = parentElement.querySelector(".am-here");
  let shown = assetmapShown.get(parentElement);
  if (data.store) {
    for (const part of data.parts) assetmapKept.set(part.key, part.text);
    return undefined;
  }
  if (!shown || shown.root !== root) {
    shown = { root, keys, handle: null, latest: data };
    assetmapShown.set(parentElement, shown);
    root.style.setProperty("--am-height", `${Number(data.height) || 640}px`);
    assetmapParts(data.parts).then((texts) => {
      if (assetmapShown.get(parentElement) !== shown) return;
      shown.handle = assetmapMount(root, texts, {
        L: assetmapLeaflet,
        ...(data.options || {}),
        state: shown.latest.state || {},
        emit: (event) => {
          if (["zone", "asset", "clear", "point"].includes(event.type)) shown.send("chosen", event);
          root.dispatchEvent(new CustomEvent("assetmap", { detail: event, bubbles: true, composed: true }));
        },
      });
      if (shown.keys !== keys) assetmapParts(shown.latest.parts).then((later) => shown.handle.setData(later));
    });
  } else if (shown.handle) {
    if (shown.keys !== keys) {
      assetmapParts(data.parts).then((texts) => shown.handle.setData(texts));
    }
    shown.handle.setState(data.state || {});
  }
  shown.keys = keys;
  shown.latest = data;
  shown.send = setTriggerValue;
  return () => {
    if (assetmapShown.get(parentElement) !== shown) return;
    assetmapShown.delete(parentElement);
    if (shown.handle) shown.handle.destroy();
  };
}
