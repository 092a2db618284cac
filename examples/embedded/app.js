const greeting = document.querySelector('#greeting')

document.addEventListener('holdfast-signed-in', (event) => {
  // What the page shows. Whether somebody is signed in, the application behind it asks the server: GET /auth/check.
  greeting.textContent = `Hello ${event.detail.account.email}`
})

document.addEventListener('holdfast-signed-out', () => {
  greeting.textContent = 'You are not signed in.'
})
