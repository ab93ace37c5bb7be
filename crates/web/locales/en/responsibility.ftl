# The list of responsibilities: which body has to do with what, where.

responsibility-title = Who is responsible
responsibility-lead = Which body is by law responsible for which kind of problem
responsibility-class = Kind of problem
responsibility-all-classes = All kinds
responsibility-area = Code of the area
responsibility-find-area = Not sure of the code? Look it up among the areas
responsibility-show = Show
responsibility-table-file = Download the list
responsibility-none = The list names no body: a dispatcher decides
responsibility-shared = The list names { $count } bodies: a dispatcher decides
responsibility-idle = takes no cases now
responsibility-limit = Time limit
responsibility-closing = Done when
responsibility-evidence = Evidence
responsibility-basis = Legal basis
responsibility-row = list of { $area }, version { $version }
responsibility-here = Who is responsible for what here
limit-urgent_hours = { $amount ->
    [one] 1 urgent hour
   *[other] { $amount } urgent hours
  }
limit-work_hours = { $amount ->
    [one] 1 work hour
   *[other] { $amount } work hours
  }
limit-work_days = { $amount ->
    [one] 1 work day
   *[other] { $amount } work days
  }
limit-natural_days = { $amount ->
    [one] 1 day
   *[other] { $amount } days
  }
