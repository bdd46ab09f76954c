// Draws each element with data-chart="NAME" by the function NAME below, which makes an option of ECharts of the page's data. An element that is drawn is given
// data-drawn, the number of shapes in it.

const losses = groups => magnitudes(groups.flatMap(([, list]) => list.map(point => point[1])), 100, '', { axisLabel: { formatter: significant } });

/** Curves over epochs; those without any value are left out. */
function curves(groups, axis, format) {
  const shown = groups.filter(([, points]) => points.some(point => point[1] != null));
  return {
    legend: shown.length > 1 ? legend() : undefined,
    grid: grid(),
    tooltip: tooltip({ trigger: 'axis', formatter: points => `<b>epoch ${points[0].data[0]}</b>${lines(points.filter(point => point.data[1] != null).map(point => `${point.marker}${escape(point.seriesName)}: ${format(point.data[1])}`))}` }),
    xAxis: numbers('epoch', { axis: { min: 'dataMin', max: 'dataMax', minInterval: 1, splitLine: { show: false } } }),
    yAxis: axis,
    series: shown.map(([name, points]) => line(name, points)),
  };
}

const accuracyAxis = () => numbers('', { axisLabel: { formatter: '{value} %' }, axis: { scale: true, max: range => range.max > 80 ? 100 : null } });
const points = (epochs, value) => epochs.map(epoch => [epoch.epoch, value(epoch)]);

function marked(option) {
  if (data.bestEpoch > 0 && option.series.length > 0)
    option.series[0].markLine = { symbol: 'none', silent: true, lineStyle: { color: colours.muted, type: 'dashed' }, label: { show: false }, data: [{ xAxis: data.bestEpoch }] };
  return option;
}

/** A scatter of runs: what they cost against their accuracy. */
function scatter(cost, name) {
  const shown = data.runs.filter(run => run.accuracy != null);
  return {
    grid: grid({ top: 16, right: 30 }),
    tooltip: tooltip({ formatter: point => `<b>${escape(shown[point.seriesIndex].name)}</b>${lines([percent(shown[point.seriesIndex].accuracy), `${count(cost(shown[point.seriesIndex]))} ${name}`])}` }),
    xAxis: magnitudes(shown.map(cost), 8, name, { axisLabel: { formatter: short } }),
    yAxis: accuracyAxis(),
    series: shown.map(run => ({
      name: run.name, type: 'scatter', symbolSize: 12, color: colours[series[data.runs.indexOf(run) % series.length]], data: [[cost(run), 100 * run.accuracy]],
      label: { show: true, position: 'top', formatter: () => run.name, color: colours.text, width: 140, overflow: 'truncate' }, labelLayout: { moveOverlap: 'shiftY' },
    })),
  };
}

/** The shares of integers at the ends of their range. */
function ends(rows) {
  const option = bars(rows.map(row => row.name), [['clipped', rows.map(row => hundredfold(row.clipped))]],
    numbers('', { axisLabel: { formatter: '{value} %' } }),
    i => [`clipped: ${percent(rows[i].clipped)}`, `zero: ${percent(rows[i].zero)}`, `dead channels: ${rows[i].deadChannels ?? 'unknown'}`]);
  option.grid.top = 34;   // its rows are those of the charts beside it, which have legends
  return option;
}

