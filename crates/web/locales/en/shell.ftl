# Words of every page: header, footer, refusals, faults of forms, dates, roles, areas.

brand = Olzii
skip = Skip to the main part
language-other = 中文

nav-main = Main
nav-breadcrumb = Breadcrumb
nav-home = Home
nav-today = Today
nav-board = Board
nav-work = My work
nav-supervise = Supervise
nav-command = Command
nav-supervisions = Supervision
nav-evaluation = Evaluate
nav-statistics = Statistics
nav-report = Report
nav-follow = Follow
nav-areas = Divisions
nav-api = API
nav-me = My account
nav-sign-in = Sign in
nav-notices-unread =
    { $count ->
        [0] Notices, none unread
        [100] Notices, 100 or more unread
       *[other] Notices, { $count } unread
    }

# Refusals: what happened, and what to do.
problem-not-found = This page is not here
problem-not-found-help = The link may be cut short, or it is not yours to see. Nothing was lost.
problem-sign-in = Sign in first
problem-sign-in-help = After signing in you come back to this page.
problem-denied = This step is not yours to take
problem-denied-help = Another post takes it, or the request did not come from a page of ours. Nothing was changed.
problem-invalid = Something is not filled in right
problem-invalid-help = Nothing was changed. Go back, put it right and send it again.
problem-conflict = Things have moved on
problem-conflict-help = Your step was not taken. Open the page again to see where it stands now.
problem-too-many = Too many requests
problem-too-many-help = Nothing was changed, and everything accepted before is still there. Wait { $wait }, then reload this page: what you sent is sent again, and counts once.
problem-full = Storage is full
problem-full-help = There is no room to save anything, so this was not saved. Everything accepted before is still there and can be looked at. Tell the administrator. Once there is room, in { $wait } at the earliest, reload this page: what you sent is sent again, and counts once.
problem-unavailable = Not available right now
problem-unavailable-help = The city’s storage does not answer or is too busy, so this was not saved. Everything accepted before is still there. Wait { $wait }, then reload this page: what you sent is sent again, and counts once.
problem-broken = Something went wrong
problem-broken-help = The fault is on our side and is on record. Try again in a moment.
problem-slow = It came in too slowly
problem-slow-help = What you sent did not arrive whole, so nothing was saved. Everything accepted before is still there. Send it again where the network is better, or with fewer photos: it counts once.
problem-method = This address does not open that way
problem-method-help = Use the buttons and links of the pages.
problem-go-home = Go to the start
problem-go-follow = Follow my report

# Forms
optional = (optional)
error-prefix = Error:{" "}
error-summary = Some things need to be put right
next-page = Next page

fault-required = This is needed
fault-too-long = Too long: at most { $max } characters
fault-too-short = Too short: at least { $min } characters
fault-control-character = There are invisible control characters in it: type it again without them
fault-range = Give a number from { $min } to { $max }
fault-choice = Choose one of those listed
fault-pause = { $max ->
    [one] Choose tomorrow: a pause has one day at most
   *[other] Choose a day after today, at most { $max } days from now
}
fault-phone = A phone number has 5 to 15 digits, with a + in front if you like
fault-area = There is no such division: choose one from the list
fault-unknown-area = There is no such division
fault-area-code = A division code is digits only, at most 18
fault-position = Not a position: longitude −180 to 180 and latitude −90 to 90, both of them
fault-photos =
    { $min ->
        [one] At least one photo is needed
       *[other] At least { $min } photos are needed
    }
fault-too-many-photos = At most { $max } photos at a time
fault-case-photos = A case holds at most { $max } photos
fault-photo-size = The photo is over { $max } MB
fault-photo-type = Only JPEG, PNG and WebP photos are taken
fault-photo-damaged = This photo cannot be read: choose another
fault-cursor = This page link no longer holds: start from the first page
fault-open-only = Overdue and returned can only be asked of open cases
fault-closed-only = A day of closing can only be asked of closed cases
fault-unknown = Not found
fault-end-before-start = The end must be after the start
fault-password-wrong = The old password is wrong
fault-password-common = This password is common and easily guessed: choose another
fault-login-name = A login name has { $min } to { $max } letters, digits, dots, hyphens or underscores
fault-login-name-taken = This login name is taken
fault-malformed = Cannot be read: { $reason }
fault-json-type = The body must be application/json
fault-body-size = The body is over { $max } kB

