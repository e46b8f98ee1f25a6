// Buttons that put a word at the end of a text, with one blank before it, and tell the form that it changed.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-inserts]");
  const text = button && document.getElementById(button.dataset.into);
  if (!text || text.value.includes(button.dataset.inserts)) {
    return;
  }
  text.value = `${text.value.trimEnd()}${text.value.trim() ? " " : ""}${button.dataset.inserts}`;
  text.dispatchEvent(new Event("input", { bubbles: true }));
  text.focus();
});
