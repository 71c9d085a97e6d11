/**
 * Parallel coordinates with brushes: lines on a canvas, axes as SVG above it. A brush is drawn with the pointer
 * along an axis, moved and resized by it, or set with the keyboard: each axis has two sliders (arrows, Page Up
 * and Down, Home, End; Escape takes the brush away). What is brushed is told as conditions on trials.
 */

import { colours, element, shown, si, whole } from "./base.js";
import { viridis } from "./study_charts.js";

const SVG = "http://www.w3.org/2000/svg";
const TOP = 34;
const BOTTOM = 22;
const GRIP = 9;

/** Draw `found` (of /api/…/parallel) in `place`; `said(text)` and `chosen(conditions)` hear of brushes. */
export function parallel(place, found, { said, chosen }) {
  place.chart ??= new Lines(place);
  place.chart.show(found, said, chosen);
}

class Lines {
  constructor(place) {
    this.place = place;
    this.brushes = new Map();
    this.canvas = element("canvas", { "aria-hidden": "true" });
    this.svg = svg("svg", { class: "axes" });
    this.inner = element("div", { class: "inner" }, this.canvas, this.svg);
    this.tip = element("p", { class: "tip", hidden: true });
    new ResizeObserver(() => this.found && this.draw()).observe(place);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.found && this.draw());
    document.getElementById("parallel-clear").addEventListener("click", () => {
      this.brushes.clear();
      this.draw();
    });
  }

  show(found, said, chosen) {
    Object.assign(this, { found, said, chosen });
    if (!found.rows.length || !found.axes.length) {
      this.found = null;
      this.place.dataset.is = "empty";
      this.place.dataset.says = "No complete trial yet.";
      this.place.replaceChildren();
      return;
    }
    this.place.dataset.is = "";
    if (!this.inner.isConnected) this.place.replaceChildren(this.inner, this.tip);
    this.axes = found.axes.map((axis, index) => scaled(axis, found.rows.map((row) => row[index])));
    for (const name of this.brushes.keys()) if (!this.axes.some((axis) => axis.name === name)) this.brushes.delete(name);
    this.draw();
  }

  draw() {
    const focused = document.activeElement?.dataset?.slider;
    const least = this.axes.length * 84 + 60;
    this.width = Math.max(this.place.clientWidth, least);
    this.height = 330;
    const left = Math.min(70, this.width / this.axes.length / 2);
    const gap = (this.width - 2 * left) / Math.max(this.axes.length - 1, 1);
    this.axes.forEach((axis, index) => (axis.at = left + index * gap));
    this.inner.style.width = `${this.width}px`;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.setAttribute("width", this.width);
    this.svg.setAttribute("height", this.height);
    this.svg.replaceChildren(...this.axes.map((axis) => this.axis(axis)));
    if (focused) this.svg.querySelector(`[data-slider="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    this.lines();
    this.tell();
  }

  y(part) {
    return TOP + (1 - part) * (this.height - TOP - BOTTOM);
  }

  part(y) {
    return Math.min(Math.max(1 - (y - TOP) / (this.height - TOP - BOTTOM), 0), 1);
  }

  lines() {
    const ratio = window.devicePixelRatio || 1;
    const { canvas, width, height } = this;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    const now = colours();
    const order = this.order();
    const marked = this.found.rows.map((row) => this.inside(row));
    for (const want of [false, true]) {
      order.forEach((index, rank) => {
        if (marked[index] !== want) return;
        pen.strokeStyle = want ? viridis(order.length > 1 ? rank / (order.length - 1) : 1, now.dark) : now.soft;
        pen.globalAlpha = want ? (rank === order.length - 1 ? 1 : 0.55) : 0.5;
        pen.lineWidth = want && rank === order.length - 1 ? 2.5 : 1.1;
        this.line(pen, this.found.rows[index]);
      });
    }
    this.count = marked.filter(Boolean).length;
  }

  /** Lines from the worst to the best, so that the best are on top and brightest. */
  order() {
    const { rows, minimize } = this.found;
    const last = this.axes.length - 1;
    const loss = (row) => (row[last] === null ? Infinity : minimize ? row[last] : -row[last]);
    return rows.map((_, index) => index).sort((a, b) => loss(rows[b]) - loss(rows[a]));
  }

  line(pen, row) {
    pen.beginPath();
    let pending = true;
    this.axes.forEach((axis, index) => {
      const part = axis.part(row[index]);
      if (part === null) {
        pending = true;
        return;
      }
      if (pending) pen.moveTo(axis.at, this.y(part));
      else pen.lineTo(axis.at, this.y(part));
      pending = false;
    });
    pen.stroke();
  }

  inside(row) {
    return this.axes.every((axis, index) => {
      const brush = this.brushes.get(axis.name);
      if (!brush) return true;
      const part = axis.part(row[index]);
      return part !== null && part >= brush[0] - 1e-9 && part <= brush[1] + 1e-9;
    });
  }

  axis(axis) {
    const group = svg("g", { class: "axis", transform: `translate(${axis.at} 0)` });
    group.append(svg("text", { y: 14, class: "name", "text-anchor": "middle" }, cut(axis.name)));
    group.lastChild.append(svg("title", {}, axis.name));
    group.append(svg("line", { y1: this.y(0), y2: this.y(1) }));
    for (const [part, text] of axis.ticks) {
      group.append(svg("line", { x1: -4, x2: 4, y1: this.y(part), y2: this.y(part) }));
      group.append(svg("text", { x: 7, y: this.y(part) + 4, class: "tick" }, text));
    }
    const field = svg("rect", { x: -14, y: TOP, width: 28, height: this.height - TOP - BOTTOM, class: "field" });
    group.append(field);
    this.brushing(field, axis);
    const brush = this.brushes.get(axis.name);
    if (brush) {
      const [low, high] = brush;
      group.append(svg("rect", { x: -8, width: 16, y: this.y(high), height: Math.max(this.y(low) - this.y(high), 2), class: "brush" }));
    }
    for (const end of [0, 1]) group.append(this.slider(axis, end));
    return group;
  }

  slider(axis, end) {
    const part = this.brushes.get(axis.name)?.[end] ?? end;
    const knob = svg("rect", {
      x: -10, y: this.y(part) - (end ? 6 : 0), width: 20, height: 6, rx: 2, class: "knob", tabindex: 0, role: "slider",
      "data-slider": `${axis.name}:${end}`,
      "aria-label": `${axis.name}, ${end ? "at most" : "at least"}`,
      "aria-orientation": "vertical",
      "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(100 * part), "aria-valuetext": axis.said(part),
    });
    knob.addEventListener("keydown", (event) => this.key(event, axis, end));
    return knob;
  }

  key(event, axis, end) {
    const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 5, PageDown: -5, Home: -1e9, End: 1e9 };
    if (event.key === "Escape" && this.brushes.has(axis.name)) this.brushes.delete(axis.name);
    else if (event.key in steps) this.move(axis, end, steps[event.key] * axis.step);
    else return;
    event.preventDefault();
    this.draw();
  }

  move(axis, end, by) {
    const brush = [...(this.brushes.get(axis.name) ?? [0, 1])];
    brush[end] = Math.min(Math.max(brush[end] + by, end ? brush[0] : 0), end ? 1 : brush[1]);
    this.keep(axis, brush);
  }

  keep(axis, [low, high]) {
    if (low <= 0 && high >= 1) this.brushes.delete(axis.name);
    else this.brushes.set(axis.name, [low, high]);
  }

  brushing(field, axis) {
    field.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const at = (each) => this.part(each.clientY - this.svg.getBoundingClientRect().top);
      const from = at(event);
      const before = this.brushes.get(axis.name);
      const slack = GRIP / this.height;
      const end = before ? [0, 1].find((each) => Math.abs(before[each] - from) < slack) : undefined;
      const moves = before && end === undefined && from > before[0] && from < before[1];
      const drag = (each) => {
        const to = at(each);
        if (moves) this.keep(axis, shifted(before, to - from));
        else if (end !== undefined) this.keep(axis, [before[1 - end], to].sort((a, b) => a - b));
        else this.keep(axis, [from, to].sort((a, b) => a - b));
        this.draw();
      };
      const up = (each) => {
        window.removeEventListener("pointermove", drag);
        if (Math.abs(at(each) - from) < 0.01) {
          this.brushes.delete(axis.name);
          this.draw();
        }
      };
      window.addEventListener("pointermove", drag);
      window.addEventListener("pointerup", up, { once: true });
    });
  }

  tell() {
    const { found } = this;
    const all = found.rows.length < found.total ? `${whole(found.rows.length)} of ${whole(found.total)} trials` : `${whole(found.total)} trials`;
    const marked = this.brushes.size ? `${whole(this.count)} chosen out of ${all}` : `${all}; draw along an axis to choose some`;
    this.said(marked);
    document.getElementById("parallel-clear").hidden = this.brushes.size === 0;
    this.chosen(this.axes.flatMap((axis) => (this.brushes.has(axis.name) ? axis.conditions(this.brushes.get(axis.name)) : [])));
  }
}

function shifted([low, high], by) {
  const kept = Math.min(Math.max(by, -low), 1 - high);
  return [low + kept, high + kept];
}

/** An axis with its way from values to parts 0 … 1 and back. */
function scaled(axis, column) {
  return axis.kind === "choice" ? choices(axis) : numbers(axis, column);
}

function choices(axis) {
  const count = axis.choices.length;
  const place = (index) => (count > 1 ? (index + 0.5) / count : 0.5);
  const index = (text) => axis.choices.indexOf(String(text));
  const within = ([low, high]) => axis.choices.filter((_, each) => place(each) >= low - 1e-9 && place(each) <= high + 1e-9);
  return {
    ...axis,
    step: 1 / Math.max(count, 1),
    part: (value) => (value === null || index(value) < 0 ? null : place(index(value))),
    ticks: axis.choices.map((text, each) => [place(each), cut(text, 9)]),
    said: (part) => axis.choices[Math.min(Math.floor(part * count), count - 1)] ?? "",
    conditions: (brush) => {
      const left = within(brush);
      if (left.length === 1) return [`${axis.name}=${left[0]}`];
      return axis.choices.filter((text) => !left.includes(text)).map((text) => `${axis.name}!=${text}`);
    },
  };
}

function numbers(axis, column) {
  const told = column.filter((value) => value !== null);
  const low = axis.low ?? Math.min(...told);
  const high = axis.high ?? Math.max(...told);
  const [to, from] = axis.log && low > 0 ? [Math.log, Math.exp] : [(value) => value, (value) => value];
  const width = to(high) - to(low) || 1;
  const value = (part) => from(to(low) + part * width);
  const part = (number) => (number === null ? null : high === low ? 0.5 : (to(number) - to(low)) / width);
  const exact = (number) => Number(number.toPrecision(6));
  return {
    ...axis,
    step: 0.05,
    part,
    ticks: ticks(part, value, told.every(Number.isInteger)),
    said: (at) => shown(exact(value(at))),
    conditions: ([first, last]) => [
      ...(first > 0 ? [`${axis.name}>=${exact(value(first))}`] : []),
      ...(last < 1 ? [`${axis.name}<=${exact(value(last))}`] : []),
    ],
  };
}

/** Five values from end to end; of small whole numbers each. */
function ticks(part, value, integers) {
  const [low, high] = [value(0), value(1)];
  if (part(low) === part(high)) return [[0.5, brief(low)]];
  const five = [0, 0.25, 0.5, 0.75, 1].map(value);
  if (!integers) return five.map((number) => [part(number), brief(number)]);
  const [first, last] = [Math.round(low), Math.round(high)];
  const few = last - first <= 8;
  const whole = few ? Array.from({ length: last - first + 1 }, (_, index) => first + index) : five.map(Math.round);
  return whole.map((number) => [part(number), brief(number)]);
}

function brief(number) {
  return Math.abs(number) >= 1e4 ? si(number) : String(Number(number.toPrecision(3)));
}

function cut(text, most = 13) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function svg(name, attributes = {}, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}
