// The desk: which row is open, where typing goes, and the conversation scrolled to the comment in focus.

const talk = () => document.getElementById("talk");

function mark() {
  const open = document.getElementById("open-comment")?.value;
  for (const row of document.querySelectorAll("#rows .row")) {
    if (row.dataset.comment === open) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function show() {
  const flow = talk()?.querySelector("[data-flow]");
  const focus = flow?.querySelector(".quote.focus");
  if (!focus) return;
  const end = focus.offsetTop - flow.offsetTop + focus.offsetHeight;
  if (end > flow.clientHeight) flow.scrollTop = Math.max(0, focus.offsetTop - flow.offsetTop - 48);
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target !== talk()) return;
  mark();
  show();
  // A new conversation takes the focus unless something in it asked for it (a refusal does).
  if (!talk().contains(document.activeElement) && event.detail.requestConfig?.verb === "get") {
    document.getElementById("talk-title")?.focus({ preventScroll: true });
  }
});
document.addEventListener("htmx:oobAfterSwap", mark);

// Opening a decision puts the cursor into its first control; choosing reply or note into its box.
document.addEventListener("toggle", (event) => {
  if (!event.target.open || !event.target.matches("details.act")) return;
  const form = event.target.querySelector("form");
  // Escalating begins with the reason: letters typed into the kind of risk would choose another kind.
  (form.querySelector("[data-first]") ?? form.querySelector("input:checked, textarea, select, input:not([type=hidden])") ?? form.querySelector("button")).focus();
}, true);

function focusBox() {
  [...document.querySelectorAll(".composer textarea")].find((area) => area.getClientRects().length)?.focus();
}

// At once, so that the first letter typed after the key lands in the box; and again after the
// browser has given the focus to the label's own control, as it does for a mouse.
document.addEventListener("click", (event) => {
  const kind = event.target.closest(".composer .kind label");
  if (!kind) return;
  kind.querySelector("input").checked = true;
  focusBox();
  window.setTimeout(focusBox, 0);
});

show();
// After "Pull next" the page is new: the focus begins at the conversation, not at the top of the page.
if (document.activeElement === document.body) document.getElementById("talk-title")?.focus({ preventScroll: true });
