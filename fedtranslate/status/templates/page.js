"use strict";
(() => {
  const ASK_SECONDS = 10; // between questions, while nothing comes by itself
  const SILENT_SECONDS = 40; // after which a stream without a beat is given up
  const SHOWN_ROUNDS = 12;
  const MOST_EVENTS = 2000;
  const KEY = "fedtranslate-token";
  const DASH = "–";
  const byId = (id) => document.getElementById(id);
  let found = null; // the newest snapshot
  let run = null; // the chosen run, with its rounds
  let chosen = new URLSearchParams(location.search).get("run") || "";
  let events = []; // the newest first
  let showsAll = false;
  let clockAhead = 0; // milliseconds that this clock is behind the coordinator's

  // ---- Elements are made, never parsed, so that every text stays text. ----

  function make(name, options = {}, ...inside) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(options)) {
      if (value === null || value === false) continue;
      if (key === "click") element.addEventListener("click", value);
      else element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...inside);
    return element;
  }

  function svg(name, options = {}, ...inside) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(options)) element.setAttribute(key, value);
    element.append(...inside);
    return element;
  }

  // Redraws what has changed, and leaves the focus where it was.
  const drawn = new Map();
  function draw(id, data, fill) {
    const text = JSON.stringify(data);
    if (drawn.get(id) === text) return;
    drawn.set(id, text);
    const focused = document.activeElement && document.activeElement.id;
    byId(id).replaceChildren(...fill());
    if (focused && document.activeElement.id !== focused && byId(focused)) byId(focused).focus();
  }

  const badge = (word, tone = "") => make("span", { class: `badge ${tone}` }, word);
  const empty = (columns, words) => make("tr", { class: "empty" }, make("td", { colspan: columns }, words));
  const cell = (text, kind = null) => make("td", { class: kind }, text === null || text === "" ? DASH : text);
  const loss = (value) => value === null ? DASH : value.toFixed(4);

  function size(bytes) {
    if (bytes === null) return "not recorded";
    const units = ["B", "kB", "MB", "GB", "TB"];
    let place = 0;
    while (bytes >= 999.95 && place < units.length - 1) { bytes /= 1000; place += 1; }
    return `${place ? bytes.toFixed(1) : bytes} ${units[place]}`;
  }

  // ---- Times ----

  const dateOf = (time) => new Date(typeof time === "number" ? time * 1000 : time);

  function ago(date) {
    const seconds = Math.round((Date.now() + clockAhead - date) / 1000);
    if (seconds < -60) return "in the future";
    if (seconds < 5) return "just now";
    for (const [unit, length] of [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]) {
      if (seconds >= 2 * length || unit === "s") return `${Math.floor(seconds / length)} ${unit} ago`;
    }
    return "";
  }

  function when(time) {
    const date = time === null || time === "" ? null : dateOf(time);
    if (date === null || Number.isNaN(date.getTime())) return DASH;
    return make("time", { datetime: date.toISOString(), title: date.toLocaleString(), class: "nowrap" }, ago(date));
  }

  setInterval(() => {
    for (const element of document.querySelectorAll("time")) element.textContent = ago(new Date(element.dateTime));
  }, 5000);

  // ---- Charts ----

  const WIDTH = 460, HEIGHT = 270, LEFT = 62, RIGHT = 112, TOP = 14, BOTTOM = 40, GAP = 14, LABELLED = 14;

  function niceTicks(low, high) {
    if (high <= low) { const pad = Math.max(Math.abs(low), 1) / 10; low -= pad; high += pad; }
    const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((one) => one >= rough * 0.999);
    const ticks = [];
    for (let at = Math.floor(low / step + 1e-9); at <= Math.ceil(high / step - 1e-9); at += 1) ticks.push(at * step);
    return ticks;
  }

  function apart(heights) { // moves labels apart, as little as need be
    const order = heights.map((_, place) => place).sort((a, b) => heights[a] - heights[b]);
    const moved = [...heights];
    for (let at = 1; at < order.length; at += 1) {
      moved[order[at]] = Math.max(moved[order[at]], moved[order[at - 1]] + GAP);
    }
    let floor = HEIGHT - BOTTOM + 4;
    for (const place of order.reverse()) { moved[place] = Math.min(moved[place], floor); floor = moved[place] - GAP; }
    return moved;
  }

  const short = (name) => name.length <= 16 ? name : `${name.slice(0, 15)}…`;

  // lines: [{ name, style, values }], one value or null for each of numbers
  function chart(title, numbers, lines, words, fromZero) {
    const points = lines.map((line) => numbers.map((x, at) => [x, line.values[at]]).filter(([, y]) => y !== null));
    const placed = lines.map((line, at) => ({ ...line, points: points[at] })).filter((line) => line.points.length);
    if (!placed.length) return [make("figcaption", {}, title), make("p", { class: "note" }, "Nothing is recorded yet.")];
    const xs = placed.flatMap((line) => line.points.map(([x]) => x));
    const ys = placed.flatMap((line) => line.points.map(([, y]) => y));
    const extreme = (values, pick) => values.reduce((a, b) => pick(a, b));
    const ticks = niceTicks(fromZero ? 0 : extreme(ys, Math.min), extreme(ys, Math.max));
    const [first, last] = [extreme(xs, Math.min), extreme(xs, Math.max)];
    const scale = (value, low, high, start, end) => start + (high > low ? (value - low) / (high - low) : 0.5) * (end - start);
    const x = (value) => scale(value, first, last, LEFT, WIDTH - RIGHT);
    const y = (value) => scale(value, ticks[0], ticks[ticks.length - 1], HEIGHT - BOTTOM, TOP);
    const told = placed.map(({ name, points: all }) =>
      `${name}: ${words(all[0][1])} in round ${all[0][0]}, ${words(all[all.length - 1][1])} in round ${all[all.length - 1][0]}`);
    const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}. ${told.join("; ")}` });
    for (const tick of ticks) {
      picture.append(svg("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }),
        svg("text", { class: "tick", x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, words(tick, ticks[1] - ticks[0])));
    }
    const span = last - first;
    const step = [0, 1, 2, 3, 4].flatMap((power) => [1, 2, 5].map((factor) => factor * 10 ** power)).find((one) => span / one <= 8);
    for (let at = first; at <= last; at += step) {
      picture.append(svg("text", { class: "tick", x: x(at), y: HEIGHT - BOTTOM + 16, "text-anchor": "middle" }, String(at)));
    }
    picture.append(svg("text", { class: "tick", x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, "round"));
    const heights = apart(placed.map((line) => y(line.points[line.points.length - 1][1]) + 4));
    placed.forEach((line, at) => {
      const group = svg("g", { class: line.style });
      group.append(svg("path", { d: `M${line.points.map(([a, b]) => `${x(a).toFixed(1)} ${y(b).toFixed(1)}`).join(" L")}` }));
      if (line.points.length <= 40) {
        for (const [a, b] of line.points) group.append(svg("circle", { cx: x(a).toFixed(1), cy: y(b).toFixed(1), r: 2.6 }));
      }
      if (placed.length <= LABELLED || line.style === "joint") {
        const [a, b] = line.points[line.points.length - 1];
        group.append(svg("line", { class: "leader", x1: x(a) + 4, y1: y(b), x2: WIDTH - RIGHT + 8, y2: heights[at] - 4 }),
          svg("text", { x: WIDTH - RIGHT + 11, y: heights[at] }, short(line.name)));
      }
      picture.append(group);
    });
    return [make("figcaption", {}, title), picture];
  }

  function decimal(value, step) {
    if (step === undefined) return value.toFixed(4);
    return value.toFixed(Math.min(8, Math.max(0, Math.ceil(-Math.log10(step) + 1e-9) + (String(step).includes("25") ? 1 : 0))));
  }

  // ---- The parts of the page ----

  const TONES = {
    approved: "good", pending: "fair", invited: "fair", revoked: "bad", left: "", unknown: "bad",
    running: "good", completed: "good", ordered: "fair", waiting: "fair", stopping: "fair", interrupted: "fair", stopped: "", failed: "bad",
  };
  const WORDS = { unknown: "not known", pending: "waits for approval", ordered: "is being started", waiting: "waits for sites" };
  const word = (state) => WORDS[state] || state;

  function drawFigures() {
    const figure = (value, name) => make("li", {}, make("b", {}, value), " ", make("span", {}, name));
    const data = [found.sites.map((site) => [site.state, site.online]), found.runs[0] || null];
    draw("figures", data, () => {
      const approved = found.sites.filter((site) => site.state === "approved");
      const online = approved.filter((site) => site.online);
      const told = approved.some((site) => site.online !== null);
      const newest = found.runs[0];
      const figures = [figure(`${approved.length} of ${found.sites.length}`, "sites are approved")];
      if (told) figures.push(figure(`${online.length} of ${approved.length}`, "approved sites are connected"));
      if (newest) {
        figures.push(figure(newest.of === null ? String(newest.round) : `${newest.round} of ${newest.of}`, `rounds of ${newest.name} (${word(newest.state)})`));
        figures.push(figure(loss(newest.loss), "validation loss, newest round"));
        if (newest.sent_bytes !== null || newest.received_bytes !== null) {
          figures.push(figure(size((newest.sent_bytes || 0) + (newest.received_bytes || 0)), `moved by ${newest.name}`));
        }
      }
      return figures;
    });
  }

  function siteRow(site) {
    const differs = site.version && site.version !== found.version;
    const since = site.state === "pending" ? site.joined : site.state === "approved" ? site.approved : site.ended || site.invited;
    const state = make("td", { class: "short nowrap" }, badge(word(site.state), TONES[site.state]));
    if (since) state.append(make("span", { class: "below" }, "since ", when(since)));
    const version = make("td", { class: "short" }, site.version || DASH);
    if (differs) version.append(make("span", { class: "below" }, `the coordinator has ${found.version}`));
    const online = site.online === null ? DASH : site.online ? badge("connected", "good") : badge("not connected", site.state === "approved" ? "bad" : "");
    const part = make("td", { class: "short" }, site.run ? `${site.took_part} of ${site.run}` : DASH);
    if (site.left_out) part.append(make("span", { class: "below" }, `left out of ${site.left_out}`));
    return make("tr", {}, make("th", { scope: "row" }, site.name), state, make("td", {}, online), version,
      make("td", {}, when(site.seen)), part,
      make("td", { class: "number" }, loss(site.loss), ...(site.loss === null ? [] : [make("span", { class: "below" }, `round ${site.loss_round}`)])),
      make("td", { class: "reason" }, site.reason_round === null ? DASH : `Round ${site.reason_round}: ${site.reason}`));
  }

  function runRow(one) {
    const state = make("td", {}, badge(word(one.state), TONES[one.state]));
    const notes = [one.cause, one.silent ? "Nothing has been heard of it for longer than a round may take." : "",
      one.damaged ? `${one.damaged} of its files cannot be read.` : ""].filter(Boolean);
    for (const note of notes) state.append(make("span", { class: "below" }, note));
    const name = make("button", { type: "button", class: "name", id: `show-${one.name}`, "aria-pressed": String(one.name === chosen),
      click: () => { choose(one.name); byId("run").scrollIntoView(); } }, one.name);
    const stop = make("td", {});
    if (found.whole && ["ordered", "running", "waiting", "interrupted"].includes(one.state)) {
      stop.append(make("button", { type: "button", id: `stop-${one.name}`, click: () => askToStop(one.name) }, "Stop",
        make("span", { class: "unseen" }, ` ${one.name}`)));
    }
    return make("tr", { class: one.name === chosen ? "chosen" : null }, make("th", { scope: "row" }, name), state,
      cell(one.of === null ? String(one.round) : `${one.round} of ${one.of}`, "number"), cell(loss(one.loss), "number"),
      make("td", {}, when(one.started || one.first)), make("td", {}, when(one.last)),
      cell(size(one.sent_bytes), "number"), cell(size(one.received_bytes), "number"), stop);
  }

  function releaseRow(one) {
    const use = make("td", {}, one.in_use ? badge("in use", "good") : one.last || DASH);
    if (one.problem) use.append(make("span", { class: "below" }, one.problem));
    return make("tr", {}, make("th", { scope: "row" }, make("code", {}, one.id)), use, cell(one.direction, "nowrap"),
      cell(one.run && `${one.run}, round ${one.round}`, "nowrap"), make("td", {}, one.parent ? make("code", {}, one.parent) : "none"),
      cell(one.rank === null ? "" : String(one.rank), "number"), cell(loss(one.loss), "number"), make("td", {}, when(one.created)));
  }

  function list(id, lines) {
    byId(id).hidden = !lines.length;
    draw(id, lines, () => lines.map((line) => make("li", {}, line)));
  }

  function drawSnapshot() {
    document.title = `${found.federation || "A federation"} – fedtranslate`;
    drawFigures();
    list("problems", found.problems);
    draw("site-rows", [found.version, found.sites], () => found.sites.length ? found.sites.map(siteRow)
      : [empty(8, "No site has been invited yet: fedtranslate coordinator invite NAME.")]);
    draw("run-rows", [found.whole, chosen, found.runs], () => found.runs.length ? found.runs.map(runRow)
      : [empty(9, "No run has been started yet: fedtranslate federate start RUN.toml.")]);
    byId("releases-part").hidden = !found.releases.length;
    byId("no-releases").hidden = found.releases.length > 0;
    draw("release-rows", found.releases, () => found.releases.map(releaseRow));
    draw("journal-run", found.runs.map((one) => one.name), () => {
      const before = byId("journal-run").value;
      const options = ["", ...found.runs.map((one) => one.name)];
      return options.map((name) => make("option", { value: name, selected: name === before }, name || "everything"));
    });
    byId("forget").hidden = !token();
    byId("token-why").hidden = found.whole;
  }

  function drawRun() {
    byId("run-part").hidden = run === null;
    byId("run-title").textContent = run === null ? "No run is chosen" : `Run ${run.name}`;
    if (run === null) { draw("lineage-rows", null, () => [empty(5, "No run is chosen.")]); return; }
    const fact = (name, value) => value ? [make("div", {}, make("dt", {}, name), make("dd", {}, value))] : [];
    draw("facts", [run.state, run.source, run.target, run.method, run.robust, run.formats, run.base, run.sites], () => [
      ...fact("State", badge(word(run.state), TONES[run.state])), ...fact("Translates", run.source && `${run.source} to ${run.target}`),
      ...fact("Method", run.method), ...fact("Robust rule", run.robust), ...fact("Numbers travel as", run.formats), ...fact("Base model", run.base), ...fact("Sites", String(run.sites))]);
    list("run-problems", run.problems);
    const lines = run.by_site.map((site, at) => ({ name: site.name, style: `line-${at % 8 + 1}`, values: site.losses }));
    lines.push({ name: "all sites", style: "joint", values: run.losses });
    draw("loss-chart", [run.numbers, lines], () => chart("Validation loss by round", run.numbers, lines, decimal, false));
    const sum = (values) => values.every((value) => value === null) ? null : values.reduce((a, b) => a + (b || 0), 0);
    const received = run.numbers.map((_, at) => sum(run.by_site.map((site) => site.received[at])));
    const moved = (values) => values.map((value, at) => run.numbers[at] ? value : null); // nothing moves before round 1
    const traffic = [{ name: "to sites", style: "line-1", values: moved(run.sent) }, { name: "from sites", style: "line-2", values: moved(received) }];
    draw("traffic-chart", [run.numbers, traffic], () => chart("Traffic by round", run.numbers, traffic,
      (value, step) => step === undefined ? size(value) : size(value).replace(".0 ", " "), true));
    drawGrids(received);
    const out = run.by_site.flatMap((site) => site.left_out.map((one) => ({ ...one, site: site.name })))
      .sort((a, b) => b.round - a.round || a.site.localeCompare(b.site));
    byId("none-left-out").hidden = out.length > 0;
    byId("left-out-part").hidden = !out.length;
    draw("left-out-rows", [showsAll, out], () => (showsAll ? out : out.slice(0, 4 * SHOWN_ROUNDS)).map((one) =>
      make("tr", {}, cell(String(one.round), "number"), make("td", {}, one.site), make("td", { class: "reason" }, one.reason))));
    drawWeighing(run.weighing);
  }

  function drawWeighing(found) {
    byId("worth-part").hidden = found === null;
    if (found === null) return;
    byId("worth-said").textContent = [`Round ${found.round}.`, found.summary, found.caution, found.warning].filter(Boolean).join(" ");
    byId("worth-table").hidden = !found.worth.length;
    draw("worth-rows", found.worth, () => found.worth.map((one) => make("tr", {}, make("th", { scope: "row" }, one.site),
      cell(`${one.value < 0 ? "−" : "+"}${Math.abs(one.value).toFixed(4)}`, "number"), cell(loss(one.error), "number"))));
  }

  function drawGrids(received) {
    const places = run.numbers.map((_, at) => at).reverse();
    const shown = showsAll ? places : places.slice(0, SHOWN_ROUNDS);
    byId("all-rounds").hidden = showsAll || places.length <= SHOWN_ROUNDS;
    const head = (first, last) => [make("tr", {}, ...[first, ...run.by_site.map((site) => site.name), last].map((name) => make("th", { scope: "col" }, name)))];
    const grid = (values, all) => shown.length ? shown.map((at) => make("tr", {}, make("th", { scope: "row" }, String(run.numbers[at])),
      ...run.by_site.map((site) => make("td", {}, values(site, at))), make("td", { class: "joint" }, all(at))))
      : [empty(run.by_site.length + 2, "No round is finished yet.")];
    const sites = run.by_site.map((site) => site.name);
    const out = (site, at) => site.left_out.some((one) => one.round === run.numbers[at]);
    draw("score-head", sites, () => head("Round", "All sites"));
    draw("score-rows", [shown, run.numbers, run.losses, run.by_site.map((site) => [site.losses, site.left_out])], () =>
      grid((site, at) => site.losses[at] === null && out(site, at) ? "left out" : loss(site.losses[at]), (at) => loss(run.losses[at])));
    draw("traffic-head", sites, () => head("Round", "From all sites"));
    draw("traffic-rows", [shown, run.numbers, run.by_site.map((site) => [site.received, site.left_out])], () =>
      grid((site, at) => out(site, at) ? "left out" : site.received[at] === null ? DASH : size(site.received[at]), (at) => received[at] === null ? DASH : size(received[at])));
    draw("lineage-rows", [shown, run.adapters, run.losses], () => shown.length ? shown.map((at) => {
      const one = run.adapters[at];
      const mark = (sum) => make("code", { title: sum }, sum.slice(0, 16));
      return make("tr", {}, cell(String(one.round), "number"), make("td", {}, one.checksum ? mark(one.checksum) : DASH),
        make("td", {}, one.parent ? mark(one.parent) : one.round ? DASH : "the start"),
        cell(one.rank === null ? "" : String(one.rank), "number"), cell(loss(run.losses[at]), "number"));
    }) : [empty(5, "No round is finished yet.")]);
  }

  function drawEvents(newFrom = Infinity) {
    const wanted = byId("journal-run").value;
    const shown = wanted ? events.filter((event) => event.run === wanted) : events;
    byId("earlier").hidden = !events.length || events[events.length - 1].number <= 1 || events.length >= MOST_EVENTS;
    draw("event-rows", [wanted, shown.map((event) => [event.number, event.text])], () => shown.length ? shown.map((event) =>
      make("tr", { class: event.number > newFrom ? "new" : null }, make("td", {}, when(event.time)), make("td", {}, event.run || event.site || DASH),
        make("td", {}, badge(event.kind, TONES[event.kind] || "")), cell(event.round ? String(event.round) : "", "number"),
        make("td", { class: "reason" }, event.text || DASH)))
      : [empty(5, "Nothing has happened yet.")]);
  }

  // ---- Asking ----

  const token = () => sessionStorage.getItem(KEY) || "";

  async function ask(path, options = {}) {
    const headers = { ...options.headers };
    if (token()) headers.Authorization = `Bearer ${token()}`;
    const answer = await fetch(path, { ...options, headers });
    if (answer.status === 304) return { answer, values: null };
    const values = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(values.error || `The coordinator answered ${answer.status}.`), { status: answer.status });
    return { answer, values };
  }

  function mergeEvents(next) {
    const newest = events.length ? events[0].number : 0;
    const fresh = next.events.filter((event) => event.number > newest);
    const joins = next.events.length && next.events[next.events.length - 1].number <= newest + 1;
    if (found === null || found.start !== next.start || found.whole !== next.whole || !joins) events = next.events;
    else events = [...fresh, ...events].slice(0, MOST_EVENTS);
    return found === null ? Infinity : newest;
  }

  let mark = null, asking = null, asksAgain = false;
  function refresh() { // one question at a time; who comes meanwhile waits for one more
    if (asking) { asksAgain = true; return asking; }
    asking = askForAll().finally(() => {
      asking = null;
      if (asksAgain) refresh().catch(lost); // it failed, and somebody waits
    });
    return asking;
  }

  async function askForAll() {
    try {
      do {
        asksAgain = false;
        const { answer, values } = await ask("api/snapshot", { headers: mark ? { "If-None-Match": mark } : {} });
        if (values === null) continue;
        const newFrom = mergeEvents(values);
        const before = JSON.stringify(found && [found.whole, found.start, found.runs.find((one) => one.name === chosen)]);
        mark = answer.headers.get("ETag");
        found = values;
        clockAhead = values.time * 1000 - Date.now();
        if (!found.runs.some((one) => one.name === chosen)) chosen = found.runs.length ? found.runs[0].name : "";
        drawSnapshot();
        drawEvents(newFrom);
        const after = JSON.stringify([found.whole, found.start, found.runs.find((one) => one.name === chosen)]);
        if (before !== after || (run && run.name) !== (chosen || null)) await refreshRun();
      } while (asksAgain);
    } catch (error) {
      mark = null; // not all of the last answer may be on the page
      if (error.status === 401) forget("The token is wrong, or is not that of this page any more.");
      if (error.status === 429) forget(error.message);
      throw error;
    }
  }

  async function refreshRun() {
    const name = chosen;
    const values = name ? await ask(`api/runs/${encodeURIComponent(name)}`).then((told) => told.values, (error) => {
      if (error.status === 404) return null; // it went away meanwhile
      throw error;
    }) : null;
    if (name === chosen) { run = values; drawRun(); }
  }

  function choose(name) {
    if (name !== chosen) showsAll = false;
    chosen = name;
    history.replaceState(null, "", `?run=${encodeURIComponent(name)}`);
    drawSnapshot();
    refreshRun().catch(lost);
  }

  // ---- Staying up to date ----

  let source = null, heard = Date.now(), again = null;

  function say(state, words) {
    const pill = byId("connection");
    pill.className = `badge ${state === "live" ? "good live" : state === "asking" ? "fair" : "bad"}`;
    if (pill.textContent !== words) pill.textContent = words;
  }
  const lost = () => { if (!source || source.readyState !== EventSource.OPEN) say("lost", "Connection lost, trying again"); };

  function listen() {
    clearTimeout(again);
    if (source) source.close();
    source = new EventSource("api/stream");
    const current = source;
    source.onopen = () => {
      heard = Date.now();
      refresh().then(() => say("live", "Live"), () => say("lost", "Connection lost, trying again"));
    };
    source.onerror = () => {
      lost();
      if (current.readyState === EventSource.CLOSED) again = setTimeout(listen, 3000);
    };
    source.addEventListener("beat", () => { heard = Date.now(); });
    source.addEventListener("change", () => {
      heard = Date.now();
      refresh().then(() => say("live", "Live"), lost);
    });
  }

  setInterval(() => {
    if (source.readyState === EventSource.OPEN) {
      if (Date.now() - heard > SILENT_SECONDS * 1000) { lost(); listen(); }
      return;
    }
    refresh().then(() => {
      if (source.readyState !== EventSource.OPEN) say("asking", `No live updates; asking every ${ASK_SECONDS} seconds`);
    }, lost);
  }, ASK_SECONDS * 1000);

  // ---- The token, and what needs it ----

  function forget(words) {
    sessionStorage.removeItem(KEY);
    mark = null;
    byId("token-said").textContent = words;
  }

  byId("token-form").addEventListener("submit", (submitted) => {
    submitted.preventDefault();
    sessionStorage.setItem(KEY, byId("token").value.trim());
    byId("token").value = "";
    mark = null;
    refresh().then(() => {
      if (found.whole) byId("token-said").textContent = "Unlocked: texts are shown in full, and runs can be stopped.";
    }, () => { refresh().catch(lost); });
  });
  byId("forget").addEventListener("click", () => { forget("The token is forgotten."); refresh().catch(lost); });

  let toStop = "";
  function askToStop(name) {
    toStop = name;
    byId("confirm-title").textContent = `Stop the run ${name}?`;
    byId("confirm-said").textContent = "";
    byId("confirm").showModal();
  }
  byId("confirm-no").addEventListener("click", () => byId("confirm").close());
  byId("confirm-yes").addEventListener("click", () => {
    ask(`api/runs/${encodeURIComponent(toStop)}/stop`, { method: "POST" }).then(() => {
      byId("confirm").close();
      refresh().catch(lost);
    }, (error) => { byId("confirm-said").textContent = error.message; });
  });

  byId("all-rounds").addEventListener("click", () => { showsAll = true; drawRun(); });
  byId("journal-run").addEventListener("change", () => drawEvents());
  byId("earlier").addEventListener("click", () => {
    const oldest = events[events.length - 1].number;
    const only = byId("journal-run").value;
    ask(`api/events?before=${oldest}&limit=200`).then(({ values }) => {
      if (values.start === found.start) { events = [...events, ...values.events].slice(0, MOST_EVENTS); drawEvents(); }
      if (!values.events.length) byId("earlier").hidden = true;
      if (only && byId("journal-run").value !== only) drawEvents();
    }, lost);
  });

  drawRun();
  listen();
})();
