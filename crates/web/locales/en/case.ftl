# Cases: reporting, following, the page of a case, lists.

loop-name = Progress, seven steps
loop-1 = Report
loop-2 = Register
loop-3 = Dispatch
loop-4 = Handle
loop-5 = Feed back
loop-6 = Check
loop-7 = Rate
loop-is-done = done
loop-is-current = now
loop-is-todo = to come
loop-step-of = , step { $step } of 7

clock-left = { $time } left
clock-overdue = { $time } overdue
clock-closed = Closed
clock-void = Void
clock-paused = Paused until { $date }
clock-none = No time limit

source-public = Reported by a resident
source-grid_worker = Reported by a grid worker
source-desk = Taken at the desk

finding-exists = It is there
finding-unclear = Unclear: register it
finding-absent = Nothing found
finding-reached = Reached
finding-unreached = Not reached
rating-1 = very bad
rating-2 = bad
rating-3 = fair
rating-4 = good
rating-5 = very good
solved-yes = Solved
solved-no = Not solved

event-note = Note
event-withheld = Taken out of what is published
event-remark = Evaluation
event-overdue = The time for this step, “{ $step }”, is over
event-told =
    { $count ->
        [one] { $offices } has been told
       *[other] { $offices } have been told
    }
event-overdue-whole = The time for the whole is over, whatever step it is at
event-overdue-more = The time for this step, “{ $step }”, is over by { $percent }% of it
event-alarm = { $percent }% of the time for this step, “{ $step }”, is gone
event-recounted = Deadlines were counted again: the calendar of { $year } was entered
event-moved-stage = this step is now due by { $to }, before by { $from }
event-moved-whole = the whole is now due by { $to }, before by { $from }
event-moved-check = this is now to be closed by { $to }, before by { $from }
event-moved-reply = the reply is now due by { $to }, before by { $from }
event-asked-pause = A pause until { $date } is asked for
event-asked-extension = More time is asked for
event-granted-pause = Paused until { $date }
event-pause_ended-pause = The pause was ended
event-granted-extension = More time was granted
event-refused-pause = The pause was refused
event-refused-extension = More time was refused
event-resumed = The pause is over: the clock runs again
event-vacant = nobody holds: { $offices }
event-semicolon = ;{" "}
told-office = Told: { $office }
told-seen = (seen)
told-unseen = (not seen yet)
told-vacant = Nobody to tell: { $office } is vacant
event-with = { $what }: { $more }
list-comma = ,{" "}
event-basis = by { $basis }
who-list = By the list of responsibilities
who-clock = By the clock
who-reporter = The reporter

# The page of a case
case-standing = Where it stands
case-owner = owner
case-due = this step is due by { $time }
waiting-paused = Nobody handles it until { $date }
case-provisional = provisional: the holidays of { $year } are not entered yet
case-timeline = What happened
case-photos = Photos
case-about = About this case
case-print = Print the sheet
case-returns =
    { $count ->
        [one] returned once
       *[other] returned { $count } times
    }
case-reopens =
    { $count ->
        [one] opened again once
       *[other] opened again { $count } times
    }
case-reworks =
    { $count ->
        [one] reworked once
       *[other] reworked { $count } times
    }
photo-alt = Photo of the place { $number }
fact-description = Description
fact-place = Place
fact-class = Class
fact-source = Source
fact-reported = Reported
fact-registered = Registered
fact-due = Due as a whole
fact-owner = Owner
fact-first-closed = First closed
fact-closed = Closed
fact-rating = Rating
fact-solved = Solved

news-received = Received, number { $number }
news-keep-link = Keep the link below: with it you can follow the case and rate the result at any time.
news-moved = Done
news-noted = The note is saved
news-withheld = What the report says is no longer published
news-now = The case now: { $what }

action-yours = Yours to do now: { $step }
action-none = This step is not yours
action-rate = How well was it done?
action-reopen = Not solved?
action-add = Anything to add?

reopening-until = It can be opened again until { $time }
reopening-over = The time to open it again is over
reopening-over-help = If the problem is still there, or is back, report it again: the description names this case, so that those who handle it see what was done before.
reopening-report-again = Report it again, naming this case

