// Keyboard shortcuts, declared in the page:
//   data-key="h"   on a link or button: pressing h activates it; on a text field: focuses it
//                  (in a menu that is open before one of the page)
//   data-go="d"    on a link: pressing g then d follows it
//   data-rows      on a list: j and k move between its links marked data-row, x ticks the row's box
//   data-escape    on a link: Escape follows it
//   data-sends     on a button: Ctrl-Enter (or Cmd-Enter) in a text box of its form presses it
// Nothing happens while someone types, with a modifier held, or when the person has switched
// single keys off in their profile (body without data-single-keys). A key that is held down counts once,
// but for j and k: held, "n" would claim one comment after the other and leave them unread.

const single = document.body.hasAttribute("data-single-keys");
let afterG = 0;

const visible = (element) => element.getClientRects().length > 0 && !element.disabled;
const first = (selector) => [...document.querySelectorAll(selector)].find(visible);

function typing(target) {
  return target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

function act(element) {
  if (element.matches("textarea, input, select")) element.focus();
  else element.click();
}

function move(step) {
  const list = first("[data-rows]");
  if (!list) return false;
  const links = [...list.querySelectorAll("[data-row]")].filter(visible);
  if (!links.length) return false;
  let here = links.indexOf(document.activeElement);
  if (here < 0) here = links.findIndex((link) => link.closest("[aria-current=true]"));
  if (here < 0 && step < 0) here = links.length;
  const next = links[Math.min(links.length - 1, Math.max(0, here + step))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function tick() {
  const box = document.activeElement?.closest("tr, li, .row")?.querySelector("input[type=checkbox]");
  if (box) box.click();
  return Boolean(box);
}

function help() {
  const dialog = document.getElementById("keys");
  if (!dialog) return false;
  const list = dialog.querySelector(".keys-list");
  list.querySelectorAll("[data-from-page]").forEach((row) => row.remove());
  const rows = [];
  if (first("[data-rows]")) rows.push(["j k", "Next and previous"], ["Enter", "Open"]);
  for (const element of document.querySelectorAll("[data-key]")) {
    if (!visible(element)) continue;
    const bare = element.cloneNode(true);
    bare.querySelectorAll(".keys, .vh").forEach((part) => part.remove());
    const says = element.dataset.says || element.getAttribute("aria-label") || bare.textContent.trim()
      || element.labels?.[0]?.textContent.trim();
    if (!rows.some(([key]) => key === element.dataset.key)) rows.push([element.dataset.key, says]);
  }
  for (const [keys, says] of rows) {
    const term = document.createElement("dt");
    const words = document.createElement("dd");
    for (const key of keys.split(" ")) {
      const cap = document.createElement("span");
      cap.className = "keys";
      cap.textContent = key;
      term.append(cap, " ");
    }
    words.textContent = says;
    term.dataset.fromPage = words.dataset.fromPage = "";
    list.append(term, words);
  }
  dialog.showModal();
  dialog.querySelector("h2")?.focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Escape" && !document.querySelector("dialog[open], details.menu[open]")) {
    if (typing(event.target)) {
      event.target.blur();
    } else {
      first("[data-escape]")?.click();
    }
    return;
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    const button = event.target.closest?.("textarea")?.form?.querySelector("[data-sends]");
    if (!button) return;
    event.preventDefault();
    // Pressed, not sent past the button: one that is switched off sends nothing, and the browser checks the form.
    if (!event.repeat && visible(button)) button.click();
    return;
  }
  if (!single || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const key = event.key;
  if (event.repeat && key !== "j" && key !== "k") return;
  let done = false;
  if (afterG && Date.now() - afterG < 1500) {
    const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (link) link.click();
    done = Boolean(link);
    afterG = 0;
  } else if (key === "g") {
    afterG = Date.now();
    done = true;
  } else if (key === "?") {
    done = help();
  } else {
    const wanted = `[data-key="${CSS.escape(key)}"]`;
    const element = key.length === 1 ? first(`details.menu[open] .sheet ${wanted}`) ?? first(wanted) : null;
    if (element) {
      act(element);
      done = true;
    } else if (key === "j") {
      done = move(1);
    } else if (key === "k") {
      done = move(-1);
    } else if (key === "x") {
      done = tick();
    }
  }
  if (done) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-opens=keys]")) help();
});
