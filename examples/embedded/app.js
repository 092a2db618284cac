const greeting = document.querySelector('#greeting')

/** What the page shows. Whether somebody is signed in, the application behind it asks the server: GET /auth/check. */
function greet(session) {
  greeting.textContent =
    session?.state === 'signed_in' ? `Hello ${session.account.email}` : 'You are not signed in.'
}

document.addEventListener('holdfast-signed-in', (event) => greet(event.detail))
document.addEventListener('holdfast-signed-out', (event) => greet(event.detail))
// What was told before this script came.
greet(document.querySelector('holdfast-sign-in').session)
