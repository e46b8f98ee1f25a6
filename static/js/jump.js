// Ctrl-K: a list of pages, official accounts and what can be done on this page; it shrinks while one types.
// "/" opens it too where the page has no search of its own. The list comes from the server when it is first
// asked for (/go/). A combobox: the focus stays in the box, arrows choose, Enter follows what is chosen.

const dialog = document.getElementById("jump");

if (dialog) {
  const words = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const none = dialog.querySelector(".empty");
  let chosen = null;

  const options = () => [...list.querySelectorAll("[role=option]")];
  const left = () => options().filter((one) => !one.hidden);

  function choose(option) {
    chosen?.setAttribute("aria-selected", "false");
    chosen = option ?? null;
    if (chosen) {
      chosen.setAttribute("aria-selected", "true");
      words.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else {
      words.removeAttribute("aria-activedescendant");
    }
  }

  function narrow() {
    const wanted = words.value.trim().toLowerCase().split(/\s+/);
    for (const one of options()) {
      const text = one.textContent.toLowerCase();
      one.hidden = !wanted.every((word) => text.includes(word));
    }
    for (const group of list.querySelectorAll("[role=group]")) {
      group.hidden = ![...group.querySelectorAll("[role=option]")].some((one) => !one.hidden);
    }
    none.hidden = left().length > 0 || options().length === 0;
    choose(left()[0]);
  }

  // What the page at hand offers: everything that has a key. Choosing it does what the key would do.
  function actions() {
    list.querySelector("[data-here]")?.remove();
    const group = document.createElement("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "On this page");
    group.dataset.here = "";
    const seen = new Set();
    for (const element of document.querySelectorAll("main [data-key], header [data-key]")) {
      const says = element.dataset.says;
      if (!says || seen.has(says) || element.disabled || !element.getClientRects().length) continue;
      seen.add(says);
      const option = document.createElement("a");
      option.id = `go-here-${seen.size}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.tabIndex = -1;
      option.href = "#";
      const name = document.createElement("span");
      name.textContent = says;
      const where = document.createElement("span");
      where.className = "small muted";
      where.textContent = "On this page";
      option.append(name, where);
      option.addEventListener("click", (event) => {
        event.preventDefault();
        dialog.close();
        if (element.matches("textarea, input, select")) element.focus();
        else element.click();
      });
      group.append(option);
    }
    if (seen.size) list.prepend(group);
  }

  function open() {
    if (dialog.open) return;
    words.value = "";
    actions();
    list.dispatchEvent(new Event("palette"));
    dialog.showModal();
    words.focus();
    narrow();
  }

  // The server's part takes the place of what stands there: what this page offers is put before it again.
  list.addEventListener("htmx:afterSwap", () => {
    actions();
    narrow();
  });
  words.addEventListener("input", narrow);
  words.addEventListener("keydown", (event) => {
    const all = left();
    const here = all.indexOf(chosen);
    if (event.key === "Enter") {
      event.preventDefault();
      chosen?.click();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (all.length) choose(all[(here + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length]);
    } else if (event.key === "Home" && event.ctrlKey) {
      choose(all[0]);
    } else if (event.key === "End" && event.ctrlKey) {
      choose(all.at(-1));
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-opens=jump]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    const palette = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    const slash = event.key === "/" && !typing && !event.ctrlKey && !event.altKey && !event.metaKey
      && document.body.hasAttribute("data-single-keys") && !document.querySelector("dialog[open]");
    // Where the page has a search of its own, "/" is that one's (keys.js has taken it).
    if (!palette && (!slash || event.defaultPrevented)) return;
    event.preventDefault();
    open();
  });
}
