// SPDX-License-Identifier: GPL-2.0
// The live state diagram, laid out by hand as RFC 9293's figure 5 has it. It is narrower than the
// one that `fsm --svg` draws: what an edge means is its title and the table's.

const BOX_WIDTH = 156;
const BOX_HEIGHT = 58;

// Centres. CLOSE stands on top and once more at the bottom.
const BOXES = [
	['CLOSE', 'closed', 320, 40], ['LISTEN', 'open', 86, 132], ['SYN_RECV', 'open', 86, 240],
	['SYN_SENT', 'open', 554, 240], ['ESTABLISHED', 'established', 320, 346],
	['FIN_WAIT1', 'active', 86, 472], ['FIN_WAIT2', 'active', 86, 616],
	['CLOSING', 'active', 320, 616], ['TIME_WAIT', 'active', 320, 746],
	['CLOSE_WAIT', 'passive', 554, 472], ['LAST_ACK', 'passive', 554, 616],
	['CLOSE', 'closed', 554, 746],
];

// From, to, path, and where its rate stands.
const ROUTES = [
	['CLOSE', 'LISTEN', 'M242 30H84Q72 30 72 42V101', 166, 22, 'middle'],
	['LISTEN', 'CLOSE', 'M100 103V64Q100 52 112 52H240', 176, 70, 'middle'],
	['CLOSE', 'SYN_SENT', 'M398 30H556Q568 30 568 42V209', 476, 22, 'middle'],
	['SYN_SENT', 'CLOSE', 'M540 211V64Q540 52 528 52H400', 466, 70, 'middle'],
	['CLOSE', 'CLOSE', 'M346 11C340 -16 378 -16 372 9', 384, 0, 'start'],
	['LISTEN', 'SYN_RECV', 'M86 161V209', 94, 190, 'start'],
	['SYN_SENT', 'SYN_RECV', 'M476 240H166', 320, 232, 'middle'],
	['SYN_RECV', 'ESTABLISHED', 'M112 269V334Q112 346 124 346H240', 182, 338, 'middle'],
	['SYN_SENT', 'ESTABLISHED', 'M528 269V334Q528 346 516 346H400', 458, 338, 'middle'],
	['SYN_RECV', 'FIN_WAIT1', 'M44 269V441', 52, 412, 'start'],
	['ESTABLISHED', 'FIN_WAIT1', 'M284 375V450Q284 462 272 462H166', 220, 454, 'middle'],
	['ESTABLISHED', 'CLOSE_WAIT', 'M356 375V450Q356 462 368 462H474', 420, 454, 'middle'],
	['FIN_WAIT1', 'FIN_WAIT2', 'M86 501V585', 94, 560, 'start'],
	['FIN_WAIT1', 'CLOSING', 'M164 484H308Q320 484 320 496V585', 230, 504, 'middle'],
	['FIN_WAIT1', 'FIN_WAIT1', 'M122 501C118 530 156 530 152 503', 164, 530, 'start'],
	['FIN_WAIT2', 'TIME_WAIT', 'M86 645V734Q86 746 98 746H240', 168, 738, 'middle'],
	['FIN_WAIT2', 'FIN_WAIT2', 'M122 645C118 674 156 674 152 647', 164, 674, 'start'],
	['CLOSING', 'TIME_WAIT', 'M320 645V715', 312, 694, 'end'],
	['CLOSING', 'CLOSING', 'M356 645C352 674 390 674 386 647', 396, 674, 'start'],
	['CLOSE_WAIT', 'LAST_ACK', 'M554 501V585', 546, 560, 'end'],
	['LAST_ACK', 'CLOSE', 'M554 645V715', 546, 694, 'end'],
	['LAST_ACK', 'LAST_ACK', 'M590 645C586 674 624 674 620 647', 605, 688, 'middle'],
	['TIME_WAIT', 'CLOSE', 'M398 746H474', 437, 738, 'middle'],
	['SYN_RECV', 'CLOSE', 'M146 269V284', 164, 300, 'start', 146, 295],
	['ESTABLISHED', 'CLOSE', 'M320 317V302', 336, 296, 'start', 320, 290],
	['FIN_WAIT1', 'CLOSE', 'M34 501V516', 34, 552, 'middle', 34, 527],
	['FIN_WAIT2', 'CLOSE', 'M34 645V660', 34, 696, 'middle', 34, 671],
	['CLOSING', 'CLOSE', 'M262 645V660', 258, 696, 'middle', 262, 671],
	['CLOSE_WAIT', 'CLOSE', 'M606 501V516', 605, 552, 'middle', 606, 527],
];

