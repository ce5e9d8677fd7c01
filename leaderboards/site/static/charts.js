// Redraw the charts of charts.py and scatter.py for other numbers. Texts are set as text, never as markup.
"use strict";
const leaderboard = { data: JSON.parse(document.getElementById("data").textContent) };

leaderboard.charts = (() => {
  const { tops, models } = leaderboard.data;
  const WIDTH = 120;
  // Round as Python does, ties to the even digit. With one decimal place there are ties at quarters only.
  const percent = (share) => ((400 * share) % 4 === 1 ? `${Math.floor(100 * share)}.2` : (100 * share).toFixed(1));
  const interval = (low, high) => `${percent(low)}–${percent(high)}`;
  const axisTop = (most) => tops.find((top) => most <= top + 1e-9) ?? 1;

  // Make an element with attributes and children; the prefix svg: makes an SVG element.
  function make(name, attributes = {}, ...children) {
    const element = name.startsWith("svg:")
      ? document.createElementNS("http://www.w3.org/2000/svg", name.slice(4))
      : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  }

  function bar([value, low, high], top) {
    const [x, left, right] = [value, low, high].map((share) => (WIDTH * Math.min(share / top, 1)).toFixed(1));
    return make("svg:svg", { class: "bar", viewBox: `-1 0 ${WIDTH + 2} 14`, width: WIDTH + 2, height: 14, "aria-hidden": "true" },
      make("svg:rect", { class: "val", y: 3, width: x, height: 8 }),
      make("svg:path", { class: "whisker", d: `M${left} 7H${right}M${left} 4v6M${right} 4v6` }));
  }

  // Show a score in a cell. `top` is the upper end of the bar's axis; 0 for no bar.
  function score(cell, one, top) {
    if (!one) { cell.replaceChildren(make("span", { class: "none" }, "–")); return; }
    const parts = [make("span", { class: "num" }, percent(one[0])), " ", make("span", { class: "ci" }, `[${interval(one[1], one[2])}]`)];
    cell.replaceChildren(...(top ? [bar(one, top), ...parts] : parts));
  }

  // Redraw the scatter plot for other scores; each point keeps its x.
  function scatter(scores, shown) {
    const plot = document.querySelector(".scatter");
    if (!plot) return;
    const points = [...plot.querySelectorAll(".point")];
    const visible = (node) => Boolean(scores[node.dataset.i]) && shown.has(Number(node.dataset.i));
    const highs = points.filter(visible).map((node) => scores[node.dataset.i][2]);
    const top = axisTop(Math.max(0, ...highs));
    const bottom = Number(plot.dataset.y0);
    const y = (share) => bottom - Number(plot.dataset.height) * Math.min(share / top, 1);
    axis(plot.querySelector(".y-axis"), top, y);
    const taken = [];
    for (const node of points) {
      node.classList.toggle("away", !visible(node));
      if (!visible(node)) continue;
      const [value, low, high] = scores[node.dataset.i];
      node.querySelector(".whisker").setAttribute("d", `M0 ${y(low)}V${y(high)}M-3 ${y(low)}h6M-3 ${y(high)}h6`);
      node.querySelector(".marker").setAttribute("transform", `translate(0 ${y(value)})`);
      const model = models[node.dataset.i];
      node.querySelector("title").textContent = `${model.title}, ${model.facts[0][1]}: ${percent(value)}% [${interval(low, high)}]`;
      const x = Number(node.getAttribute("transform").match(/[\d.]+/)[0]);
      taken.push([x - 5, y(value) - 5, x + 5, y(value) + 5]);
    }
    for (const label of plot.querySelectorAll(".label")) place(label, scores[label.dataset.i], visible(label), y, taken);
  }

  function axis(group, top, y) {
    const { left, right } = group.dataset;
    const hundredths = Math.round(top * 100);
    const steps = hundredths % 5 === 0 && ![20, 40, 60, 80].includes(hundredths) ? 5 : 4;
    const lines = Array.from({ length: steps + 1 }, (_, step) => (top * step) / steps).flatMap((share) => [
      make("svg:path", { class: "grid", d: `M${left} ${y(share)}H${right}` }),
      make("svg:text", { class: "tick", x: left - 6, y: y(share) + 4, "text-anchor": "end" }, `${Number((100 * share).toFixed(2))}%`),
    ]);
    group.replaceChildren(...lines);
  }

  // Move a label with its marker; hide it where it would cover another one.
  function place(label, one, visible, y, taken) {
    label.classList.toggle("away", !visible);
    if (!visible) return;
    const [x, baseline] = [Number(label.getAttribute("x")), y(one[0]) + Number(label.dataset.dy)];
    label.setAttribute("y", baseline);
    const width = 6 * label.textContent.length;
    const left = label.getAttribute("text-anchor") === "end" ? x - width : x;
    const box = [left, baseline - 10, left + width, baseline + 2];
    const covered = taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]);
    label.classList.toggle("away", covered);
    if (!covered) taken.push(box);
  }

  // Draw a difference with its interval on an axis around zero; all three are shares.
  function difference(value, low, high) {
    const reach = Math.max(Math.abs(low), Math.abs(high), 0.01) * 1.1;
    const x = (share) => (160 + (150 * share) / reach).toFixed(1);
    return make("svg:svg", { class: "difference", viewBox: "0 0 320 36", width: 320, height: 36, "aria-hidden": "true" },
      make("svg:path", { class: "zero", d: "M160 2V20" }),
      make("svg:path", { class: "whisker", d: `M${x(low)} 11H${x(high)}M${x(low)} 6v10M${x(high)} 6v10` }),
      make("svg:circle", { cx: x(value), cy: 11, r: 4 }),
      make("svg:text", { x: 160, y: 33 }, "0"),
      make("svg:text", { x: 45, y: 33 }, "← A is better"),
      make("svg:text", { x: 275, y: 33 }, "B is better →"));
  }

  return { make, score, scatter, difference, percent, interval, axisTop };
})();
