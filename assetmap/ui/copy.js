// A button that copies the address of this view. It never asks the server for anything.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".copy");
  if (root.firstChild) return;
  root.className = "copy am-root";
  const button = document.createElement("button");
  const said = document.createElement("span");
  button.type = "button";
  button.textContent = data.label;
  said.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    const address = window.location.href;
    try {
      await navigator.clipboard.writeText(address);
      said.textContent = data.copied;
    } catch {
      // No clipboard: show the address so that it can be taken by hand.
      const field = document.createElement("input");
      field.readOnly = true;
      field.value = address;
      field.setAttribute("aria-label", data.label);
      said.replaceChildren(field);
      field.select();
    }
  });
  root.append(button, said);
}
