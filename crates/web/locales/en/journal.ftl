# The log in which the journal is sealed.

log-link = The sealed journal
log-title = The sealed journal
log-lead = Who did what, and who read whom, is sealed within the minute. Nobody can change or take out an entry unseen, not even the city. No person can be found in what is shown here.
log-size = Entries sealed
log-published = Checkpoint shown
log-published-none = none yet
log-root = Root
log-witnesses = Witnesses
log-witnesses-lead = Other bodies that cosign the log only if it continues what they saw before.
log-witnesses-none = The city has named no witness yet. Until it does, the city alone signs.
log-witness = Witness
log-cosigned = Last cosigned
log-cosigned-never = never
log-entries = Entries
log-standing = Standing
log-silent = silent
log-cosigns = cosigns
log-alarm = Something is wrong with the log
log-alarm-failing = Nothing can be sealed since { $time }. The city has to look at it.
log-alarm-waiting = An entry of { $time } still waits to be sealed.
log-alarm-old = The checkpoint shown is of { $time }, and no newer one came.
log-alarm-silent = { $name } has not cosigned since { $time }.
log-alarm-never = { $name } has never cosigned.
log-check = Check it yourself
log-check-lead = With a copy of the program, without the city's help:
log-check-proof = And the proof of one entry about you, which you find beside it on your page:
log-origin = Name of the log
log-key = Key
log-checkpoint = Checkpoint
log-policy = Whose word is needed

reading-proof = Proof
reading-proof-hint = Entries are sealed within the minute: a proof shows that this one cannot be changed or taken out any more.
conflict-unsealed = This entry is not sealed yet. That takes a minute: come back then.
conflict-entry-changed = This entry is no longer what was sealed: somebody changed it. Please tell the city's auditor.
