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
  const top = focus.getBoundingClientRect().top - flow.getBoundingClientRect().top + flow.scrollTop;
  if (top + focus.offsetHeight > flow.clientHeight) flow.scrollTop = Math.max(0, top - 48);
}

// What a refusal asks for is typed next: letters typed beside its box would be keys of the page.
function askedFor(within) {
  const wrong = within.querySelector(".act[open] .wrong");
  return wrong?.querySelector("input:checked") ?? wrong?.querySelector("textarea, select, input");
}

// Whoever goes on typing while an answer is under way keeps their sheet, their words and their place: letters of a
// reason that the answer took away would be keys of the page.
let under = null;

const opened = () => document.getElementById("open-comment")?.value;

document.addEventListener("htmx:beforeSwap", (event) => {
  under = null;
  const box = document.activeElement;
  if (event.detail.target !== talk() || !talk().contains(box) || event.detail.requestConfig?.elt?.contains(box)) return;
  const sheet = box.closest("details.act[open]");
  const writes = box.id && box.matches("textarea, select, input:not([type=radio], [type=checkbox])");
  if (!sheet && !writes) return;
  under = {
    comment: opened(),
    sheet: sheet?.querySelector("summary").dataset.says,
    box: writes ? box.id : null,
    words: box.value,
    from: box.selectionStart,
    to: box.selectionEnd,
  };
});

function goOn() {
  const left = under?.comment === opened() ? under : null;
  under = null;
  const sheet = left?.sheet && talk().querySelector(`.act > summary[data-says="${CSS.escape(left.sheet)}"]`)?.parentElement;
  if (sheet) sheet.open = true;
  const box = left?.box && document.getElementById(left.box);
  if (box) {
    box.value = left.words;
    box.focus();
    if (typeof left.from === "number") box.setSelectionRange(left.from, left.to);
  }
  return Boolean(sheet || box);
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target !== talk()) return;
  mark();
  show();
  if (goOn()) return;
  const asked = askedFor(talk());
  if (asked) {
    asked.setAttribute("aria-describedby", "problem");
    asked.focus();
    return;
  }
  // A new conversation takes the focus unless something in it asked for it (a refusal does), and so does one on
  // which was decided: the button that decided is gone with its sheet.
  const lost = document.activeElement === document.body || document.activeElement?.id === "main";
  if (lost || (!talk().contains(document.activeElement) && event.detail.requestConfig?.verb === "get")) {
    document.getElementById("talk-title")?.focus({ preventScroll: true });
  }
});
document.addEventListener("htmx:oobAfterSwap", mark);

// Opening a decision puts the cursor into its first control; choosing reply or note into its box.
document.addEventListener("toggle", (event) => {
  if (!event.target.open || !event.target.matches("details.act")) return;
  if (event.target.contains(document.activeElement) && !document.activeElement.matches("summary")) return;
  const form = event.target.querySelector("form");
  // Escalating begins with the reason: letters typed into the kind of risk would choose another kind.
  const first = askedFor(event.target) ?? form.querySelector("[data-first]") ?? form.querySelector("input:checked, textarea, select, input:not([type=hidden])") ?? form.querySelector("button");
  first.focus();
  // Words that stand there to begin with are kept as they are, or typed over: never run into what is typed.
  if (first.matches("textarea[data-first]") && !form.querySelector(".wrong")) first.select();
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
