// What charts share: the page's data, figures as text, and parts of options of ECharts.

const data = JSON.parse(document.getElementById('data').textContent);
const escape = echarts.format.encodeHTML;
const series = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];
const family = getComputedStyle(document.body).fontFamily;
const colours = {};
let width = 0;   // of the element that is being drawn

// Figures

const count = value => Number(value).toLocaleString('en-US');
const percent = value => value == null ? 'unknown' : `${(100 * value).toFixed(2)} %`;
const significant = value => value == null ? 'unknown' : String(Number(Number(value).toPrecision(4)));
const hundredfold = value => value == null ? null : 100 * value;

function short(value) {
  for (const [size, unit] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k']]) if (Math.abs(value) >= size) return `${Number((value / size).toPrecision(3))} ${unit}`;
  return String(Number(Number(value).toPrecision(3)));
}

/** How wide the names beside an axis may be. */
function roomFor(list) {
  const context = (roomFor.canvas ??= document.createElement('canvas')).getContext('2d');
  context.font = `11px ${family}`;
  return 4 + Math.ceil(Math.min(0.42 * width, Math.max(...list.map(name => context.measureText(name).width))));
}

// Parts of options

const axisLine = () => ({ lineStyle: { color: colours.line } });
const splitLine = () => ({ lineStyle: { color: colours.line } });
const label = more => ({ color: colours.muted, ...more });
const title = (name, gap) => ({ name, nameLocation: 'middle', nameGap: gap, nameTextStyle: { color: colours.muted } });
const numbers = (name, more = {}) => ({ type: 'value', splitNumber: 4, axisLine: axisLine(), axisLabel: label({ hideOverlap: true, ...more.axisLabel }), splitLine: splitLine(), ...title(name, more.gap ?? 28), ...more.axis });
const names = list => ({ type: 'category', data: list, inverse: true, axisLine: axisLine(), axisTick: { show: false }, axisLabel: label({ fontSize: 11, width: roomFor(list), overflow: 'truncate', interval: 0 }) });
const beside = list => ({ left: roomFor(list) + 12, containLabel: false });
const legend = () => ({ top: 0, type: 'scroll', textStyle: { color: colours.text }, pageTextStyle: { color: colours.muted } });
const tooltip = more => ({ confine: true, backgroundColor: colours.card, borderColor: colours.line, textStyle: { color: colours.text, fontSize: 12 }, ...more });
const grid = more => ({ left: 8, right: 18, top: 34, bottom: 26, containLabel: true, ...more });
const line = (name, points) => ({ name, type: 'line', showSymbol: points.length < 40, symbolSize: 5, connectNulls: true, data: points });
const lines = list => list.map(part => `<div>${part}</div>`).join('');

/** Horizontal bars, a group for each name; charts with the same rows are as high as each other. */
function bars(list, groups, axis, tip, more = {}) {
  return {
    height: 70 + list.length * 22,
    legend: groups.length > 1 ? legend() : undefined,
    grid: grid({ top: groups.length > 1 ? 34 : 8, bottom: axis.name ? 46 : 24, ...beside(list) }),
    tooltip: tooltip({ trigger: 'axis', axisPointer: { type: 'shadow' }, formatter: shown => `<b>${escape(list[shown[0].dataIndex])}</b>${lines(tip(shown[0].dataIndex))}` }),
    xAxis: axis,
    yAxis: names(list),
    series: groups.map(([name, values]) => ({ name, type: 'bar', barMaxWidth: 13, data: values, ...more })),
  };
}

/** An axis for positive numbers, which is logarithmic where they differ by more than a factor. */
function magnitudes(values, factor, name, more = {}) {
  const known = values.filter(value => value != null), low = Math.min(...known);
  return numbers(name, { ...more, axis: low > 0 && Math.max(...known) > factor * low ? { type: 'log' } : { scale: true } });
}
