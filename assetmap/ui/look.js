// Brings what has to be answered onto the screen, once: on a phone it may stand above or below what was pressed.
export default function ({ data, parentElement }) {
  const mark = parentElement.querySelector(".look");
  if (mark.dataset.seen === data.what) return;
  mark.dataset.seen = data.what;
  if (window.innerWidth > (data.widest ?? Infinity)) return;
  const top = mark.getBoundingClientRect().top;
  if (top < 100 || top > window.innerHeight * 0.75) mark.scrollIntoView({ block: "start" });
}
