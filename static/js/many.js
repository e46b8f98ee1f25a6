// Ticked rows of the list: how many, and still ticked when the list is drawn anew.

const form = document.getElementById("many");
const ticked = new Set();
const boxes = () => [...document.querySelectorAll("input.pick")];

function count() {
  const says = document.getElementById("many-count");
  if (says) says.textContent = ticked.size ? `${ticked.size} ticked:` : "Several at once:";
  form?.classList.toggle("chosen", ticked.size > 0);
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("input.pick")) return;
  if (event.target.checked) ticked.add(event.target.value);
  else ticked.delete(event.target.value);
  count();
});

document.addEventListener("htmx:oobAfterSwap", () => {
  const there = new Set(boxes().map((box) => box.value));
  for (const value of ticked) if (!there.has(value)) ticked.delete(value);
  for (const box of boxes()) box.checked = ticked.has(box.value);
  count();
});

for (const box of boxes()) if (box.checked) ticked.add(box.value);
count();
