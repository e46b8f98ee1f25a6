// "/" or Ctrl-K: a list of pages that shrinks while one types. Enter opens the first that is left.

const dialog = document.getElementById("jump");

if (dialog) {
  const words = dialog.querySelector("input");
  const rows = [...dialog.querySelectorAll("li")];
  const none = dialog.querySelector(".empty");
  const left = () => rows.filter((row) => !row.hidden);

  const narrow = () => {
    const wanted = words.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    none.hidden = left().length > 0;
  };

  const open = () => {
    if (dialog.open) return;
    words.value = "";
    narrow();
    dialog.showModal();
    words.focus();
  };

  words.addEventListener("input", narrow);
  dialog.addEventListener("keydown", (event) => {
    const links = left().map((row) => row.querySelector("a"));
    if (event.key === "Enter" && event.target === words) {
      event.preventDefault();
      links[0]?.click();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const here = links.indexOf(document.activeElement);
      const next = event.key === "ArrowDown" ? here + 1 : here - 1;
      if (next < 0) words.focus();
      else links[Math.min(next, links.length - 1)]?.focus();
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-opens=jump]")) open();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const palette = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    const slash = event.key === "/" && !typing && !event.ctrlKey && !event.altKey && !event.metaKey
      && document.body.hasAttribute("data-single-keys") && !document.querySelector("dialog[open]");
    if (!palette && !slash) return;
    event.preventDefault();
    open();
  });
}
