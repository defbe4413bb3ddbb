// One listener for every button in the panel. Cards send {item, act}; suggestions send {say}.
// The press shows at once; the panel is busy until the server has answered.
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button || !element.contains(button)) return;
  const panel = button.closest('[aria-busy]');
  if (panel && panel.getAttribute('aria-busy') === 'true') return;
  const { act, item, say } = button.dataset;
  if (act && item !== undefined) {
    button.setAttribute('aria-pressed', 'true');
    if (panel) panel.setAttribute('aria-busy', 'true');
    trigger('click', { act, item });
  } else if (say) {
    trigger('click', { say });
  }
});

// A new slate is read from its beginning; one that only becomes busy or free again stays put.
let shown = '';
watch('value', () => {
  const slate = element.querySelector('.slate');
  const now = slate ? slate.dataset.slate : '';
  if (now !== shown) {
    shown = now;
    const list = element.querySelector('.cards');
    if (list) list.scrollLeft = 0;
    const scroller = element.closest('.block');
    if (scroller) scroller.scrollTop = 0;
  }
});
