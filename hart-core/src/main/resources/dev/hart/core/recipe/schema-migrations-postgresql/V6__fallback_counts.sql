ALTER TABLE action_experience ADD COLUMN fallback_counts TEXT NOT NULL DEFAULT '{}';
