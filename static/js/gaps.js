// After a saved reply was put into the box: the first gap that is still open is marked, so that typing fills it.

const GAP = /\{[^{}\n]{0,60}\}|\[[A-Z][A-Z _-]{1,30}\]/;
let putIn = false;

document.addEventListener("htmx:beforeRequest", (event) => {
  putIn = event.detail.elt?.matches("button[formaction*='saved-reply']") ?? false;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (!putIn || event.detail.target?.id !== "talk") return;
  putIn = false;
  const box = document.getElementById("reply-text");
  const gap = box && GAP.exec(box.value);
  if (!box) return;
  box.focus();
  if (gap) box.setSelectionRange(gap.index, gap.index + gap[0].length);
  else box.setSelectionRange(box.value.length, box.value.length);
});