choose = Choose
field-note = Note
field-note-hint = The reporter sees it too. No names or phone numbers of people.
field-note-rate = What was good, what was not.
field-photos = Photos
field-photos-min = At least { $min }, at most { $max }, each up to 10 MB
field-photos-max = At most { $max }, each up to 10 MB
field-organization = Send it to
field-organization-hint = By kind, the nearest first.
field-organization-listed = Named by the list of responsibilities
must-be-seen = What has to be seen
field-organization-none = No body can take it here: ask the administrator to register one with a handler.
field-class = What kind of problem
field-class-hint = Correct it here if it is wrong. The time limit follows from it.
field-ground = Ground
field-finding = What is there on site
field-finding-contact = Was the requester reached
field-rating = How content are you
field-solved = Is the problem solved
step-publishes = With this step everybody can read the report’s words and place, without telephone numbers and dwellings. If they tell of a person, take them out first: “Do not publish”.
step-times-left = { $left ->
    [one] Can be done once more in this case
   *[other] Can be done { $left } more times in this case
  }
field-until = The clock runs again on
field-granted = Your word
field-about = What it is about
field-decision = Your decision
relief-ask-pause = Ask for a pause
relief-ask-pause-hint = { $max ->
    [one] The clock stands still until the day that you name, at most one day from now. Nobody handles the case meanwhile, and it can be paused once.
   *[other] The clock stands still until the day that you name, at most { $max } days from now. Nobody handles the case meanwhile, and it can be paused once.
}
relief-ask-extension = Ask for more time
relief-ask-extension-hint = { $max ->
    [one] One more limit from the deadline on; it can be granted once.
   *[other] One more limit from the deadline on; it can be granted { $max } times.
  }
relief-asked-pause = A pause until { $date } is asked for
relief-asked-extension = More time is asked for
relief-waits = To be decided by: { $roles } (of this area). Until then the clock runs on.
relief-grant = Grant it
relief-refuse = Refuse it
relief-decide = Decide
relief-end = End the pause now
relief-end-hint = Say why it can go on: the part has come, the owner agreed. The reporter sees it too.
relief-note-hint = Say why if you refuse. The reporter sees it too.
field-description = What happened
field-description-hint = What it is, and whether it is dangerous. No names or phone numbers of people.
field-place = Exact place
field-place-hint = Crossing, building number or village
field-position = Position
field-longitude = Longitude
field-latitude = Latitude
field-contact_name = Your name
field-contact_phone = Your phone
fault-of-field = { $field }: { $fault }

kept-title = What you wrote
kept-hint = It was not taken, and the step is not yours to take any more. Copy what is still needed, into a note for example.
note-add = Add a note
note-text = Note
note-public = The reporter sees it too
note-public-hint = Without this only those who work on the case see it.
note-internal = Internal
note-save = Save the note

contact-title = The reporter
contact-hint = Look at name and phone only when the case needs it. Each look is recorded, and the reporter sees it.
contact-show = Show contact
contact-recorded = This look is on record. The reporter sees which post looked, and why.
contact-no-name = No name given
contact-no-phone = no phone given

case-readings-title = Who looked at how to reach you
case-readings-hint = Each look at your name or phone is recorded. Only you see this, and whoever has your link.

link-title = Your link
link-copy = Copy
link-hint = Whoever has this link can see the case. Keep it to yourself.

# Following
find-title = Follow a report
find-lead = When you reported, the page gave you a link. Paste it here to see where the case stands, and to rate the result.
find-link = Your link
find-link-or-number = Your link, or a case number
find-link-hint = The whole link, or only what stands after /follow/
find-button = Show
find-not = Not found
find-no-link = This link is cut short or wrong: copy it again from the page that confirmed your report
find-no-number = There is no case of this number, or it is not yours to see
find-sign-in = To look up a number, sign in first; without an account use your link
find-lost = I have lost the link
find-lost-help = If you were signed in when you reported, sign in and see it on the first page. If not, ask at your community or village: an acceptor can find it by its number. To protect you, the link itself cannot be had back by number.

# Reporting
where-title = Where is the problem?
where-lead = Choose down to a grid. If you are not sure, take the nearest.
where-my-home = Near my home
where-my-area = Where I serve
where-search = Name of a county, township, community or grid
where-found =
    { $count ->
        [one] One place found
       *[other] { $count } places found
    }
where-all = Choose step by step
where-none = No place has this name
where-none-help = Try another spelling, or choose step by step from the county.
where-choose = Choose
where-open = Open
where-outside = This position lies outside the boundaries known here: choose from the list
where-not = This place was not found
report-title = Report a problem
report-again = Reported again, formerly { $number }:
report-change-area = Change the place
report-kind = Kind of work
report-kind-hint = Mostly the class decides. What your office may order, such as an emergency task, is chosen here.
report-kind-usual = As its class has it
report-class-hint = If you are not sure, take “Something else”: an acceptor sorts it.
report-locate = Use my position
report-mark = Mark it on a map
report-position = Enter longitude and latitude
report-photos-hint = At most { $max }, each up to { $megabytes } MB. Position and device data are removed from photos.
report-photos-again = Photos are not kept: if you had chosen any, choose them again.
report-contact = How to reach you
report-contact-hint = Only for verifying this report. Only acceptors and the verifying grid worker can see it, and each look is recorded. It is not kept on this device.
report-signed-in = You are signed in: if the case needs it, an acceptor calls the phone you registered, and each look is recorded.
withhold-title = What everybody can read
withhold-hint = Once this is registered its words and place are published, without telephone numbers and dwellings. Taken out, only its kind, its area and where it stands are left. This cannot be undone.
withhold = Do not publish
report-send = Send the report

