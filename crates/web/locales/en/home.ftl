# The first page.

home-title = Something broken nearby? Say so, and somebody sees it through
home-lead = A dark street lamp, a missing manhole cover, rubbish left lying: report it without an account, and see who has it and how long they have left.
home-report = Report a problem
home-follow = Follow a report
home-loop = The seven steps of a case
home-how = What happens to a report
home-step-1 = You say what it is and where. A grid worker looks at it on site.
home-step-2 = What is there is registered, and from then on the clock runs.
home-step-3 = The command centre sends it to the body in charge. If that is the wrong one it comes back and goes to another; it never gets lost.
home-step-4 = That body puts it right within its time. When time runs out, those above are told.
home-step-5 = The result comes back with a photo, and the command centre confirms it.
home-step-6 = Somebody who had no part in the work checks it on site. If it is not good, it is done again.
home-step-7 = You rate it, within seven days. Then the case is closed.
home-mine = My reports
home-mine-none = You have not reported anything yet
home-mine-none-help = What you report shows here with the step it is at, and you are told when it moves.
home-grid = The grid where I live
home-grid-report = Report something here
home-figures = Cases in { $city }
home-counties = Start from a county
