-- Of the notices of one moment a person may have seen some. Rows from before say nothing: all of that moment.
ALTER TABLE notice_seen ADD COLUMN seen_id UUID;