# Lists
list-all = Show all
list-search = Case number
list-search-button = Find
list-filter = Filter
list-offices = Where I serve
list-without = drop this condition
list-back = Back to the list
list-case = Case
list-place = Place · number
list-stage = Stage
list-clock = Time
list-pages = Pages
list-as-of = Figures as of
today-title = Today
today-register = Register a case
today-nothing = Nothing to do here now.
board-title = Dispatch board
work-title = My work
supervise-title = Supervise
supervise-areas = Areas below
supervise-open = { $count } open
supervise-overdue = { $count } overdue
supervise-none-overdue = none overdue
cases-title = Cases
cases-mine = Mine
door-open = open
door-overdue = overdue
door-closed = closed in { $days } days
chip-all = All
chip-open = Open
chip-open-mine = Open with us
chip-overdue = Overdue
chip-returned = Returned
chip-reopened = Opened again
chip-closed = Closed
chip-void = Void
chip-closed-since = Closed since { $date }
chip-handled = Handled before
empty-waiting = Nothing waits here
empty-waiting-help = What is new shows up by itself.
empty-overdue = Nothing is overdue
empty-overdue-help = All open cases are within their time.
empty-returned = Nothing was returned
empty-returned-help = All that was sent out is in somebody's hands.
empty-reopened = No case was opened again
empty-reopened-help = Nobody came back to what was closed.
empty-open = No open cases
empty-open-help = What is new shows up by itself.
empty-handled = Nothing handled yet
empty-handled-help = What was sent to you and handled is listed here.
empty-cases = No such cases
empty-cases-help = Try other conditions.
empty-search = No case has this number
empty-search-help = Check the number. It may also lie outside your area.
case-evaluation = Evaluation
case-evaluation-open = What this case counts for

# Rulings and the list of responsibilities
ruling-title = The ruling and the list
ruling-unlisted = By ruling this is for { $body } to handle. The list of responsibilities does not say so yet.
ruling-by-leader = A leader or commander of the area can write it into the list, so that the next one is not passed around.
ruling-area = Into the list of
ruling-list = Write it into the list
ruling-basis = Ruling on case { $number }
news-listed = The list of responsibilities is changed

# Merging and joint handling
clock-merged = Merged
source-joint = Split off for a supporting body
event-merge = Merged into another case
event-unmerge = The merge is undone
event-take_in = A second report of it was merged in
event-let_go = A report that was merged in is its own again
event-supporting = supported by { $bodies }
related-merged-into = About the same as { $number }, and handled with it
related-main-title = Handled as one
related-main = See how it stands
related-parent-title = The case that it supports
related-children-title = Supporting bodies
related-merged-title = Reports of the same thing ({ $count })
merge-title = Reported before
merge-near = Open cases of this kind nearby
merge-none-near = No open case of this kind within 50 metres
merge-other = Or the number of another one
merge-reason = Reason
merge-do = Merge into that one
merge-undo-title = Undo the merge
merge-undo = Undo the merge and go on
field-supporting = Supporting bodies
field-supporting-hint = At most { $max }. Each has a case and a clock of its own.
standing-verifying = Being verified
standing-waiting = Waiting to be sent out
standing-returned = Being sent out again
standing-given = Sent to the body in charge
standing-working = Being handled
standing-fixed = Done, and the check has passed
standing-ended = Ended
standing-void = Not registered
standing-merged = Handled together with another one
standing-not-ours = Not a matter for this network
standing-duplicate = Reported before
standing-reopened = Opened again
published-hint = This is what everybody may see. It holds none of the reporter's words.
published-same = Is this what you wanted to report?
published-same-help = Then you need not report it again: it is being handled. Keep this page to see how it goes on.
published-other = Is it something else? What you filled in is still on the page that you came from: send it there all the same, or
published-report = report another thing here
opens-new-tab = {" "}(opens in a new tab)
report-nearby-title = Somebody has reported this kind of problem nearby
report-nearby = { $metres } m away: { $standing }
report-nearby-help = If it is the same, open it to follow it and report nothing. If it is not, send the report all the same.
report-send-despite = It is another one: send the report
