# Calendars: how an area works in a year.

calendar-title = { $place }: work calendar { $year }
calendar-link = Work calendar
calendar-workdays =
    { $count ->
        [one] { $count } workday
       *[other] { $count } workdays
    }
calendar-years = Other years
calendar-legend = What the colours mean
calendar-holiday = Holiday
calendar-adjusted = Workday by adjustment
calendar-weekend = Weekend
calendar-workday = Workday
calendar-mark-holiday = H
calendar-mark-adjusted = W
calendar-day = { $weekday } { $date }
calendar-days = Holidays and adjusted workdays
calendar-days-none = None are entered: weekends are off.
calendar-hours = Work periods
calendar-hours-usual = Usual hours
calendar-origins = Where this comes from
calendar-origins-help = Of each day the nearest area is heard that says anything of it.
calendar-of-file = The city’s settings
calendar-entered = { $source }, entered { $date }
calendar-unknown = The holidays of { $year } are not entered yet
calendar-unknown-help = Deadlines count Monday to Friday and are provisional. Once an administrator has entered the year (olzii import calendar), they are counted again.
calendar-missing-open = See the calendar

weekday-1 = Mon
weekday-2 = Tue
weekday-3 = Wed
weekday-4 = Thu
weekday-5 = Fri
weekday-6 = Sat
weekday-7 = Sun
weekday-short-1 = Mo
weekday-short-2 = Tu
weekday-short-3 = We
weekday-short-4 = Th
weekday-short-5 = Fr
weekday-short-6 = Sa
weekday-short-7 = Su
