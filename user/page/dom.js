// SPDX-License-Identifier: GPL-2.0
// Making and changing nodes. Text is only ever set as text: names of programs are hostile.

const SVG = 'http://www.w3.org/2000/svg';

function fill(node, attributes, children) {
	for (const [name, value] of Object.entries(attributes))
		node.setAttribute(name, value);
	node.append(...children);
	return node;
}

function element(tag, attributes = {}, ...children) {
	return fill(document.createElement(tag), attributes, children);
}

function shape(tag, attributes = {}, ...children) {
	return fill(document.createElementNS(SVG, tag), attributes, children);
}

function byId(id) {
	return document.getElementById(id);
}

// What is the same is left alone: a selection stays, and a screen reader has nothing to repeat.
function setText(node, text) {
	if (node.textContent !== text)
		node.textContent = text;
}

function setClass(node, name) {
	if (node.getAttribute('class') !== name)
		node.setAttribute('class', name);
}

// Makes the children of `list` those of `items`, in their order. A node stays with its key, and so
// do its focus and what is expanded in it.
function reconcile(list, items, keyOf, make, update) {
	const had = new Map();
	const focused = document.activeElement;

	for (const child of list.children)
		had.set(child.dataset.key, child);
	let at = list.firstElementChild;
	for (const item of items) {
		const key = String(keyOf(item));
		let node = had.get(key);

		if (node) {
			had.delete(key);
		} else {
			node = make(item);
			node.dataset.key = key;
		}
		update(node, item);
		if (node === at)
			at = at.nextElementSibling;
		else
			list.insertBefore(node, at);
	}
	for (const node of had.values())
		node.remove();
	if (focused !== document.activeElement && list.contains(focused))
		focused.focus({ preventScroll: true });
}

// A list of [term, text, attention] as <dt> and <dd>, each pair in a <div> when `boxed`.
function setFacts(list, facts, boxed) {
	const make = ([term]) => {
		const pair = [element('dt', {}, term), element('dd')];

		return boxed ? element('div', {}, ...pair) : element('div', { class: 'pair' }, ...pair);
	};

	reconcile(list, facts, (fact) => fact[0], make, (node, [, text, attention, small]) => {
		const value = node.querySelector('dd');

		if (small === undefined) {
			setText(value, text);
		} else {
			if (!value.firstElementChild)
				value.append(element('span'), element('small'));
			setText(value.firstElementChild, text);
			setText(value.lastElementChild, small);
		}
		setClass(node, (boxed ? '' : 'pair ') + (attention ? 'attention' : ''));
	});
}

// A table's head and rows; each cell is text, or {n: text} for a number that stands at the right.
function setTable(table, caption, head, rows) {
	if (!table.tHead) {
		const row = element('tr');

		for (const cell of head) {
			const n = cell.n !== undefined;

			row.append(element('th', n ? { scope: 'col', class: 'n' } : { scope: 'col' },
					   n ? cell.n : cell));
		}
		table.append(element('caption', {}, element('span', { class: 'unseen' }, caption)),
			     element('thead', {}, row), element('tbody'));
	}
	reconcile(table.tBodies[0], rows.map((cells, i) => ({ cells, i })), (row) => row.i,
		  () => element('tr'), (row, { cells }) => {
			cells.forEach((cell, i) => {
				const n = cell.n !== undefined;

				if (!row.cells[i])
					row.append(element('td', n ? { class: 'n' } : {}));
				setText(row.cells[i], n ? cell.n : cell);
			});
		});
}
