// How many characters are left: <output class="counter" for="id-of-textarea" data-most="300" data-unit="letters">.
// "letters" counts what a person sees as one (an emoji is one); otherwise UTF-16 units are counted.

const segments = "Segmenter" in Intl ? new Intl.Segmenter("en-GB", { granularity: "grapheme" }) : null;

function length(text, unit) {
  return unit === "letters" && segments ? [...segments.segment(text)].length : text.length;
}

function count(output) {
  const box = document.getElementById(output.htmlFor.value.split(" ")[0]);
  if (!box) return;
  const most = Number(output.dataset.most);
  const used = length(box.value, output.dataset.unit);
  output.classList.toggle("over", used > most);
  output.textContent = used > most
    ? `${(used - most).toLocaleString("en-GB")} too many`
    : `${used.toLocaleString("en-GB")} of ${most.toLocaleString("en-GB")}`;
}

const all = () => document.querySelectorAll("output.counter[data-most]");

document.addEventListener("input", (event) => {
  for (const output of all()) if (output.htmlFor.contains(event.target.id)) count(output);
});
document.addEventListener("htmx:afterSettle", () => all().forEach(count));
all().forEach(count);
