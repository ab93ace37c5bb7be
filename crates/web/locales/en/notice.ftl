# Notices.

notices-title = Notices
notices-read-all = Mark all as read
notices-unread = unread
notices-none = No notices yet
notices-none-help = When something waits for you, or a case you reported moves, it stands here.
notices-earlier = Earlier ones
notice-case-waiting = { $detail } waits for you
notice-case-moved = { $detail }, which you reported, has moved
notice-case-alarm = { $detail }: the time for its stage is running out
notice-case-overdue = { $detail } is overdue at its stage
notice-case-relief-asked = { $detail }: a pause or more time is asked for
notice-case-relief-decided = { $detail }: it was decided what you asked for
notice-calendar-missing = The holidays of { $detail } are not entered yet: deadlines in it are provisional
notice-case-reopened = { $detail } was closed and has been opened again
notice-supervision-ordered = { $detail } is under supervision: reply in writing in time
notice-supervision-replied = There is a reply about { $detail } for you to judge
notice-supervision-late = The reply about { $detail } is late
notice-supervision-ended = { $detail } is no longer under supervision
notice-case-merged = { $detail } is about the same as another case and goes on with it
notice-case-done = { $detail }, which you reported, is done: please rate it
notice-case-excluded = { $detail }, which you reported, is left out of the evaluation; it is answered all the same
notice-case-counted = { $detail }, which you reported, counts in the evaluation again
notice-claim-waiting = What { $detail } counts for waits for your word
notice-claim-overdue = Nobody has said in time what { $detail } counts for
notice-appeal-decided = The appeal about { $detail } has been decided
notice-witness-silent = The witness { $detail } has not cosigned the log for ten minutes
notice-log-broken = The log { $detail } is not what was signed, or somebody put in or changed entries of the journal: have whoever runs the server look at it

fault-until = That is no place among your notices: open them again
fault-until-future = That lies in the future: open your notices again
notice-record-returned = Your answer to “{ $detail }” was given back: mend it
notice-pass-decision-waiting = { $detail }: another body's proposal about passes waits for your word
notice-pass-decided = { $detail }: what your body proposed about passes was decided
notice-pass-refused = { $detail }: by the rule you get no pass; the page says why and how to appeal
notice-pass-guardian = { $detail }: your community states that somebody looks after you and may get passes for you; if that is not so, end it on your page
notice-pass-revoked = { $detail }: your passes ended, because by the rule you get none any more; the page says why
