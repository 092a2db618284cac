import type { Problem, SessionView } from '@holdfast/client'

/** What a refusal tells about the session: the view as the server would answer it now. */
export function viewAfterProblem(view: SessionView, problem: Problem, nowMs: number): SessionView {
  switch (problem.code) {
    case 'verification_session_not_found':
    case 'not_signed_in':
      return { state: 'anonymous' }
    case 'code_incorrect':
      return problem.attemptsLeft === undefined ? view : change(view, { attemptsLeft: problem.attemptsLeft })
    case 'too_many_attempts':
      return change(view, { attemptsLeft: 0 })
    case 'code_expired':
      return change(view, { expiresAt: new Date(nowMs).toISOString() })
    default:
      return view
  }
}

function change(view: SessionView, news: { attemptsLeft?: number; expiresAt?: string }): SessionView {
  return view.state === 'code_sent' ? { ...view, verification: { ...view.verification, ...news } } : view
}
