// Dragging a post to another day of the calendar. Without this, the list has a form for each.

const form = document.getElementById("move");

if (form) {
  let held = null;

  for (const slot of document.querySelectorAll("[data-moves]")) {
    slot.draggable = true;
    slot.addEventListener("dragstart", (event) => {
      held = slot;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", slot.textContent.trim());
      slot.classList.add("held");
    });
    slot.addEventListener("dragend", () => {
      held = null;
      slot.classList.remove("held");
    });
  }

  for (const day of document.querySelectorAll("[data-day]")) {
    day.addEventListener("dragover", (event) => {
      if (held && held.closest("[data-day]") !== day) {
        event.preventDefault();
        day.classList.add("takes");
      }
    });
    day.addEventListener("dragleave", () => day.classList.remove("takes"));
    day.addEventListener("drop", (event) => {
      day.classList.remove("takes");
      if (!held || held.closest("[data-day]") === day) {
        return;
      }
      event.preventDefault();
      form.action = held.dataset.moves;
      form.elements.version.value = held.dataset.version;
      form.elements.day.value = day.dataset.day;
      form.submit();
    });
  }
}
