"use strict";
(() => {
  const STEP = 200; // rows that are made at a time
  const byId = (id) => document.getElementById(id);
  const read = (id) => JSON.parse(byId(id).textContent);
  const needs = read("needs");
  const units = read("index");
  units.forEach((unit, number) => { unit.number = number; });
  const rows = byId("rows"), search = byId("search"), help = byId("help"), more = byId("more");
  const selects = { state: byId("by-state"), need: byId("by-need"), path: byId("by-file") };
  const made = new Map(); // row elements, by the number of the unit
  const texts = new Map(); // what a search looks through, likewise
  let shown = units, drawn = 0, current = -1;
  let order = { key: "number", down: false };

  // Elements are made, never parsed, so that every text stays text.
  function make(name, options = {}, ...inside) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(options)) {
      if (key === "class") element.className = value;
      else if (key === "click") element.addEventListener("click", value);
      else element.setAttribute(key, value);
    }
    element.append(...inside);
    return element;
  }

  // Hidden characters come spelled out; here they are set apart.
  function marked(text) {
    return String(text).split(/(\[U\+[0-9A-F]{4,6}\])/).map((part, place) =>
      place % 2 ? make("b", { class: "hidden" }, part) : part);
  }

  const percent = (value) => value === null ? "–" : `${Math.round(100 * value)} %`;
  const tone = (unit) => unit.state === "failed" ? "bad"
    : unit.state === "pending" || unit.need < 6 ? "fair" : "good";
  const words = (state) => state.replaceAll("_", " ");

  function row(unit) {
    const open = make("button", {
      type: "button", class: "open", tabindex: "-1", "aria-expanded": "false",
      click: () => { focusOn(shown.indexOf(unit)); toggle(unit); },
    }, ...marked(unit.name));
    const why = unit.state === "failed" && unit.reason ? unit.reason : unit.words;
    const line = make("tr", { class: "unit", id: `unit-${unit.number}` },
      make("td", {}, String(unit.number + 1)),
      make("th", { scope: "row" }, open),
      make("td", {}, ...marked(`${unit.path}:${unit.line}`)),
      make("td", {}, make("span", { class: `badge ${tone(unit)}` }, words(unit.state))),
      make("td", {}, words(unit.compile) || "–"),
      make("td", {}, ...marked(why)),
      make("td", { class: "number" }, String(unit.tries)),
      make("td", { class: "number" }, percent(unit.confidence)));
    return { line, open, detail: null };
  }

  function rowOf(unit) {
    if (!made.has(unit.number)) made.set(unit.number, row(unit));
    return made.get(unit.number);
  }

  function draw(upTo) {
    const end = Math.min(upTo, shown.length);
    const batch = document.createDocumentFragment();
    for (; drawn < end; drawn += 1) {
      const { line, detail } = rowOf(shown[drawn]);
      batch.append(line);
      if (detail) batch.append(detail);
    }
    rows.append(batch);
    more.hidden = drawn >= shown.length;
    more.textContent = `Show more (${shown.length - drawn} units)`;
  }

  function haystack(unit) {
    if (!texts.has(unit.number)) {
      const all = read(`unit-data-${unit.number}`);
      const parts = [all.id, all.target, all.source, all.output.text, all.reason, all.need_in_words, ...all.lost];
      for (const one of all.attempts) parts.push(one.text, one.why, ...one.problems.map((said) => said.message));
      texts.set(unit.number, parts.join("\n").toLowerCase());
    }
    return texts.get(unit.number);
  }

  function compare(a, b) {
    const one = a[order.key], other = b[order.key];
    if (one === other) return a.number - b.number;
    if (one === null || other === null) return one === null ? 1 : -1; // unknown comes last
    const way = typeof one === "number" ? one - other : one < other ? -1 : 1;
    return order.down ? -way : way;
  }

  function refresh() {
    const wanted = search.value.trim().toLowerCase();
    const { state, need, path } = selects;
    shown = units.filter((unit) =>
      (!state.value || unit.state === state.value)
      && (!need.value || unit.need === Number(need.value))
      && (!path.value || unit.path === path.value)
      && (!wanted || haystack(unit).includes(wanted))).sort(compare);
    rows.replaceChildren();
    drawn = 0;
    draw(STEP);
    byId("count").textContent = shown.length === units.length
      ? `${units.length} units` : `${shown.length} of ${units.length} units`;
    current = -1;
    for (const { line, open } of made.values()) {
      line.classList.remove("current");
      open.tabIndex = -1;
    }
    if (shown.length) rowOf(shown[0]).open.tabIndex = 0;
  }

  function focusOn(place) {
    if (!shown.length) return;
    const next = Math.max(0, Math.min(place, shown.length - 1));
    const before = rowOf(shown[Math.max(0, Math.min(current, shown.length - 1))]);
    before.line.classList.remove("current");
    before.open.tabIndex = -1;
    rowOf(shown[0]).open.tabIndex = -1;
    current = next;
    if (next >= drawn) draw(next + STEP);
    const { line, open } = rowOf(shown[next]);
    line.classList.add("current");
    open.tabIndex = 0;
    open.focus({ preventScroll: true });
    open.scrollIntoView({ block: "nearest" });
  }

  function toggle(unit) {
    const one = rowOf(unit);
    if (one.detail) { close(unit); return; }
    one.detail = make("tr", { class: "detail", id: `detail-${unit.number}` },
      make("td", { colspan: "8" }, inside(unit)));
    one.line.after(one.detail);
    one.open.setAttribute("aria-expanded", "true");
    one.open.setAttribute("aria-controls", one.detail.id);
    history.replaceState(null, "", `#unit-${unit.number}`);
  }

  function close(unit) {
    const one = rowOf(unit);
    if (!one.detail) return false;
    one.detail.remove();
    one.detail = null;
    one.open.setAttribute("aria-expanded", "false");
    one.open.removeAttribute("aria-controls");
    return true;
  }

  function inside(unit) {
    const all = read(`unit-data-${unit.number}`);
    const box = make("div", { role: "region", "aria-label": `Unit ${all.id}` });
    const facts = [
      ["State", words(all.state) + (all.state === "done" ? `, ${words(all.compile_state)}` : "")],
      ["Kind", all.kind],
      ["In the target", all.target_lines[0] ? `${all.target}:${all.target_lines[0]}` : all.target],
      ["Why look", all.need_in_words],
      ["Why", all.reason],
      ["Run beside its source", all.behaves],
      ["Confidence", all.confidence === null ? "" : percent(all.confidence)],
    ];
    box.append(make("dl", { class: "facts" }, ...facts.filter(([, value]) => value).map(
      ([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, ...marked(value))))));
    if (all.lost.length) {
      box.append(make("ul", { class: "problems lost" },
        ...all.lost.map((one) => make("li", {}, "lost ", ...marked(one)))));
    }
    const side = make("div");
    const first = Math.max(1, all.target_lines[0]);
    const origin = { model: "translation", stub: "stub", rule: "made by rules", source: "source as it was" };
    const versions = [{
      title: `In the target: ${origin[all.output.origin] || "nothing yet"}`, badge: null,
      why: all.file_state === "kept" ? "as it was written; people have changed the file since" : "", text: all.output.text, first, problems: [],
    }, ...all.attempts.map((one) => ({
      title: `Attempt ${one.attempt}` + (one.candidate > 1 ? `, candidate ${one.candidate}` : ""),
      badge: one.verdict, why: one.why, text: one.text, first: 1, problems: one.problems,
    }))];
    const buttons = versions.map((version) => make("button", {
      type: "button", "aria-pressed": "false", click: () => show(version),
    }, version.title));
    function show(version) {
      buttons.forEach((button, place) =>
        button.setAttribute("aria-pressed", String(versions[place] === version)));
      side.replaceChildren(make("h3", {}, version.title), code(version, version.title));
    }
    const list = versions.map((version, place) => make("li", {}, buttons[place], " ",
      ...(version.badge ? [make("span", {
        class: `badge ${{ rejected: "bad", kept: "good" }[version.badge] || "fair"}`,
      }, version.badge), " "] : []), ...marked(version.why)));
    box.append(make("ol", { class: "tries", "aria-label": "Versions" }, ...list));
    const source = { text: all.source, first: all.line, problems: [] };
    box.append(make("div", { class: "sides" },
      make("div", {}, make("h3", {}, "Source: ", ...marked(`${all.path}:${all.line}`)), code(source, "Source")),
      side));
    // Of a unit that failed, the attempt that came last says more than its stub.
    show(all.state === "failed" && versions.length > 1 ? versions.at(-1) : versions[0]);
    return box;
  }

  function code({ text, first, problems }, label) {
    const box = make("div", { class: "code", tabindex: "0", role: "group", "aria-label": label });
    const lines = text.split("\n");
    const at = new Map();
    for (const one of problems) {
      const place = Math.max(0, Math.min(one.line - 1, lines.length - 1));
      at.set(place, [...(at.get(place) || []), one]);
    }
    lines.forEach((line, place) => {
      const found = at.get(place) || [];
      box.append(make("div", { class: found.length ? "line marked" : "line", "data-n": String(first + place) },
        make("span", {}, ...marked(line || "\u00a0"))));
      for (const one of found) {
        box.append(make("div", { class: "problem", role: "note" },
          ...marked(`line ${one.line}, column ${one.column}: ${one.message}${one.code ? ` (${one.code})` : ""}`)));
      }
    });
    return box;
  }

  function fill(select, values) {
    for (const [value, title, count] of values) {
      select.append(make("option", { value }, `${title} (${count})`));
    }
  }

  function counted(key) {
    const counts = new Map();
    for (const unit of units) counts.set(unit[key], (counts.get(unit[key]) || 0) + 1);
    return [...counts].sort(([a], [b]) => a < b ? -1 : 1);
  }

  function escape(event) {
    if (help.open) return; // the browser closes it
    if (event.target === search) {
      if (search.value) { search.value = ""; refresh(); } else search.blur();
      event.preventDefault();
      return;
    }
    const detail = event.target.closest && event.target.closest("tr.detail");
    const place = detail ? shown.findIndex((unit) => `detail-${unit.number}` === detail.id) : current;
    if (place >= 0 && close(shown[place])) focusOn(place);
  }

  const keys = {
    j: () => focusOn(current + 1),
    k: () => focusOn(Math.max(0, current - 1)),
    "/": () => { search.focus(); search.select(); },
    "?": () => help.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") { escape(event); return; }
    if (help.open || event.target.matches("input, select, textarea")) return;
    if (event.target.matches("#rows .open") && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      focusOn(current + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && event.target === document.body && current >= 0) {
      toggle(shown[current]);
    } else if (Object.hasOwn(keys, event.key)) {
      keys[event.key]();
    } else {
      return;
    }
    event.preventDefault();
  });

  rows.addEventListener("focusin", (event) => {
    const line = event.target.closest("tr.unit");
    const place = line ? shown.findIndex((unit) => `unit-${unit.number}` === line.id) : -1;
    if (place >= 0 && place !== current) focusOn(place);
  });

  for (const head of document.querySelectorAll("#table thead th")) {
    head.firstElementChild.addEventListener("click", () => {
      const key = head.dataset.key;
      order = { key, down: order.key === key && !order.down };
      for (const other of document.querySelectorAll("#table thead th")) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      refresh();
    });
  }

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 120);
  });
  search.form.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { clearTimeout(waiting); refresh(); focusOn(0); event.preventDefault(); }
  });
  for (const select of Object.values(selects)) select.addEventListener("change", refresh);
  byId("clear").addEventListener("click", () => {
    search.value = "";
    for (const select of Object.values(selects)) select.value = "";
    refresh();
    search.focus();
  });
  byId("ask").addEventListener("click", () => help.showModal());
  more.addEventListener("click", () => draw(drawn + STEP));
  new IntersectionObserver((seen) => {
    if (seen.some((one) => one.isIntersecting)) draw(drawn + STEP);
  }, { rootMargin: "400px" }).observe(more);
  addEventListener("beforeprint", () => draw(shown.length));

  fill(selects.state, counted("state").map(([value, count]) => [value, words(value), count]));
  fill(selects.need, counted("need").map(([value, count]) => [value, needs[value], count]));
  fill(selects.path, counted("path").map(([value, count]) => [value, value, count]));
  const asked = /^#unit-(\d+)$/.exec(location.hash);
  refresh();
  if (asked && units[asked[1]]) {
    const place = shown.indexOf(units[asked[1]]);
    focusOn(place);
    toggle(units[asked[1]]);
  }
})();
