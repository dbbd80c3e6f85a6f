"""Pages and tables for readers: findings in, text out."""