conflict-area-code = Division code { $code } is there already
conflict-password-changed = The password was just changed elsewhere: sign in with the new one
conflict-ended = It has ended already
conflict-id = This id belongs to another report: open the report page again
conflict-stage = The case has gone on to another stage, where this step cannot be taken
conflict-closed = The case has ended: nothing more can be done with it
conflict-steps = The case has had all the steps it may have: it can only be closed or voided
conflict-notes = You have written as many notes in this case as one person may: { $max }
conflict-not-published = Nothing of this kind of work is published: there is nothing to take out
conflict-ruled = It was ruled whose this is, and the ruling binds: it cannot be given back again
conflict-no-ruling = This case has no ruling that the list of responsibilities lacks
conflict-not-merged = This case is not merged, or no longer
conflict-unmerge-late = It was merged more than { $days } days ago, and that cannot be undone: report it again
conflict-merge-support = The case of a supporting body is not merged
conflict-merge-class = The two are of different classes and cannot be one: put the class right first
conflict-merge-main-handled = The other one is already reported as done: what is reported now is new
conflict-merge-late = Its time is over: it is handled and closed, not merged
conflict-merge-far = The two lie too far apart to be one thing
conflict-merge-handled = The work on this case is done: it is not merged any more
conflict-merge-support-open = Supporting bodies are still at work on it
conflict-merge-merged = That case was itself merged into another: choose that one
conflict-merge-closed = That case is closed or void: choose one that is open
conflict-merge-many = { $max } reports were merged into that case already
conflict-support-open = A supporting body is still at work: wait for it, or report it handled with support outstanding, with a ground
conflict-no-support-open = No supporting body is at work: report it handled in the usual way
fault-merge-itself = A case is not merged into itself: choose another
fault-merge-unknown = There is no such case, or it is not yours to see
fault-merge-choose = Choose one, or give a number
fault-supporting-many = At most { $max } supporting bodies
fault-supporting-lead = The body that leads does not support itself
fault-supporting-twice = This body supports the case already
conflict-at-most = This step may be taken { $max ->
    [one] once
   *[other] { $max } times
  } in a case and has been: take another of the steps that are offered
conflict-paused = The case is paused: nothing is done with it until its clock runs again
conflict-not-paused = The case is not paused
conflict-paused-once = The case has had its pause, and there is one
conflict-extended = The case has been granted as many extensions as it may be
conflict-relief-asked = Something is asked for already and waits for its decision
conflict-relief-none = Nothing is asked for that could be decided
conflict-relief-late = The time is over: more of it can be asked for only before
conflict-relief-day = The day until which the pause was to last has come: refuse it, or let it be asked for anew
conflict-in-all = Bodies have given this back { $max } times: now whoever will not have it asks for a ruling
conflict-return-window = The time to give it back is over: it counts from when your body was given it
conflict-window = The time to open it again is over: report it again and name { $number }
conflict-not-open = This step opens only when the one before it has been taken as often as it may be

# Dates and lengths of time
date = { $day } { $month }
date-with-year = { $day } { $month } { $year }
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = June
month-7 = July
month-8 = Aug
month-9 = Sept
month-10 = Oct
month-11 = Nov
month-12 = Dec
duration-days =
    { $first ->
        [one] { $first } day
       *[other] { $first } days
    }{ $second ->
        [0] {""}
       *[other] {" "}{ $second } h
    }
duration-hours =
    { $second ->
        [0] { $first } h
       *[other] { $first } h { $second } min
    }
duration-minutes = { $first } min
duration-seconds = { $first } s

role-anonymous = Not signed in
role-resident = Resident
role-grid_leader = Grid leader
role-grid_assistant = Grid assistant
role-grid_supervisor = Grid supervisor
role-grid_hygienist = Grid hygienist
role-acceptor = Acceptor
role-dispatcher = Dispatcher
role-handler = Handler
role-leader = Supervising leader
role-commander = Commander
role-auditor = Auditor
login-acceptor_second = Acceptor, a second one
login-leader_city = Supervising leader of the city
role-administrator = Administrator

