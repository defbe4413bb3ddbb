// What the page does by itself: it turns presses in panels into events, and keeps in the browser
// what is nobody else's business (colours, text size, what is being chosen).
window.palate = (() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const LINE = '#message textarea';
  const panels = {};

  // The line to write in

  const write = (text) => {
    const line = one(LINE);
    line.value = text;
    line.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const unsent = () => {
    const line = one(LINE);
    if (line && !line.value && line.dataset.sent) write(line.dataset.sent);
  };
  const sending = (said) => {
    one(LINE).dataset.sent = said;
    write('');
  };

  // Colours and text size

  const kept = (key) => { try { return localStorage.getItem(`palate.${key}`); } catch { return null; } };
  const keep = (key, value) => { try { localStorage.setItem(`palate.${key}`, value); } catch { /* not kept */ } };
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const SIZES = [0.92, 1, 1.14, 1.3];
  const dress = () => {
    const theme = kept('theme') || 'auto';
    const size = kept('size') || '1';
    document.body.classList.toggle('dark', theme === 'dark' || (theme === 'auto' && dark.matches));
    document.documentElement.style.setProperty('--s', SIZES[size] || 1);
    for (const b of all('[data-do="theme"]')) b.setAttribute('aria-pressed', b.dataset.value === theme);
    for (const b of all('[data-do="size"]')) b.setAttribute('aria-pressed', b.dataset.value === size);
  };
  dark.addEventListener('change', dress);

  // Choosing several: cards to compare, covers to begin with

  const chosen = (within, act) => all(`[data-do="${act}"][aria-pressed="true"]`, within);
  const counted = (box, n) => (n === 1 ? box.dataset.one : box.dataset.other).replace('%', n);
  const MOST = 4;
  const tray = (slate) => {
    const box = one('.tray', slate);
    const n = chosen(slate, 'choose').length;
    box.hidden = n === 0;
    one('p', box).textContent = counted(box, n);
    one('[data-ask]', box).disabled = n < 2;
    for (const b of all('[data-do="choose"]', slate)) {
      b.disabled = n >= MOST && b.getAttribute('aria-pressed') !== 'true';
    }
  };

  // The sheet: a dialog over the page; what is under it cannot be reached until it closes

  let opener = null;
  const under = () => all('#top, #stage');
  const opened = (panel) => {
    panel.hidden = false;
    for (const part of under()) part.inert = true;
    dress();
  };
  const close = () => {
    const panel = one('#sheet');
    if (!panel || panel.hidden || !one('.sheet', panel)) return;
    panel.hidden = true;
    for (const part of under()) part.inert = false;
    const back = opener && opener.isConnected ? opener : one(LINE);
    opener = null;
    back.focus();
  };

  const copied = (button) => {
    const label = one('span', button);
    const before = label.textContent;
    label.textContent = button.closest('.slate').dataset.copied;
    setTimeout(() => { label.textContent = before; }, 2000);
  };
  const copy = async (button, text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {  // not a secure context: the old way
      const area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
    copied(button);
  };

  const turn = (button) => button.setAttribute(
    'aria-pressed', button.getAttribute('aria-pressed') !== 'true');
  const doing = {
    'why-not': (button) => {
      const card = button.closest('.card');
      const over = one('.whynot', card);
      over.hidden = !over.hidden;
      (over.hidden ? one('.presses .dislike', card) : one('.choices button', over)).focus();
    },
    choose: (button) => { turn(button); tray(button.closest('.slate')); },
    clear: (button) => {
      const slate = button.closest('.slate');
      for (const b of chosen(slate, 'choose')) turn(b);
      tray(slate);
      one('.card', slate).focus();
    },
    pick: (button) => {
      turn(button);
      const box = button.closest('.starters');
      const n = chosen(box, 'pick').length;
      one('.use', box).hidden = n === 0;
      one('.use p', box).textContent = counted(box, n);
    },
    copy: (button) => copy(button, one('.text', button.closest('.slate')).textContent),
    share: (button) => navigator.share({ text: one('.text', button.closest('.slate')).textContent }).catch(() => {}),
    close,
    theme: (button) => { keep('theme', button.dataset.value); dress(); },
    size: (button) => { keep('size', button.dataset.value); dress(); },
    edit: (button) => {
      const form = one('form', button.closest('li'));
      form.hidden = !form.hidden;
      if (!form.hidden) one('input', form).select();
    },
  };

  // Panels

  const sent = (button) => {
    const data = { ...button.dataset };
    if (data.act === 'picked') data.items = chosen(button.closest('.starters'), 'pick').map((b) => b.dataset.item);
    if (data.ask === 'compare') data.items = chosen(button.closest('.slate'), 'choose').map((b) => b.dataset.item);
    return data;
  };
  const pressed = (panel, trigger, button) => {
    const { act, ask, leave, say } = button.dataset;
    const busy = button.closest('[aria-busy="true"]');
    if (button.dataset.do) {
      doing[button.dataset.do](button);
    } else if (ask) {
      if (panel.id !== 'sheet') opener = button;
      if (ask === 'save') turn(button);
      trigger('input', sent(button));
    } else if (leave) {
      if (panel.id === 'sheet') close();
      one(LINE).dataset.sent = '';  // what is left on purpose does not come back by itself
      trigger('clear', sent(button));
    } else if (!busy && (act || say)) {
      if (act && act !== 'lift') button.setAttribute('aria-pressed', 'true');
      const slate = button.closest('.slate');
      if (slate) slate.setAttribute('aria-busy', 'true');
      if (panel.id === 'sheet') close();
      trigger('click', sent(button));
    }
  };

  // What a press has replaced takes the focus to what stands in its place.
  const mark = (e) => ['act', 'ask', 'leave', 'do', 'item'].map((k) => e.dataset[k] || '').join('|');
  const refocus = (panel, last) => {
    const same = last && all('button', panel).find((b) => mark(b) === last);
    const target = same || one('#sheet-title', panel);
    if (target) target.focus();
  };

  let slateShown = '';
  const fresh = {
    slate: (element) => {
      const slate = one('.slate', element);
      const now = slate ? slate.dataset.slate : '';
      if (!navigator.share) for (const b of all('.share', element)) b.hidden = true;
      if (now === slateShown) return;
      slateShown = now;
      const list = one('.cards', element);
      if (list) list.scrollLeft = 0;
      element.closest('.block').scrollTop = 0;
    },
    sheet: (element, panel, last) => {
      const scroll = panel.dataset.scroll || 0;
      if (!one('.sheet', element)) return close();
      const name = one('.sheet', element).dataset.sheet;
      const again = panel.dataset.name === name && !panel.hidden;
      panel.dataset.name = name;
      opened(panel);
      if (again) one('.sheet-body', element).scrollTop = scroll;
      refocus(element, again ? last : '');
    },
    errand: (element) => {
      const errand = one('[data-errand]', element);
      if (!errand) return;
      const text = errand.textContent;
      if (errand.dataset.errand === 'line') {
        if (!one(LINE).value) write(text);
        one(LINE).focus();
      } else if (errand.dataset.errand === 'tell') {
        const line = one('#status [role="status"]');
        line.className = 'notice';
        line.textContent = text;
      } else if (errand.dataset.errand === 'hide') {
        const card = one(`.card[data-id="${CSS.escape(errand.dataset.item)}"]`);
        if (!card) return;
        card.hidden = true;
        card.insertAdjacentHTML('afterend', one('template', errand).innerHTML);
        one('button', card.nextElementSibling).focus();
      } else if (errand.dataset.errand === 'unhide') {
        const gone = one(`.gone[data-gone="${CSS.escape(errand.dataset.item)}"]`);
        if (!gone) return;
        const card = gone.previousElementSibling;
        gone.remove();
        card.hidden = false;
        one('.whynot', card).hidden = true;
        card.focus();
      } else {
        const link = document.createElement('a');
        link.href = URL.createObjectURL(new Blob([text], { type: errand.dataset.type }));
        link.download = errand.dataset.name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      }
    },
  };

  const panel = (element, trigger, watch) => {
    const block = element.closest('.block');
    let last = '';
    panels[block.id] = trigger;
    element.addEventListener('click', (event) => {
      const button = event.target.closest('[data-act], [data-ask], [data-leave], [data-do], [data-say]');
      if (!button || !element.contains(button) || button.disabled) return;
      last = mark(button);
      const body = one('.sheet-body', element);
      if (body) block.dataset.scroll = body.scrollTop;
      pressed(block, trigger, button);
    });
    element.addEventListener('submit', (event) => {
      const form = event.target.closest('[data-form]');
      if (!form) return;
      event.preventDefault();
      const said = one('input', form).value.trim();
      if (!said) return;
      close();
      trigger('click', { act: form.dataset.form, item: form.dataset.item, say: said });
    });
    element.addEventListener('change', (event) => {
      const { slide } = event.target.dataset;
      if (slide) trigger('input', { ask: 'mix', item: slide, value: event.target.value });
    });
    watch('value', () => (fresh[block.id] || (() => {}))(element, block, last));
    if (block.id === 'sheet') block.hidden = true;
    if (block.id === 'tools') dress();
  };

  // Keys

  const beside = (card, key) => {
    const list = all('.card:not([hidden])', card.parentElement);
    const columns = list.filter((c) => c.offsetTop === list[0].offsetTop).length;
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[key];
    return list[list.indexOf(card) + step];
  };
  const CARD = {
    l: '.like', x: '.presses .dislike', s: '.save', c: '.compare', m: '.presses .wide', w: '.reason',
  };
  document.addEventListener('keydown', (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (key === 'Escape') {
      const over = target.closest('.whynot');
      if (over) doing['why-not'](over);
      else close();
      return;
    }
    if (target.closest('input, textarea, select, [contenteditable="true"]')) return;
    const open = one('#sheet .sheet') && !one('#sheet').hidden;
    const card = target.closest('.card');
    if (open) return;
    if (key === '/') {
      event.preventDefault();
      one(LINE).focus();
    } else if (key === '?') {
      event.preventDefault();
      opener = target;
      panels.tools('input', { ask: 'keys' });
    } else if (card && target === card && CARD[key.toLowerCase()]) {
      const button = one(CARD[key.toLowerCase()], card);
      if (button) { event.preventDefault(); button.click(); }
    } else if (card && key.startsWith('Arrow') && !target.closest('.whynot')) {
      const next = beside(card, key);
      event.preventDefault();
      if (!next) return;
      for (const c of all('.card', card.parentElement)) c.tabIndex = c === next ? 0 : -1;
      next.focus();
      next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }
  });

  // Another tab may have gone on with the conversation meanwhile.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && panels.tools) panels.tools('focus', {});
  });

  const arrived = () => {
    dress();
    const tools = one('[data-language]');
    if (tools) document.documentElement.lang = tools.dataset.language;
    one(LINE)?.focus();
  };
  return { panel, sending, unsent, arrived };
})();
