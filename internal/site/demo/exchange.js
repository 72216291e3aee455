// What an exchange's own page does to sign its customers in to the widget. The
// switch in the header stands for the exchange's real sign-in.
(() => {
  // Calls made before the loader has arrived wait here.
  if (!window.Veridesk) {
    window.Veridesk = function () {
      window.Veridesk.q.push(arguments);
    };
    window.Veridesk.q = [];
  }
  const account = document.getElementById('account');
  const customer = document.getElementById('customer');
  const remembered = 'meridian.customer';

  // The exchange's backend makes the token for whoever is signed in there. The
  // widget asks for a new one when it needs one.
  const token = async (uid) => {
    const answer = await fetch('/support-token/' + encodeURIComponent(uid), { method: 'POST' });
    if (!answer.ok) throw new Error('The exchange made no token: ' + answer.status);
    return answer.text();
  };
  const signIn = (uid) => window.Veridesk('identify', { token: () => token(uid) });

  let now = '';
  try {
    now = localStorage.getItem(remembered) || '';
  } catch {
    // A browser that keeps nothing: signed out after a reload.
  }
  if (![...customer.options].some((option) => option.value === now)) now = '';
  customer.value = now;
  if (now) signIn(now);

  customer.addEventListener('change', () => {
    if (now) window.Veridesk('logout');
    now = customer.value;
    try {
      localStorage.setItem(remembered, now);
    } catch {
      // See above.
    }
    if (now) signIn(now);
  });
  account.hidden = false;
})();
