-- A row that says that work ran over its time bears the bit 64 of its work. One that says later that it is still over does not.
UPDATE case_event SET work = 64 WHERE transition = 'overdue' AND COALESCE(work, 0) = 0
  AND (detail <> REPLACE(detail, '"percent":100,', '') OR detail <> REPLACE(detail, '"percent":100}', ''));
