"""Who is there at the start: firms drawn to published figures, or the firms of a survey, both at rest at month 0."""
