# Pages of divisions.

areas-title = Divisions
areas-search = Find a division by name or code
areas-search-hint = Name or code
areas-search-button = Find
areas-found = Search for { $text }
areas-of = { $place }: { $tier }
areas-total = { $shown } in all
areas-pages = Pages
areas-none-found = No division found
areas-none-found-help = A part of the name or the first digits of the code will do.
areas-to-root = Start from the top
areas-none = There are no divisions yet
areas-none-help = They appear here once an administrator has imported them.

area-since = since { $date }
area-from-to = { $from } to { $to }
area-until = until { $date }
area-in = in { $parent }
area-open = open
area-overdue = overdue
area-cases-open = { $count } open
area-cases-overdue = { $count } overdue
area-below = Below
area-below-none = Nothing stands below it.
below-province =
    { $count ->
        [one] { $count } province
       *[other] { $count } provinces
    }
below-city =
    { $count ->
        [one] { $count } city
       *[other] { $count } cities
    }
below-county =
    { $count ->
        [one] { $count } county
       *[other] { $count } counties
    }
below-township =
    { $count ->
        [one] { $count } township
       *[other] { $count } townships
    }
below-community =
    { $count ->
        [one] { $count } community
       *[other] { $count } communities
    }
below-grid =
    { $count ->
        [one] { $count } grid
       *[other] { $count } grids
    }
below-group =
    { $count ->
        [one] { $count } group
       *[other] { $count } groups
    }
areas-province = provinces
areas-city = cities
areas-county = counties
areas-township = townships
areas-community = communities
areas-grid = grids
areas-group = groups
grid-kind-urban = Urban grid
grid-kind-rural = Rural grid
area-kinds = { $urban } urban, { $rural } rural
area-bodies = Organisations here
area-bodies-total = { $count } here and below; those of this division itself:
area-posts = { $role }: { $count }
area-facts = Facts
area-code = Code
area-kind = Kind
area-households = Households
area-residents = Residents
area-few = fewer than 10
area-coarse = rounded to fives
area-history = History
area-ended = This division ended on { $date }
area-successor = Now part of:
area-as-of = This is how it was on { $date }.
area-to-now = See it now
as-of-title = In the past
as-of-label = Day
as-of-button = Show
as-of-fault = Write the date like 2026-01-31
figures-as-of = Figures as of
