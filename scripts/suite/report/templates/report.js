"use strict";
// Sorting, filtering and opening what a link points at. The page is complete without it.
(() => {
  const number = text => { const found = text.replace(/,/g, "").match(/-?\d+(\.\d+)?/); return found ? +found[0] : NaN; };

  // A header of a table becomes a button: ascending, descending, as it came.
  const sort = (table, column, button) => {
    const body = table.tBodies[0], rows = [...body.rows];
    rows.forEach((row, i) => { row.dataset.place ??= i; });
    const state = { "": "ascending", ascending: "descending", descending: "" }[button.dataset.order || ""];
    table.querySelectorAll("thead th").forEach(head => head.removeAttribute("aria-sort"));
    table.querySelectorAll("thead button").forEach(other => { other.dataset.order = ""; });
    button.dataset.order = state;
    if (state) button.parentNode.setAttribute("aria-sort", state);
    const sign = state === "descending" ? -1 : 1, text = row => row.cells[column]?.textContent.trim() ?? "";
    const numeric = button.parentNode.classList.contains("n");
    rows.sort((a, b) => {
      if (!state) return a.dataset.place - b.dataset.place;
      if (!numeric) return sign * text(a).localeCompare(text(b), "en", { numeric: true });
      const x = number(text(a)), y = number(text(b));
      return isNaN(x) || isNaN(y) ? isNaN(x) - isNaN(y) : sign * (x - y);
    });
    body.append(...rows);
  };
  document.querySelectorAll("table.sortable").forEach(table => {
    table.querySelectorAll("thead th").forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, column, button));
      head.append(button);
    });
  });

  // One filter for every table of cells: words that all have to occur, and a verdict.
  const bar = document.getElementById("filter"), rows = [...document.querySelectorAll("tr[id^=cell-]")];
  const count = document.getElementById("filter-count"), word = document.getElementById("filter-words");
  const verdict = document.getElementById("filter-verdict");
  const texts = rows.map(row => `${row.id} ${row.textContent}`.toLowerCase());
  const filter = () => {
    const wanted = word.value.toLowerCase().split(/\s+/).filter(Boolean), kind = verdict.value;
    const active = wanted.length > 0 || kind !== "";
    const holders = new Map();
    let shown = 0;
    rows.forEach((row, i) => {
      const fits = (!kind || row.classList.contains(kind)) && wanted.every(part => texts[i].includes(part));
      row.hidden = !fits;
      shown += fits;
      const holder = row.closest("details");
      if (holder) holders.set(holder, holders.get(holder) || fits);
    });
    holders.forEach((fits, holder) => {
      holder.dataset.was ??= holder.open ? "open" : "";
      holder.open = active ? fits : holder.dataset.was === "open";
      holder.classList.toggle("nothing", active && !fits);
    });
    count.textContent = active ? `${shown} of ${rows.length} cells` : `${rows.length} cells`;
  };
  if (bar && rows.length) {
    bar.hidden = false;
    word.addEventListener("input", filter);
    verdict.addEventListener("change", filter);
    count.textContent = `${rows.length} cells`;
  }

  // A permalink may point into a table that is folded away.
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    let folded = false;
    for (let up = target.closest("details"); up; up = up.parentElement.closest("details")) {
      folded ||= !up.open;
      up.open = true;
    }
    if (folded || target.hidden) { target.hidden = false; target.scrollIntoView({ block: "center" }); }
  };
  addEventListener("hashchange", follow);
  follow();
})();