const charts = {
  accuracy: () => marked(curves([
    ['training', points(data.epochs, epoch => hundredfold(epoch.trainAccuracy))],
    ['validation', points(data.epochs, epoch => hundredfold(epoch.validationAccuracy))],
    ['test', points(data.epochs, epoch => hundredfold(epoch.testAccuracy))],
  ], accuracyAxis(), value => `${value.toFixed(2)} %`)),

  loss: () => {
    const groups = [
      ['training', points(data.epochs, epoch => epoch.trainLoss)],
      ['validation', points(data.epochs, epoch => epoch.validationLoss)],
      ['test', points(data.epochs, epoch => epoch.testLoss)],
    ];
    return marked(curves(groups, losses(groups), significant));
  },

  rate: () => curves([['learning rate', points(data.epochs, epoch => epoch.rate)]], numbers('', { axis: { min: 0 } }), significant),

  classes: () => {
    const rows = data.evaluation.byClass;
    return bars(rows.map(row => row.name), [['accuracy', rows.map(row => hundredfold(row.accuracy))]],
      numbers('', { axisLabel: { formatter: '{value} %' }, axis: { max: 100, interval: 20 } }),
      i => [rows[i].accuracy == null ? 'no images' : percent(rows[i].accuracy), `${count(rows[i].images)} images`],
      { label: { show: true, position: 'insideRight', color: colours.card, fontSize: 10, formatter: ({ value }) => value > 20 ? value.toFixed(1) : '' } });
  },

  confusion: () => {
    const { classes, confusion } = data.evaluation;
    const totals = classes.map(() => 0);
    for (const [shown, , images] of confusion) totals[shown] += images;
    const withNumbers = classes.length <= 12;
    return {
      height: 120 + Math.max(180, classes.length * (withNumbers ? 26 : 14)),
      grid: grid({ top: 8, bottom: 96, right: 12, ...beside(classes) }),
      tooltip: tooltip({ formatter: ({ value: [said, shown, share, images] }) =>
        lines([`<b>${escape(classes[shown])}</b>${said === shown ? '' : ` taken for <b>${escape(classes[said])}</b>`}`, `${count(images)} of ${count(totals[shown])} images, ${share.toFixed(2)} %`]) }),
      xAxis: { ...names(classes), inverse: false, ...title('predicted', 44), axisLabel: label({ rotate: classes.some(name => name.length > 3) ? 45 : 0, width: 70, overflow: 'truncate', interval: withNumbers ? 0 : 'auto' }) },
      yAxis: { ...names(classes), axisLabel: { ...names(classes).axisLabel, interval: withNumbers ? 0 : 'auto' } },
      visualMap: { min: 0, max: 100, calculable: false, orient: 'horizontal', left: 'center', bottom: 0, itemHeight: 120, itemWidth: 12, dimension: 2, text: ['100 %', '0 %'], textStyle: { color: colours.muted }, inRange: { color: [colours.cold, colours.heat] } },
      series: [{
        type: 'heatmap', data: confusion.map(([shown, said, images]) => ({ value: [said, shown, 100 * images / totals[shown], images], label: { color: 2 * images > totals[shown] ? colours.card : colours.text } })),
        label: { show: withNumbers, fontSize: 10, formatter: ({ value: [, , share] }) => share >= 10 ? share.toFixed(0) : share.toFixed(1) }, itemStyle: { borderColor: colours.card, borderWidth: 1 },
      }],
    };
  },

  bits: () => {
    const rows = data.network.layers;
    return bars(rows.map(row => row.name), [['weights', rows.map(row => row.weightBits)], ['input', rows.map(row => row.inputBits)]],
      numbers('bits', { axis: { minInterval: 1 } }), i => [`weights: ${rows[i].weightBits} bits`, `input: ${rows[i].inputBits} bits`]);
  },

  costs: () => {
    const rows = data.network.layers, total = data.network.total;
    const share = key => rows.map(row => total[key] > 0 ? 100 * row[key] / total[key] : 0);
    return bars(rows.map(row => row.name), [['packed bytes', share('packedBytes')], ['MACs', share('macs')], ['bit operations', share('bitOperations')]],
      numbers('', { axisLabel: { formatter: '{value} %' } }),
      i => [['packedBytes', 'packed bytes'], ['macs', 'MACs'], ['bitOperations', 'bit operations']].map(([key, name]) => `${name}: ${count(rows[i][key])} (${percent(rows[i][key] / Math.max(1, total[key]))})`));
  },

  clipped: () => ends(data.network.layers.filter(row => row.zero != null)),

  clippedActivations: () => ends(data.network.activations.filter(row => row.zero != null)),

  weights: element => {
    const { bits, start, width, counts, levels } = data.network.weights[element.dataset.index];
    const most = Math.max(...counts), total = counts.reduce((sum, one) => sum + one, 0), colour = colours.c1;
    const low = Math.min(start, ...levels) - width, high = Math.max(start + counts.length * width, ...levels) + width;
    return {
      grid: { left: 6, right: 10, top: 8, bottom: 2, containLabel: true },
      tooltip: tooltip({ trigger: 'item', formatter: ({ data: [from, images] }) => lines([`${significant(from)} to ${significant(from + width)}${bits ? ' steps' : ''}`, `${count(images)} weights, ${percent(images / total)}`]) }),
      xAxis: { type: 'value', min: low, max: high, axisLine: axisLine(), splitLine: { show: false }, axisLabel: label({ fontSize: 10, hideOverlap: true, showMinLabel: false, showMaxLabel: false, formatter: significant }) },
      yAxis: { type: 'value', max: most, axisLabel: { show: false }, axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: false } },
      series: [{
        type: 'custom', encode: { x: 0, y: 1 }, data: counts.map((one, i) => [start + i * width, one]),
        renderItem: (_, api) => {
          const [left, top] = api.coord([api.value(0), api.value(1)]), [right, bottom] = api.coord([api.value(0) + width, 0]);
          return { type: 'rect', shape: { x: left, y: top, width: Math.max(0.5, right - left), height: bottom - top }, style: { fill: colour } };
        },
        markLine: levels.length === 0 ? undefined : { symbol: 'none', silent: true, label: { show: false }, lineStyle: { color: colours.c2, type: 'dashed', width: 1 }, data: levels.map(level => ({ xAxis: level })) },
      }],
    };
  },

  ranges: () => {
    const rows = data.network.activations, thick = 9;
    return {
      height: 70 + rows.length * 22,
      legend: legend(),
      grid: grid({ bottom: 24, ...beside(rows.map(row => row.name)) }),
      tooltip: tooltip({ formatter: ({ dataIndex: i }) => lines([`<b>${escape(rows[i].name)}</b>, ${rows[i].bits} ${rows[i].bits === 1 ? 'bit' : 'bits'}`, `levels: ${significant(rows[i].low)} to ${significant(rows[i].high)}`, `values: ${significant(rows[i].lowest)} to ${significant(rows[i].highest)}`]) }),
      xAxis: numbers('', { axis: { scale: true } }),
      yAxis: names(rows.map(row => row.name)),
      series: [span('levels', 'c1', row => [row.low, row.high], thick), span('values', 'c2', row => [row.lowest, row.highest], 2)],
    };

    function span(name, colour, ends, height) {
      return {
        name, type: 'custom', color: colours[colour], encode: { x: [1, 2], y: 0 }, data: rows.map((row, i) => [i, ...ends(row)]),
        renderItem: (_, api) => {
          if (Number.isNaN(api.value(1))) return null;
          const [left, y] = api.coord([api.value(1), api.value(0)]), [right] = api.coord([api.value(2), api.value(0)]);
          return { type: 'rect', shape: { x: left, y: y - height / 2, width: Math.max(1, right - left), height }, style: { fill: colours[colour] } };
        },
      };
    }
  },

  exports: () => {
    const rows = data.exports.filter(row => row.bytes != null);
    return bars(rows.map(row => row.name), [['bytes', rows.map(row => row.bytes)]], numbers('bytes', { axisLabel: { formatter: short }, axis: { boundaryGap: [0, '8%'] } }), i => [`${count(rows[i].bytes)} bytes`],
      { label: { show: true, position: 'right', color: colours.muted, fontSize: 10, formatter: ({ value }) => count(value) } });
  },

  runAccuracies: () => curves(data.runs.map(run => [run.name, points(run.epochs, epoch => hundredfold(epoch.decidingAccuracy))]), accuracyAxis(), value => `${value.toFixed(2)} %`),

  runLosses: () => {
    const groups = data.runs.map(run => [run.name, points(run.epochs, epoch => epoch.decidingLoss)]);
    return curves(groups, losses(groups), significant);
  },

  runBytes: () => scatter(run => run.packedBytes, 'packed bytes'),

  runBitOperations: () => scatter(run => run.bitOperations, 'bit operations'),
};

// Drawing

const elements = [...document.querySelectorAll('[data-chart]')];

function draw() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ['card', 'text', 'muted', 'line', 'heat', 'cold', ...series]) colours[name] = style.getPropertyValue(`--${name}`).trim();
  for (const element of elements) {
    width = element.clientWidth;
    const { height, ...option } = charts[element.dataset.chart](element);
    echarts.getInstanceByDom(element)?.dispose();
    if (height) element.style.height = `${height}px`;
    const chart = echarts.init(element, null, { renderer: 'svg' });
    chart.on('finished', () => { element.dataset.drawn = element.querySelectorAll('svg path').length; });
    chart.setOption({ animation: false, color: series.map(name => colours[name]), textStyle: { fontFamily: family }, ...option });
  }
}

draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
addEventListener('resize', () => { for (const element of elements) echarts.getInstanceByDom(element).resize(); });
// On paper, charts are as wide as the page and in the colours of the light scheme.
addEventListener('beforeprint', () => { document.documentElement.classList.add('print'); draw(); });
addEventListener('afterprint', () => { document.documentElement.classList.remove('print'); draw(); });
