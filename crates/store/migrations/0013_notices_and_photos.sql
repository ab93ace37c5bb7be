-- Of the notices of one moment a person may have seen some. Rows from before say nothing: all of that moment.
ALTER TABLE notice_seen ADD COLUMN seen_id UUID;

-- Who read how to reach the reporter of a case.
CREATE INDEX journal_read_contact ON journal (subject_id, at, id) WHERE action = 'case.read_contact';

-- Whether a file in the folder of photos is part of a case.
CREATE INDEX case_photo_id ON case_photo (id);
