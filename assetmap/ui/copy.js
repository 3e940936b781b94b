// A button that copies the address of this view, or words that it is given, or saves these as a file made here in the
// browser. It never asks the server for anything.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".copy");
  // The words may be others by the next drawing of the page.
  root.given = data;
  if (root.firstChild) return;
  root.className = "copy am-root";
  const button = document.createElement("button");
  const said = document.createElement("span");
  button.type = "button";
  button.textContent = data.label;
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    const words = root.given.words || window.location.href;
    if (root.given.file) {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([words], { type: "text/html" }));
      link.download = root.given.file;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      said.textContent = root.given.copied;
      return;
    }
    try {
      await navigator.clipboard.writeText(words);
      said.textContent = root.given.copied;
    } catch {
      // No clipboard: show the words so that they can be taken by hand.
      const field = document.createElement(root.given.words ? "textarea" : "input");
      field.readOnly = true;
      field.value = words;
      field.setAttribute("aria-label", root.given.label);
      said.replaceChildren(field);
      field.select();
    }
  });
  root.append(button, said);
}
