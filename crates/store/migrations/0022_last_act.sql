-- When a body last did anything.
CREATE INDEX case_event_organization ON case_event (organization_id, at) WHERE organization_id IS NOT NULL;
