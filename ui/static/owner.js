// The owner's pages work without this; with it the progress moves by itself, and files that are too
// large are not sent.
(() => {
  const work = document.querySelector('[data-watch]');
  const look = async () => {
    const answer = await fetch(work.dataset.watch, { redirect: 'manual' }).catch(() => null);
    if (!answer || !answer.ok) return setTimeout(look, 3000);
    if (answer.headers.get('X-Palate-Busy') === 'no') return location.replace('/owner/catalogue');
    work.innerHTML = await answer.text();
    return setTimeout(look, 500);
  };
  if (work) setTimeout(look, 300);

  const bring = document.querySelector('.bring');
  const problem = document.querySelector('#bring-problem');
  const tell = (text) => { problem.textContent = text; problem.hidden = !text; };
  if (bring) {
    bring.addEventListener('submit', (event) => {
      const files = [...bring.querySelectorAll('input[type=file]')].flatMap((i) => [...i.files]);
      const size = files.reduce((sum, file) => sum + file.size, 0);
      const most = Number(bring.dataset.most);
      tell('');
      if (!files.length) tell('Choose a catalogue, an event log, or both.');
      else if (size > most * 1e6) tell(`The files are ${Math.ceil(size / 1e6)} MB together; at most ${most} MB are taken here.`);
      else {
        const button = bring.querySelector('button');
        button.textContent = 'Sending …';
        button.disabled = true;
        return;
      }
      event.preventDefault();
    });
  }
})();