organization-kind-party_organization = Party organisation
organization-kind-temporary_party_organization = Temporary party organisation
organization-kind-government_department = Government department
organization-kind-enforcement_team = Enforcement team
organization-kind-mass_organization = Mass organisation
organization-kind-firm = Firm
organization-kind-property_manager = Property manager
organization-kind-owners_committee = Owners’ committee
organization-kind-social_organization = Social organisation
organization-kind-supervision_centre = Supervision centre
organization-kind-command_centre = Command centre
organization-kind-community_committee = Community committee
organization-kind-grid_team = Grid team

tier-province = Province
tier-city = City
tier-county = County
tier-township = Township
tier-community = Community
tier-grid = Grid
tier-group = Group

area-kind-urban = Urban community
area-kind-rural = Rural community
area-kind-other = Other

# The browser fills in {"{"}x{"}"}.
script-keys-on = Single-letter keys are on: switch off
script-keys-off = Single-letter keys are off: switch on
script-draft-restored = We brought back what you had written. Photos, and how to reach you, are not kept: give them again.
script-draft-discard = Clear it and start again
script-photos-preview = Preview of {"{"}name{"}"}
script-photos-size = {"{"}name{"}"}, {"{"}megabytes{"}"} MB
script-photos-working =
    { $count ->
        [one] Preparing the photo…
       *[other] Preparing {"{"}count{"}"} photos…
    }
script-photos-ready = Photos ready: {"{"}count{"}"}.
script-photos-left-out = Not added: {"{"}count{"}"} (over 10 MB, or too many).
script-locate-working = Finding your position…
script-locate-done = Your position is filled in, to about {"{"}metres{"}"} m.
script-locate-denied = You did not allow the position. Please describe the place in words above.
script-locate-failed = No position found. Please describe the place in words.
script-place-tap = Tap where the problem is. You can drag the map and zoom.
script-place-marked = The place is marked. Tap elsewhere to change it.
script-place-unavailable = The map could not be had. Please describe the place in words.
script-send-offline = Not sent: there is no connection. Everything is still on this page; press again when you are online.
script-send-offline-kept = Not sent: there is no connection. Your text is kept on this phone, your photos as long as this page stays open. Press again when you are online; it will not be reported twice.
script-send-failed = Not accepted: something went wrong on our side ({"{"}reason{"}"}). Everything is still on this page; press again in a moment, it will not be doubled.
script-send-refused = Not accepted: {"{"}reason{"}"}
script-send-sign-in = Not sent: your sign-in has expired. Everything is still on this page: sign in in the other tab, come back here and press again.
script-send-other-account = Not sent: somebody else has signed in in this browser. Everything is still on this page: sign in as yourself in the other tab, come back here and press again.
script-send-other-account-link = Change the account
script-copy-done = Copied
script-proof-checking = Checking…
script-proof-good = Checked here: this is what was sealed as entry {"{"}index{"}"} of {"{"}size{"}"}. Cosigned by: {"{"}witnesses{"}"}.
script-proof-good-alone = Checked here: this is what was sealed as entry {"{"}index{"}"} of {"{"}size{"}"}. No witness has cosigned it: the city alone stands for it.
script-proof-unreadable = Not right: the proof or the city's trust policy cannot be read. Keep the proof and tell the city's auditor.
script-proof-unsigned = Not right: the proof is not signed by those whom the city's trust policy names. Keep the proof and tell the city's auditor.
script-proof-absent = Not right: this entry is not what was sealed. Keep the proof and tell the city's auditor.
script-proof-other = Not right: the proof is of another entry than the one shown here. Keep the proof and tell the city's auditor.
script-proof-away = The proof could not be fetched. Check the connection and press again in a minute.
script-map-name = Map of open cases by county
script-map-zoom-in = Zoom in
script-map-zoom-out = Zoom out
script-map-two-fingers = Use two fingers to move the map
script-map-label-open = {"{"}count{"}"} open
script-map-label-overdue = {"{"}count{"}"} overdue
script-map-age = Updated {"{"}age{"}"}
script-map-age-lost = Last update {"{"}age{"}"}
script-map-lost = Connection lost since {"{"}time{"}"}, trying again
script-map-unavailable = There is no map: the boundaries of these divisions are not known, or this machine cannot draw them. The numbers in the list are live all the same.
script-map-listed = On the map: the {"{"}listed{"}"} most urgent of {"{"}open{"}"} open cases
fault-area-tier = Choose a community, village or grid
fault-not-overdue = Its time is not over: choose another reason
fault-position-elsewhere = This position lies outside the division: check both
list-separator = {"; "}
