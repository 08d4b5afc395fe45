// The charts: SVG, whose colours of axes and text are those of the page's style.
const OPTIONS = { mode: "vega-lite", renderer: "svg", actions: false };
const CONFIG = {
  background: null,
  font: "system-ui, sans-serif",
  view: { stroke: null },
  axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 400, labelLimit: 170, tickSize: 4 },
  axisY: { domain: false, ticks: false, labelPadding: 6 },
  axisX: { tickCount: 6, domain: false },
  axisQuantitative: { grid: true },
  bar: { binSpacing: 0 },
};
const AUTOSIZE = { type: "fit-x", contains: "padding" };
const views = new Map();

async function draw(element, name, spec, title) {
  const full = { ...spec, description: title, autosize: AUTOSIZE, config: CONFIG };
  const { view } = await vegaEmbed(element, full, OPTIONS);
  views.set(name, view);
  return view;
}

function drawAll() {
  const specs = read("specs");
  const plots = [...document.querySelectorAll("[data-chart]")];
  return Promise.all(plots.map((element) => {
    const name = element.dataset.chart;
    const figure = element.closest("figure");
    const title = [...figure.querySelectorAll("figcaption > *")].map((each) => each.textContent);
    return draw(element, name, specs[name], `${title.join(". ")} The table below has its figures.`);
  }));
}

byId("analyses-language").addEventListener("change", (event) => {
  for (const [name, view] of views) {
    if (name.startsWith("analysis-")) view.signal("language", event.target.value).runAsync();
  }
});
const drawn = drawAll();
