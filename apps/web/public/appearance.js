// Runs before the first paint, so that nobody who chose dark sees a white flash. It is a classic script of its own
// because the content security policy allows no inline script. `src/shell/appearance.ts` writes what it reads.
(function () {
  var root = document.documentElement;
  var chosen = {};
  try {
    chosen = JSON.parse(localStorage.getItem('centrala.appearance') || '{}') || {};
  } catch (_) {
    // Storage is off or holds nonsense: the defaults are fine.
  }
  if (chosen.theme === 'light' || chosen.theme === 'dark') root.dataset.theme = chosen.theme;
  if (chosen.density === 'compact' || chosen.density === 'comfortable') root.dataset.density = chosen.density;
  if (chosen.contrast === 'more' || (chosen.contrast !== 'normal' && matchMedia('(prefers-contrast: more)').matches)) {
    root.dataset.contrast = 'more';
  }
})();
