# Signing in, and one's own account.

sign-in-title = Sign in
sign-in-lead = For grid workers, departments and command centres. Residents report without signing in.
sign-in-name = Login name
sign-in-password = Password
sign-in-button = Sign in
sign-in-not = Not signed in
sign-in-wrong = The login name or the password is wrong
sign-in-too-many = Too many attempts: try again in { $wait }
sign-out-button = Sign out
demo-title = Demo logins
demo-explained = This is a demo city: its people and cases are invented. Choose a role to enter with one press. The password of every demo login is { $password }.

me-title = My account
posts-title = My posts
posts-none = You hold no post. You can report problems and follow what you reported.

readings-title = Who read my record
readings-explained = Each time somebody looks at your name, phone or address, it is recorded. Only you see this list.
readings-none = Nobody yet.
readings-earlier = Earlier ones
readings-withheld = { $count ->
    [one] { $count } entry is
   *[other] { $count } entries are
  } withheld from you by law, and shown here on { $time }
readings-ended = From { $begin } to { $end } { $count ->
    [one] { $count } entry
   *[other] { $count } entries
  } by { $body } were withheld from you. Approved by { $decider }. Ground: { $basis }
reading-reader = { $role } { $body }
reading-record = read your record
reading-contact = read how to reach you about a report
reading-figures = looked at the figures of your work
reading-passes = did something about a pass in your name
reading-by-guardian = Somebody who looks after you
reading-by-agent = Somebody whom you let act for you
reading-other = worked on something that concerns you
reading-purpose = { $what }, for { $purpose }
purpose-case = handling a case
purpose-visit = a visit
purpose-service = a service on your behalf
purpose-emergency = an emergency

sessions-title = Signed-in devices
sessions-this = this one
sessions-since = since { $time }
sessions-end = Sign out
sessions-end-others = Sign out all others
device-unknown = Unknown device

password-title = Change the password
password-old = Old password
password-new = New password
password-hint = At least { $min } characters; longer is better, no mixture of signs is needed. Not a birthday or a phone number.
password-button = Change the password
password-changed = The password is changed, and all other devices are signed out.
password-not-changed = The password was not changed
colon = {": "}

conflict-withholding-id = This id belongs to another request to withhold: make a new one
conflict-withholding-open = Your body has a request about this person that is not decided, or a decision that is not over
conflict-withholding-decided = This was decided already
conflict-withholding-over = Nothing is withheld by it now
