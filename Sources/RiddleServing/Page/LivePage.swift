/// The live page: one document with its style sheet, its script and its drawings inside. It asks nobody but the server that it came from.
///
/// Whatever comes from the server is set as text, never as markup.
public enum LivePage {
  /// The document.
  public static var html: String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <title>Riddle, live</title>
    <link rel="icon" href="data:,">
    <style>\(style)</style>
    </head>
    <body>
    \(body)<script>\(script)</script>
    </body>
    </html>

    """
  }

  /// What is inside `style`: a security policy names its hash.
  public static let style = #"""
    :root{color-scheme:light dark;--bg:#fcfbf8;--ink:#1f2328;--soft:#5a616b;--line:#dcd9d1;--faint:#f3f1eb;--accent:#0b6a72;--alarm:#a3341f;
    --serif:"Iowan Old Style","Palatino Linotype",Palatino,"Book Antiqua",Georgia,serif;
    --sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
    --mono:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
    @media(prefers-color-scheme:dark){:root{--bg:#15181b;--ink:#e6e4de;--soft:#a3a9b1;--line:#343a40;--faint:#1d2125;--accent:#62c6c9;--alarm:#f0907c}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.6 var(--sans);font-variant-numeric:tabular-nums lining-nums}
    main,header,footer{max-width:68rem;margin:0 auto;padding:0 1.75rem}
    header{padding-top:2.25rem}footer{padding:2.5rem 1.75rem 3.5rem;color:var(--soft);font-size:.875rem}
    h1,h2{font-family:var(--serif);font-weight:600;line-height:1.25;margin:0}
    h1{font-size:1.15rem;color:var(--soft);overflow-wrap:anywhere}
    h2{font-size:1.4rem;margin:2.75rem 0 .35rem}
    p{margin:.35rem 0 .75rem;max-width:46rem;text-wrap:pretty}
    [hidden]{display:none!important}
    .top{display:flex;flex-wrap:wrap;gap:.35rem 1.5rem;align-items:baseline;justify-content:space-between}
    .lead,.note{color:var(--soft)}.note{font-size:.875rem}
    .verdict{font:500 1.6rem/1.4 var(--serif);max-width:54rem;margin:1rem 0 .5rem;overflow-wrap:anywhere;text-wrap:pretty}
    .state{font-size:.875rem;color:var(--soft);display:inline-flex;gap:.5rem;align-items:center}
    .state::before{content:"";width:.6rem;height:.6rem;border-radius:50%;border:2px solid var(--soft)}
    .state.on::before{background:var(--accent);border-color:var(--accent)}
    .state.off{color:var(--alarm);font-weight:600}.state.off::before{border-color:var(--alarm)}
    code{font:.875em/1.6 var(--mono);overflow-wrap:anywhere}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(10.5rem,1fr));gap:1.25rem 1.5rem;margin:1.25rem 0 0}
    .figures div{border-top:2px solid var(--ink);padding-top:.5rem}
    .figures dt{font-size:.875rem;color:var(--soft)}.figures dd{margin:0}
    .figures .big,.figures .why{display:block}.figures .big{font:500 1.8rem/1.25 var(--serif)}.figures .why{font-size:.875rem;line-height:1.45;color:var(--soft)}
    .figures .hot{color:var(--alarm)}
    svg{display:block;width:100%;font:12px var(--sans);font-variant-numeric:tabular-nums;overflow:visible}
    svg text{fill:var(--soft)}svg .noise{fill:var(--ink)}.grid{stroke:var(--line)}.axis{stroke:var(--soft)}
    .share{fill:var(--accent)}.share.gone{fill:var(--soft)}.volume{fill:var(--soft);fill-opacity:.55}
    .line{fill:none;stroke:var(--accent);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
    .line.slow{stroke:var(--ink);stroke-width:1.25;stroke-dasharray:6 3}
    .dot{fill:var(--accent);stroke:var(--bg);stroke-width:1.5}.dot.slow{fill:var(--ink)}
    .bar{fill:var(--accent);fill-opacity:.6}.bar.hot{fill:var(--alarm);fill-opacity:.85}
    .limit{stroke:var(--alarm);stroke-dasharray:5 4}.mark{stroke:var(--ink);stroke-dasharray:2 3}.mark.bad{stroke:var(--alarm)}
    svg .marked{fill:var(--ink);font-weight:600}svg .halo{paint-order:stroke;stroke:var(--bg);stroke-width:4px;stroke-linejoin:round}
    figure{margin:1rem 0 .5rem}
    .legend{display:flex;flex-wrap:wrap;gap:.25rem 1.4rem;list-style:none;padding:0;margin:.5rem 0 0;font-size:.875rem}
    .legend li{display:flex;align-items:center;gap:.5rem;overflow-wrap:anywhere}.legend svg{width:28px;height:14px;flex:none}
    table{border-collapse:collapse;width:100%;font-size:.9375rem;line-height:1.4;margin:.75rem 0}
    th,td{padding:.4rem .65rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
    th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
    thead th{border-bottom:1.5px solid var(--ink);font-weight:600;font-size:.875rem;vertical-align:bottom}
    .text{text-align:left}tbody th{font-weight:500;text-align:left;overflow-wrap:anywhere}
    td .more{display:block;font-size:.8125rem;color:var(--soft);overflow-wrap:anywhere}
    td.name{font-weight:600;overflow-wrap:anywhere}td .more{font-weight:400}td .more.bad{color:var(--alarm)}td.took,td.when{white-space:nowrap}.day{white-space:nowrap}.bad{color:var(--alarm)}
    .row{display:flex;flex-wrap:wrap;gap:.5rem 1.25rem;align-items:baseline;justify-content:space-between}
    button,input{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--soft);border-radius:.3rem;padding:.3rem .8rem}
    button{cursor:pointer}button[aria-pressed=true]{background:var(--ink);color:var(--bg)}
    a:focus-visible,button:focus-visible,input:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
    form,.empty,noscript p{border-left:4px solid var(--accent);background:var(--faint);padding:1rem 1.25rem;margin:1.25rem 0;max-width:46rem}
    form{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center}form input{flex:1 1 12rem;min-width:0}form p{flex:1 0 100%;margin:0}
    @media(max-width:46rem){main,header{padding-left:1rem;padding-right:1rem}footer{padding-left:1rem;padding-right:1rem}
    header{padding-top:1.25rem}.verdict{font-size:1.3rem}.figures{grid-template-columns:1fr 1fr;gap:1rem}.figures .big{font-size:1.45rem}
    .shares .extra{display:none}th,td{padding:.4rem .35rem}#money th{overflow-wrap:normal}
    .list thead{position:absolute;left:-99rem}.list,.list tbody{display:block}
    .list tr{display:flex;flex-wrap:wrap;gap:.1rem .75rem;align-items:baseline;border-bottom:1px solid var(--line);padding:.55rem 0}
    .list td{border:0;padding:0;text-align:left}.list td.name{order:1}.list td.when{order:2;color:var(--soft)}.list td.took{order:3;margin-left:auto}
    .list td.why{order:4;flex:1 0 100%}.list td.num .more,.list td.name .more{display:inline;margin-left:.4em}.list td.num{order:5;font-size:.8125rem;color:var(--soft)}.list td.num:empty{display:none}
    .list td[data-label]::before{content:attr(data-label) " "}}
    @media(prefers-reduced-motion:no-preference){.state.on::before{transition:opacity .3s}.state.beat::before{opacity:.35}}

    """#

  /// What is inside `script`: a security policy names its hash.
  public static let script = #"""
    "use strict";
    const at = id => document.getElementById(id);
    const space = "http://www.w3.org/2000/svg";
    function draw(parent, name, attributes, text) {
      const item = document.createElementNS(space, name);
      for (const key in attributes) item.setAttribute(key, attributes[key]);
      if (text !== undefined) item.textContent = text;
      parent.append(item);
      return item;
    }
    function make(parent, name, kind, text) {
      const item = document.createElement(name);
      if (kind) item.className = kind;
      if (text !== undefined) item.textContent = text;
      parent.append(item);
      return item;
    }
    function say(id, text, isShown = true) {
      const item = at(id);
      if (item.textContent !== text) item.textContent = text;
      item.hidden = !isShown;
    }

    // Numbers in words.
    const whole = n => Math.round(n).toString().replace(/\B(?=(\d{3})+$)/g, ",");
    const percent = x => (100 * x).toFixed(Math.abs(x) < 0.0995 || Math.abs(x) > 0.9905 && x !== 1 ? 1 : 0) + "%";
    function span(ns) {
      if (ns === null) return "–";
      for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]])
        if (ns >= size) { const n = ns / size; return (n >= 100 ? n.toFixed(0) : n >= 10 ? n.toFixed(1) : n.toFixed(2)) + " " + unit; }
      return "< 1 µs";
    }
    function dollars(nano) {
      const n = nano / 1e9, size = Math.abs(n);
      const digits = size >= 1000 || size === 0 ? 0 : size >= 1 ? 2 : size >= 0.01 ? 4 : 6;
      const text = size.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
      return (n < 0 ? "−" : "") + "$" + text;
    }
    const signed = x => (x < 0 ? "−" : "") + Math.abs(x).toFixed(2);
    const clock = (ms, seconds = true) => new Date(ms).toISOString().slice(11, seconds ? 19 : 16);
    // With hyphens that no line breaks at.
    const day = ms => new Date(ms).toISOString().slice(0, 10).replaceAll("-", "\u2011");
    const strength = (index, count) => count < 2 ? 1 : 0.25 + 0.75 * index / (count - 1);

    // Charts: as wide as the page is, so that their letters keep their size.
    function chart(id, height, left) {
      const svg = at(id);
      const width = Math.max(280, svg.parentNode.clientWidth);
      svg.replaceChildren();
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.setAttribute("height", height);
      return { svg, left, right: width - 4, x: minutes => left + (width - 4 - left) * (1 - minutes / 60) };
    }
    function hours(c, bottom, now, loads) {
      draw(c.svg, "line", { class: "axis", x1: c.left, x2: c.right, y1: bottom, y2: bottom });
      const step = c.right - c.left > 560 ? 10 : 20;
      for (let minutes = 60; minutes >= 0; minutes -= step)
        draw(c.svg, "text", { x: c.x(minutes), y: bottom + 17, "text-anchor": minutes === 0 ? "end" : minutes === 60 ? "start" : "middle" }, minutes === 0 ? "now" : clock(now - minutes * 6e4, false));
      for (const load of loads) {
        const minutes = (now - load.time_ms) / 6e4;
        if (minutes < 0 || minutes > 60) continue;
        const line = draw(c.svg, "line", { class: load.version === null ? "mark bad" : "mark", x1: c.x(minutes), x2: c.x(minutes), y1: 4, y2: bottom });
        draw(line, "title", {}, `${load.version === null ? "load failed" : "loaded " + load.version} ${clock(load.time_ms)}`);
      }
    }
    function shares(s) {
      const c = chart("shares", 210, 42), top = 48, bottom = 184;
      const minutes = new Map();
      for (const [age, , , , , ...counts] of s.slots) {
        const minute = Math.floor(age * s.slot_seconds / 60), sums = minutes.get(minute) ?? counts.map(() => 0);
        minutes.set(minute, sums.map((n, i) => n + counts[i]));
      }
      const totals = [...minutes.values()].map(m => m.reduce((a, b) => a + b, 0)), most = Math.max(1, ...totals);
      for (const part of [0, 0.5, 1]) {
        const y = bottom - part * (bottom - top);
        draw(c.svg, "line", { class: "grid", x1: c.left, x2: c.right, y1: y, y2: y });
        draw(c.svg, "text", { x: c.left - 8, y: y + 4, "text-anchor": "end" }, 100 * part + "%");
      }
      const width = (c.right - c.left) / 60;
      for (const [minute, counts] of minutes) {
        const total = counts.reduce((a, b) => a + b, 0), x = c.x(minute + 1) + 0.5;
        if (total === 0) continue;
        const high = Math.max(1, 34 * total / most);
        draw(draw(c.svg, "rect", { class: "volume", x, y: 38 - high, width: width - 1, height: high }), "title", {}, whole(total) + " requests");
        let y = bottom;
        counts.forEach((n, i) => {
          const own = n / total * (bottom - top);
          if (n === 0) return;
          y -= own;
          const bar = draw(c.svg, "rect", { class: s.candidates[i].is_current ? "share" : "share gone", "fill-opacity": strength(i, counts.length), x, y, width: width - 1, height: own });
          draw(bar, "title", {}, `${s.candidates[i].name}: ${percent(n / total)} of ${whole(total)}`);
        });
      }
      draw(c.svg, "text", { x: c.left - 8, y: 16, "text-anchor": "end" }, whole(most));
      hours(c, bottom, s.time_ms, s.loads);
      const legend = at("shares-legend");
      legend.replaceChildren();
      s.candidates.forEach((candidate, i) => {
        const item = make(legend, "li"), key = draw(item, "svg", { viewBox: "0 0 28 14", "aria-hidden": "true" });
        draw(key, "rect", { class: candidate.is_current ? "share" : "share gone", "fill-opacity": strength(i, s.candidates.length), width: 28, height: 14 });
        make(item, "span", "", candidate.name);
      });
    }
    function times(id, s, column) {
      const points = s.slots.filter(slot => slot[column] !== null);
      if (points.length === 0) return;
      const c = chart(id, 170, 62), top = 10, bottom = 144;
      const values = points.flatMap(slot => [slot[column], slot[column + 1]]);
      const low = Math.floor(Math.log10(Math.min(...values))), high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
      const y = ns => bottom - (Math.log10(ns) - low) / (high - low) * (bottom - top);
      for (let power = low; power <= high; power++) {
        draw(c.svg, "line", { class: "grid", x1: c.left, x2: c.right, y1: y(10 ** power), y2: y(10 ** power) });
        const text = power < 3 ? 10 ** power + " ns" : power < 6 ? 10 ** (power - 3) + " µs" : power < 9 ? 10 ** (power - 6) + " ms" : 10 ** (power - 9) + " s";
        draw(c.svg, "text", { x: c.left - 8, y: y(10 ** power) + 4, "text-anchor": "end" }, text);
      }
      const x = age => c.x((age + 0.5) * s.slot_seconds / 60);
      for (const [offset, kind] of [[1, " slow"], [0, ""]]) {
        let run = [];
        const end = () => {
          if (run.length === 1) draw(c.svg, "circle", { class: "dot" + kind, cx: run[0][0], cy: run[0][1], r: 3 });
          else if (run.length > 1) draw(c.svg, "polyline", { class: "line" + kind, points: run.map(p => p[0].toFixed(1) + "," + p[1].toFixed(1)).join(" ") });
          run = [];
        };
        let before = null;
        for (const slot of points) {
          if (before !== null && before - slot[0] > 3) end();
          run.push([x(slot[0]), y(slot[column + offset])]);
          before = slot[0];
        }
        end();
      }
      hours(c, bottom, s.time_ms, s.loads);
    }
    function drift(s) {
      const d = s.drift, c = chart("drift", 170, 42), top = 14, bottom = 144;
      const most = Math.max(0.35, ...d.parts.map(p => p[1] * 1.1)), y = value => bottom - value / most * (bottom - top);
      for (const [start, value] of d.parts) {
        const from = Math.min(60, (s.time_ms - start) / 6e4), to = Math.max(0, (s.time_ms - start) / 6e4 - 5);
        if (from <= to) continue;
        const bar = draw(c.svg, "rect", { class: value >= 0.25 ? "bar hot" : "bar", x: c.x(from) + 1, width: Math.max(1, c.x(to) - c.x(from) - 2), y: y(value), height: bottom - y(value) });
        draw(bar, "title", {}, `${clock(start, false)}: ${value.toFixed(3)}`);
      }
      for (const [value, text] of [[0.1, "0.1, somewhat"], [0.25, "0.25, much"]]) {
        draw(c.svg, "line", { class: "limit", x1: c.left, x2: c.right, y1: y(value), y2: y(value) });
        draw(c.svg, "text", { class: "halo", x: c.left + 6, y: y(value) - 5 }, text);
        draw(c.svg, "text", { x: c.left - 8, y: y(value) + 4, "text-anchor": "end" }, value);
      }
      if (d.noise !== null && d.noise < most) {
        draw(c.svg, "line", { class: "axis", "stroke-dasharray": "1 4", x1: c.left, x2: c.right, y1: y(d.noise), y2: y(d.noise) });
        draw(c.svg, "text", { class: "halo noise", x: (c.left + c.right) / 2, y: y(d.noise) - 5, "text-anchor": "middle" }, "reached by chance");
      }
      hours(c, bottom, s.time_ms, s.loads);
    }

    // What is in words and tables.
    const moved = d => d.psi === null ? null : d.noise !== null && d.psi <= d.noise ? "no" : d.psi >= 0.25 ? "much" : d.psi >= 0.1 ? "somewhat" : "a little";
    function saving(money) { return money.strongest_nanodollars > 0 ? money.saved_nanodollars / money.strongest_nanodollars : null; }
    function figures(s) {
      // The five whole pieces before this one, and as much of it as is over.
      const six = s.slots.filter(slot => slot[0] <= 5).reduce((sum, slot) => sum + slot.slice(5).reduce((a, b) => a + b, 0), 0);
      const seconds = Math.min(5 * s.slot_seconds + s.time_ms / 1e3 % s.slot_seconds, Math.max(1, (s.time_ms - s.started_ms) / 1e3));
      const perSecond = six / seconds, hour = s.candidates.reduce((sum, one) => sum + one.hour, 0);
      say("rate", perSecond >= 100 ? whole(perSecond) : perSecond >= 10 ? perSecond.toFixed(1) : perSecond.toFixed(2));
      say("rate-why", `over the last minute; ${whole(hour)} in the last hour`);
      const isPaid = s.money.paid.requests > 0, money = isPaid ? s.money.paid : s.money.expected, share = saving(money);
      say("saved-name", isPaid ? "Saved by the gateway" : "Saved, an estimate");
      say("saved", share === null ? "unknown" : percent(share));
      say("saved-why", share === null ? "no costs in the router's file" : `${dollars(money.saved_nanodollars)} since the start, against always asking the strongest`);
      const time = s.latency_hour.deciding;
      at("took").parentNode.previousElementSibling.textContent = time.requests > 0 || s.answers + s.failures === 0 ? "Half decided within" : "Half answered within";
      const shown = time.requests > 0 || s.answers + s.failures === 0 ? time : s.latency_hour.answering;
      say("took", span(shown.p50_ns));
      say("took-why", shown.requests > 0 ? `95% ${span(shown.p95_ns)}, 99% ${span(shown.p99_ns)}, in the last hour` : "nothing in the last hour");
      const d = s.drift, word = moved(d);
      say("psi", d.psi === null ? "–" : d.psi.toFixed(3));
      at("psi").classList.toggle("hot", word === "much" || word === "somewhat");
      say("psi-why", word === null ? d.reference < d.wanted ? `${whole(d.reference)} of ${whole(d.wanted)} for the reference` : "too few to compare"
        : word === "no" ? "no more than chance does" : `moved ${word}`);
      return { hour, share, isPaid, word };
    }
    function headline(s, f) {
      const count = (n, one, many) => n === 0 ? [] : [n === 1 ? one : `${whole(n)} ${many}`];
      const parts = [[...count(s.decisions, "One decision", "decisions"), ...count(s.answers + s.failures, "one request through the gateway", "requests through the gateway")].join(" and ")];
      const top = s.candidates.reduce((a, b) => b.hour > a.hour ? b : a, s.candidates[0]);
      if (top && f.hour > 0) parts.push(`${top.name} got ${percent(top.hour / f.hour)} of the last hour’s`);
      if (f.share !== null) parts.push(`${percent(f.share)} saved` + (f.isPaid ? "" : " by estimate"));
      if (f.word !== null) parts.push(f.word === "no" ? "scores have not moved" : `scores have moved ${f.word}`);
      say("headline", parts.join("; ") + ".");
      const r = s.router;
      say("router", r === null ? "No router is loaded yet." : `${r.name}, version ${r.version}, loaded ${day(r.loaded_ms)} ${clock(r.loaded_ms)}. Serving since ${day(s.started_ms)} ${clock(s.started_ms)}. Times are UTC.`);
      say("title", r === null ? "Riddle, live" : `Riddle, live: ${r.name}`);
      document.title = r === null ? "Riddle, live" : `${r.name}, live`;
    }
    function candidates(s, hour) {
      const body = at("candidates"), hasAnswers = s.answers > 0;
      for (const head of document.querySelectorAll(".answers")) head.hidden = !hasAnswers;
      body.replaceChildren();
      for (const one of s.candidates) {
        const row = make(body, "tr"), name = make(row, "th", "", one.name);
        name.scope = "row";
        if (!one.is_current) make(name, "span", "note", " no longer served");
        make(row, "td", "", whole(one.hour));
        make(row, "td", "", hour > 0 ? percent(one.hour / hour) : "–");
        make(row, "td", "extra", whole(one.decisions));
        if (hasAnswers) make(row, "td", "extra", whole(one.answers));
        make(row, "td", "extra", one.mean_cost_nanodollars === null ? "unknown" : dollars(one.mean_cost_nanodollars));
      }
    }
    function money(s) {
      const rows = [["Decisions, last hour", s.money.expected_hour], ["Decisions, since the start", s.money.expected],
        ["Gateway, last hour", s.money.paid_hour], ["Gateway, since the start", s.money.paid]].filter(([, m]) => m.requests > 0);
      const parts = [];
      if (s.money.expected.requests > 0) parts.push("Of decisions alone this is an estimate: each costs what its candidate costs on average in the router's file, whoever asked it afterwards.");
      if (s.money.paid.requests > 0) parts.push("Of the gateway it is what was paid; the strongest candidate, where it did not answer, is counted at its average.");
      if (rows.length === 0) parts.push("The router's file says no costs, so nothing can be said of savings.");
      say("money-lead", parts.join(" "));
      at("money-table").hidden = rows.length === 0;
      const body = at("money");
      body.replaceChildren();
      for (const [title, m] of rows) {
        const row = make(body, "tr"), share = saving(m);
        make(row, "th", "", title).scope = "row";
        make(row, "td", "", dollars(m.spent_nanodollars));
        make(row, "td", "", dollars(m.strongest_nanodollars));
        make(row, "td", "", dollars(m.saved_nanodollars));
        make(row, "td", "", share === null ? "" : percent(share));
      }
    }
    let isHeld = false, newest = "";
    at("hold").addEventListener("click", () => {
      isHeld = !isHeld;
      at("hold").setAttribute("aria-pressed", isHeld);
      at("hold").textContent = isHeld ? "Held; go on" : "Hold the list";
      if (!isHeld && last) { newest = ""; list(last); }
    });
    function list(s) {
      const key = s.recent.length === 0 ? "" : s.recent[0].time_ms + s.recent[0].request_id + s.decisions + "/" + s.answers;
      if (isHeld || key === newest) return;
      newest = key;
      const body = at("list");
      body.replaceChildren();
      for (const one of s.recent) {
        const row = make(body, "tr");
        make(row, "td", "text when", clock(one.time_ms));
        const name = make(row, "td", "text name", one.candidate);
        if (one.kind !== "decision") make(name, "span", one.kind === "failure" ? "more bad" : "more", one.kind === "failure" ? "failed" : one.paid_nanodollars === null ? "answered" : "answered, " + dollars(one.paid_nanodollars));
        const why = make(row, "td", "text why", one.reason === "" || one.reason === one.stage ? one.stage : `${one.stage}: ${one.reason}`);
        if (one.features.length > 0) make(why, "span", "more", one.features.map(([feature, weight]) => `${feature} ${weight < 0 ? "−" : "+"}${Math.abs(weight).toFixed(2)}`).join(" · "));
        make(why, "span", "more", `${one.request_id} · ${one.router_version}`);
        const score = make(row, "td", "num", one.score === null ? "" : signed(one.score));
        if (one.score !== null) score.dataset.label = "score";
        if (one.threshold !== null && one.score !== null) make(score, "span", "more", `${one.score >= one.threshold ? "≥" : "<"} ${signed(one.threshold)}`);
        const probability = make(row, "td", "num", one.probability === null ? "" : one.probability.toFixed(3));
        if (one.probability !== null) probability.dataset.label = "probability";
        make(row, "td", "took", span(one.latency_ns));
      }
    }
    function show(s) {
      const isEmpty = s.decisions + s.answers + s.failures === 0;
      at("empty").hidden = !isEmpty;
      at("board").hidden = isEmpty;
      const f = figures(s);
      headline(s, f);
      at("headline").hidden = isEmpty;
      if (isEmpty) return;
      shares(s);
      candidates(s, f.hour);
      money(s);
      at("h-time").parentNode.hidden = s.latency_hour.deciding.requests + s.latency_hour.answering.requests === 0;
      at("deciding").parentNode.hidden = s.latency_hour.deciding.requests === 0;
      at("deciding").parentNode.previousElementSibling.hidden = s.latency_hour.deciding.requests === 0;
      times("deciding", s, 1);
      at("answer-time").hidden = s.latency_hour.answering.requests === 0;
      times("answering", s, 3);
      const d = s.drift;
      const compared = `Margins of the last hour against the first ${whole(Math.max(d.reference, d.wanted))} after this router was loaded; its file promises no distribution of its own. `;
      say("drift-lead", compared + (d.reference < d.wanted ? `${whole(d.reference)} are there yet.`
        : `${whole(d.compared)} compared; lines at 0.1 and 0.25. A bar is five minutes with a hundred decisions or more.`));
      at("drift").parentNode.hidden = d.reference < d.wanted;
      if (d.reference >= d.wanted) drift(s);
      list(s);
      const body = at("loads");
      body.replaceChildren();
      for (const load of [...s.loads].reverse()) {
        const row = make(body, "tr");
        make(row, "td", "text", `${day(load.time_ms)} ${clock(load.time_ms)}`);
        make(row, "td", load.version === null ? "text bad" : "text", load.version === null ? "failed: the router before it was kept" : `version ${load.version}`);
      }
      say("lost", s.lost > 0 ? `${whole(s.lost)} decisions came while this page was being read and are not counted in it.` : "");
    }

    // The stream, by fetch: an EventSource could not carry the token.
    let token = "", last = null, heard = 0;
    function state(text, kind) {
      say("state", text);
      at("state").className = "state " + kind;
    }
    async function listen(stop) {
      const reply = await fetch("/live", { headers: token === "" ? {} : { Authorization: "Bearer " + token }, cache: "no-store", signal: stop.signal });
      if (reply.status === 401) return "token";
      if (!reply.ok) return reply.status === 503 ? "busy" : "away";
      const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return "away";
        heard = Date.now();
        text += value;
        let end;
        while ((end = text.indexOf("\n\n")) >= 0) {
          const event = text.slice(0, end);
          text = text.slice(end + 2);
          if (!event.startsWith("data: ")) continue;
          last = JSON.parse(event.slice(6));
          state("live", "on");
          show(last);
        }
      }
    }
    const wait = ms => new Promise(go => setTimeout(go, ms));
    let answered = null;
    at("ask").addEventListener("submit", event => {
      event.preventDefault();
      token = at("token").value.trim();
      at("token").value = "";
      if (answered) answered();
    });
    async function run() {
      let tries = 0;
      for (;;) {
        const stop = new AbortController();
        heard = Date.now();
        // Three seconds are a heartbeat; a connection that says nothing for ten is dead.
        const watch = setInterval(() => { if (Date.now() - heard > 10000) stop.abort(); }, 1000);
        const before = last;
        let end;
        try { end = await listen(stop); } catch { end = "away"; }
        clearInterval(watch);
        if (last !== before) tries = 0;
        if (end === "token") {
          state("waiting for the token", "");
          say("wrong", "This token is not the server's.", token !== "");
          at("ask").hidden = false;
          const given = new Promise(go => { answered = go; });
          at("token").focus();
          await given;
          at("ask").hidden = true;
          state("connecting", "");
          continue;
        }
        tries += 1;
        const pause = Math.min(10, 1 + tries);
        const since = last === null ? "" : `; figures of ${clock(last.time_ms)} UTC`;
        state(end === "busy" ? `too many pages listen${since}; trying again` : `the server is away${since}; trying again`, "off");
        await wait(pause * 1000);
      }
    }
    let resized = 0;
    addEventListener("resize", () => { clearTimeout(resized); resized = setTimeout(() => { if (last) show(last); }, 150); });
    run();

    """#

  private static let body = #"""
    <header>
    <div class="top"><h1 id="title">Riddle, live</h1><span class="state" id="state" role="status">connecting</span></div>
    <noscript><p>This page draws with a script. The same numbers without one: <code>curl /live.json</code> at this server’s address,
    with the header <code>Authorization: Bearer TOKEN</code> where it asks for a token.</p></noscript>
    <form id="ask" hidden><p>This server wants its bearer token. The page keeps it until it is closed, and sends it nowhere else.</p>
    <input id="token" type="password" autocomplete="off" aria-label="Bearer token" required><button>Listen</button><p id="wrong" class="bad" role="alert" hidden></p></form>
    <p class="verdict" id="headline" hidden></p>
    <p class="lead" id="router" hidden></p>
    <p class="empty" id="empty" hidden>No decisions yet. The first one, <code>curl -d '{"input":"…"}' /v1/route</code> at this server’s address, appears here within a second.</p>
    </header>
    <main id="board" hidden>
    <dl class="figures">
    <div><dt>Requests a second</dt><dd><span class="big" id="rate"></span><span class="why" id="rate-why"></span></dd></div>
    <div><dt id="saved-name">Saved</dt><dd><span class="big" id="saved"></span><span class="why" id="saved-why"></span></dd></div>
    <div><dt>Half decided within</dt><dd><span class="big" id="took"></span><span class="why" id="took-why"></span></dd></div>
    <div><dt>Drift of scores, PSI</dt><dd><span class="big" id="psi"></span><span class="why" id="psi-why"></span></dd></div>
    </dl>
    <section aria-labelledby="h-who"><h2 id="h-who">Who is chosen</h2>
    <p class="lead">Share of each candidate, minute by minute over the last hour; above it, how many requests came.</p>
    <figure><svg id="shares" role="img" aria-label="Share of requests by candidate over the last hour; the table below has the numbers"></svg><ul class="legend" id="shares-legend"></ul></figure>
    <table class="shares"><thead><tr><th class="text" scope="col">Candidate</th><th scope="col">Last hour</th><th scope="col">Share</th>
    <th scope="col" class="extra">Decisions since start</th><th scope="col" class="extra answers">Answers since start</th><th scope="col" class="extra">Mean cost of a query</th></tr></thead><tbody id="candidates"></tbody></table>
    </section>
    <section aria-labelledby="h-money"><h2 id="h-money">Money</h2>
    <p class="lead" id="money-lead"></p>
    <table id="money-table"><thead><tr><th class="text" scope="col"></th><th scope="col">Spent</th><th scope="col">Always strongest</th><th scope="col">Saved</th><th scope="col"></th></tr></thead><tbody id="money"></tbody></table>
    </section>
    <section aria-labelledby="h-time"><h2 id="h-time">Latency</h2>
    <p class="lead">Of decisions, without HTTP, in pieces of ten seconds; right to an eighth.</p>
    <figure><svg id="deciding" role="img" aria-label="Time of decisions over the last hour"></svg></figure>
    <div id="answer-time" hidden><p class="lead">Of whole requests through the gateway, upstream included.</p>
    <figure><svg id="answering" role="img" aria-label="Time of gateway requests over the last hour"></svg></figure></div>
    <ul class="legend"><li><svg viewBox="0 0 28 14" aria-hidden="true"><line class="line" x1="1" y1="7" x2="27" y2="7"/></svg>half within</li><li><svg viewBox="0 0 28 14" aria-hidden="true"><line class="line slow" x1="1" y1="7" x2="27" y2="7"/></svg>95% within</li></ul>
    </section>
    <section aria-labelledby="h-drift"><h2 id="h-drift">Drift</h2>
    <p class="lead" id="drift-lead"></p>
    <figure><svg id="drift" role="img" aria-label="Population stability index of margins by five minutes"></svg></figure>
    </section>
    <section aria-labelledby="h-last"><div class="row"><h2 id="h-last">Last decisions</h2><button id="hold" type="button" aria-pressed="false">Hold the list</button></div>
    <p class="lead">Why each one went where it went. Texts of queries are not kept here; words that moved a score are called “a word”.</p>
    <table class="list"><thead><tr><th class="text" scope="col">Time, UTC</th><th class="text" scope="col">Candidate</th><th class="text" scope="col">Why</th>
    <th scope="col">Score</th><th scope="col">Probability</th><th scope="col">Took</th></tr></thead><tbody id="list"></tbody></table>
    </section>
    <section id="loads-part" aria-labelledby="h-loads"><h2 id="h-loads">Loads of the router</h2>
    <p class="lead">Dashed lines in the charts. A failed load changes nothing.</p>
    <table><tbody id="loads"></tbody></table></section>
    </main>
    <footer><p>Served by riddle-server; nothing is loaded from anywhere else. The numbers as JSON: <code>GET /live.json</code>; for Prometheus: <code>GET /metrics</code>. <span id="lost"></span></p></footer>

    """#
}
