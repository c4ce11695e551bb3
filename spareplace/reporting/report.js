"use strict";
(() => {
  const later = JSON.parse(document.getElementById("later").textContent);

  // What is too much for the page to begin with is put in place when its part is opened.
  // It was escaped like the page itself, and the page's policy lets no script in it run.
  const fill = (part) => {
    for (const place of part.querySelectorAll(":scope > [data-later]")) {
      place.innerHTML = later[place.dataset.later];
      place.removeAttribute("data-later");
      place.querySelectorAll("table").forEach(offerSorting);
    }
  };
  document.addEventListener("toggle", (event) => {
    if (event.target.open) fill(event.target);
  }, true);

  // A link to a part that is closed opens it.
  const openTarget = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target && target.tagName === "DETAILS") {
      target.open = true;
      fill(target);
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", openTarget);

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    const exact = cell.querySelector("data");
    return exact ? exact.value : cell.textContent.trim();
  };
  const numberOf = (text) => {
    const found = Number(text.replaceAll(",", ""));
    return Number.isNaN(found) ? -Infinity : found;
  };
  const names = new Intl.Collator("en", { numeric: true });

  const sort = (table, column, head) => {
    const body = table.tBodies[0];
    const numeric = head.classList.contains("n");
    const down = head.getAttribute("aria-sort") === (numeric ? "descending" : "ascending");
    const direction = numeric !== down ? -1 : 1;
    const rows = [...body.rows].map((row) => {
      const text = valueOf(row, column);
      return { row, key: numeric ? numberOf(text) : text };
    });
    rows.sort((one, other) => direction * (numeric
      ? (one.key > other.key) - (one.key < other.key)
      : names.compare(one.key, other.key)));
    body.append(...rows.map((entry) => entry.row));
    for (const cell of table.tHead.rows[0].cells) cell.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
  };
  function offerSorting(table) {
    if (table.tBodies[0].rows.length < 2) return;
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (head.hasAttribute("data-still")) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, column, head));
      head.append(button);
    });
  }
  document.querySelectorAll("table").forEach(offerSorting);

  // Pointing at the map tells what is there.
  const map = document.querySelector(".map svg");
  if (map && later.map) {
    const told = document.querySelector(".map output");
    const { rows, columns, cells } = later.map;
    const tell = (event) => {
      const box = map.getBoundingClientRect();
      const column = Math.floor((event.clientX - box.left) / box.width * columns.length);
      const row = Math.floor((event.clientY - box.top) / box.height * rows.length);
      if (!(row in rows && column in columns)) return;
      told.textContent =
        `${rows[row]}: ${columns[column]} receives ${cells[`${row} ${column}`] || "nothing"}`;
    };
    map.addEventListener("pointermove", tell);
    map.addEventListener("pointerdown", tell);
  }
  openTarget();
})();