function tip(id) {
	return shape('marker', { id, viewBox: '0 0 10 10', refX: 8, refY: 5, markerWidth: 10,
				 markerHeight: 10, markerUnits: 'userSpaceOnUse', orient: 'auto' },
		     shape('path', { d: 'M0 0L10 5L0 10z' }));
}

function side(x, y, width, height, kind, label, anchor) {
	return [shape('rect', { class: `panel ${kind}`, x, y, width, height, rx: 12 }),
		shape('text', { class: 'side', x: anchor === 'end' ? x + width - 12 : x + 12,
				y: y + 20, 'text-anchor': anchor }, label)];
}

class Diagram {
	constructor(parent) {
		const picture = shape('svg', { viewBox: '0 -24 640 804', role: 'img',
					       'aria-labelledby': 'diagram-title',
					       'aria-describedby': 'diagram-text' });

		this.text = shape('desc', { id: 'diagram-text' });
		picture.append(shape('title', { id: 'diagram-title' }, 'The states of a TCP connection'),
			       this.text,
			       shape('defs', {}, tip('tip'), tip('tip-now'), tip('tip-never')),
			       ...side(2, 404, 462, 376, 'active', 'active close', 'start'),
			       ...side(470, 404, 168, 300, 'passive', 'passive close', 'end'));
		this.routes = ROUTES.map((route) => this.addRoute(picture, route));
		this.boxes = BOXES.map((box) => this.addBox(picture, box));
		parent.append(picture);
	}

	addRoute(picture, [from, to, d, x, y, anchor, crossX, crossY]) {
		const title = shape('title', {}, `${from} to ${to}`);
		const label = shape('text', { x, y, 'text-anchor': anchor });
		const group = shape('g', { class: 'edge never' }, title, shape('path', { d }), label);

		if (crossX)
			group.append(shape('text', { class: 'cross', x: crossX, y: crossY + 5 }, '✕'));
		picture.append(group);
		return { from, to, group, title, label };
	}

	addBox(picture, [state, kind, x, y]) {
		const count = shape('text', { class: 'count', x, y: y + 20 });
		const tagText = shape('text', { x: x - 14, y: y + 44 });
		const tag = shape('g', { class: 'tag' },
				  shape('rect', { x: x - 66, y: y + 28, width: 104, height: 22, rx: 11 }),
				  tagText);
		const group = shape('g', { class: 'idle' },
				    shape('rect', { class: `box ${kind}`, x: x - BOX_WIDTH / 2,
						    y: y - BOX_HEIGHT / 2, width: BOX_WIDTH,
						    height: BOX_HEIGHT, rx: 10 }),
				    shape('text', { class: 'name', x, y: y - 5 }, state), count, tag);

		picture.append(group);
		return { state, group, count, tag, tagText };
	}

	// `sockets` and `stuck`: Maps of states to counts, `worst` to severities; `edges`: {from, to,
	// event, total, rate}.
	update(sockets, stuck, worst, edges) {
		for (const box of this.boxes) {
			const n = sockets.get(box.state);
			const bad = stuck.get(box.state) || 0;

			setText(box.count, countText(n));
			setClass(box.group, bad ? `stuck ${worst.get(box.state) || 'info'}` : n ? '' : 'idle');
			setText(box.tagText, `${shortText(bad)} stuck`);
			box.tag.setAttribute('visibility', bad ? 'visible' : 'hidden');
		}
		const known = new Map(edges.map((edge) => [`${edge.from} ${edge.to}`, edge]));
		for (const route of this.routes) {
			const edge = known.get(`${route.from} ${route.to}`) || {};

			setClass(route.group, `edge ${edge.rate > 0 ? 'now' : edge.total ? '' : 'never'}`);
			setText(route.label, edge.rate > 0 ? rateText(edge.rate) : '');
			setText(route.title, `${route.from} to ${route.to}: ${edge.event || ''}; ` +
				`${countText(edge.total || 0)} in all, ${rateText(edge.rate)}`);
		}
		setText(this.text, [...sockets].filter(([, n]) => n)
			.map(([state, n]) => `${state} ${countText(n)}`).join(', '));
	}
}

const KINDS = { rfc: '', linux: ' (Linux)', 'rfc-only': ' (no Linux makes it)' };

// As a table: what the picture leaves out, and for those who do not see it.
function showEdges(table, edges) {
	setTable(table, 'Transitions, how often and how long in the state that was left',
		 ['From', 'To', { n: 'Now' }, { n: 'In all' }, { n: 'Median' }, 'Event'],
		 edges.filter((edge) => edge.kind !== 'rfc-only' || edge.total).map((edge) => [
			edge.from, edge.to, { n: rateText(edge.rate) }, { n: countText(edge.total) },
			{ n: edge.median === null ? '–' : durationText(edge.median) },
			edge.event + KINDS[edge.kind],
		 ]));
}
