# The command page: the live map and its figures.

command-open = open
command-overdue = overdue
command-closed = closed
command-closed-days = closed in { $days } days
command-area = Division
command-caption = Cases by division of { $area }
command-figures-from = Figures from { $time }
command-nothing-below = Nothing stands below it.
