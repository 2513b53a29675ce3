// Without this script every account is shown, and the filter by severity works all the same.
const find = document.getElementById('find');
const none = document.getElementById('none');
const accounts = [...document.querySelectorAll('.account')];
function filter() {
  const words = find.value.toLowerCase().split(' ').filter(Boolean);
  for (const account of accounts) {
    account.classList.toggle('filtered', !words.every(word => account.dataset.text.includes(word)));
  }
  none.hidden = accounts.length === 0 || accounts.some(account => account.checkVisibility());
}
find.addEventListener('input', filter);
for (const choice of document.querySelectorAll('input[name=show]')) choice.addEventListener('change', filter);
find.closest('label').hidden = false;
