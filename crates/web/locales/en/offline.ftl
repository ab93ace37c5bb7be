# Installed on a phone; what is done without network is kept there first.

app-name = Olzii grid service
app-description = Report, verify, check: also without network; it is sent when there is one.

outbox-title = Outbox
outbox-lead = What you do without network is kept on this phone and sent by itself, in order, once there is a network. Each thing counts once.
outbox-send = Send now
outbox-none = Nothing waits
outbox-none-help = All that you did on this phone has arrived.
outbox-waiting = Waits to be sent
outbox-refused = Not accepted
outbox-wrote = What you wrote
outbox-photos = Photos
outbox-kept = Kept
outbox-mend = Put it right and send again
outbox-delete = Delete
outbox-delete-help = It cannot be had back.
outbox-delete-sure = Yes, delete it
outbox-page = Open the case
outbox-missing = No network, and this page is not on the phone
outbox-missing-help = Today’s list and its cases are, and you can report.
outbox-missing-today = Today’s list
outbox-missing-report = Report
outbox-no-script = To keep things on this phone, switch on JavaScript in the browser.
outbox-cannot = This browser cannot keep anything: without network, leave the page open that you are filling in.

# The browser fills in {"{"}x{"}"}.
script-offline-copy = No network. This page was kept on the phone
script-offline-reload = Load it again
script-refresh-stale = As of {"{"}time{"}"}, and not renewed since: there is no connection, or your sign-in has expired.
script-outbox-kept = Kept on this phone. It is sent by itself once there is a network, and counts once; you can leave this page before that.
script-outbox-kept-sign-in = Kept on this phone: your sign-in has expired. It is sent once you have signed in, and counts once.
script-outbox-kept-other-account = Kept on this phone, for you alone: somebody else has signed in here. It is sent once you have signed in, and counts once.
script-outbox-open = Open the outbox
script-outbox-count = {"{"}count{"}"} in the outbox
script-outbox-full = Neither sent nor kept: this phone’s storage is full. Everything is still on this page; make room, or press again when you are online.
script-outbox-limit = Neither sent nor kept: {"{"}max{"}"} things wait already. Everything is still on this page; press again when you are online and they are sent.
script-outbox-sent = Arrived: {"{"}count{"}"}.
script-outbox-arrived = What waited on this phone has arrived. This page shows how things stood before, so that what you are writing is not lost:
script-outbox-sign-in =
    { $count ->
        [one] Your sign-in has expired. What is in the outbox is still on this phone and is sent once you have signed in.
       *[other] Your sign-in has expired. All {"{"}count{"}"} in the outbox are still on this phone and are sent once you have signed in.
    }
script-outbox-sign-in-link = Sign in
script-outbox-others =
    { $count ->
        [one] This phone keeps one thing that was not sent yet. It is shown and sent when whoever did it signs in.
       *[other] This phone keeps {"{"}count{"}"} things that were not sent yet. They are shown and sent when whoever did them signs in.
    }
script-outbox-here = A step taken here is kept on this phone and has not arrived yet:
script-outbox-tag = In the outbox
script-outbox-mending = Not accepted: {"{"}reason{"}"}. What you wrote and your photos are below: put it right and send it again.
script-outbox-no-form = This step cannot be taken any more. What you wrote and your photos are still in the outbox.
script-outbox-unreachable = Still no network. Everything is on this phone and is sent by itself once there is one.
script-outbox-busy = The server is busy. Everything is on this phone and is sent again in a while.
script-outbox-refused = Not accepted: {"{"}count{"}"}. Put right what is said below and send it again, or delete it.
script-outbox-held = Waits for the one before it in the same case, which was not accepted: put that right, or delete it.
script-outbox-photo = Your photo {"{"}number{"}"}
script-outbox-attempts =
    { $count ->
        [one] Tried once; it may have arrived. Sent again it still counts once
       *[other] Tried {"{"}count{"}"} times; it may have arrived. Sent again it still counts once
    }
