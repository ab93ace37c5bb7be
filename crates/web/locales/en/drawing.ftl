# Drawings of procedures
drawing-version = version { $version }
drawing-grid-workers = Grid workers
drawing-reporter = Reporter
drawing-clock = The clock
drawing-list = The list of responsibilities
drawing-limit-class = Time limit of its class
drawing-limit-urgent_hours = { $amount ->
    [one] 1 urgent hour
   *[other] { $amount } urgent hours
  }
drawing-limit-work_hours = { $amount ->
    [one] 1 work hour
   *[other] { $amount } work hours
  }
drawing-limit-work_days = { $amount ->
    [one] 1 work day
   *[other] { $amount } work days
  }
drawing-limit-natural_days = { $amount ->
    [one] 1 day
   *[other] { $amount } days
  }
drawing-told = Told when late: { $roles }
drawing-told-at = Told at { $percent }% of its time: { $roles }
drawing-pause = Paused on request: { $ask } asks, { $decide } decides
drawing-extension = Extended on request: { $ask } asks, { $decide } decides
drawing-at-most = at most { $most ->
    [one] once
    [2] twice
   *[other] { $most } times
  }
drawing-in-all = { $most } in all
drawing-within = within { $time }
drawing-window = May be opened again
drawing-start = Start
drawing-who-reports = Who reports?
drawing-forward = leads on
drawing-returns = is given back
drawing-reworks = is done again
drawing-reopens = is opened again
drawing-timeout = when the time is over
