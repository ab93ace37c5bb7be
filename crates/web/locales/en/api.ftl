# What only the API says.
problem-media-type = The body is of a type that is not read here
problem-too-large = The body is too large

fault-json-or-form-type = The body must be application/json, or multipart/form-data with photos
fault-date = Write a date like 2026-01-31
fault-one-lens = Ask by only one of area, organization and mine
