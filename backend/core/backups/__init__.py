"""Backups: one file with the database and a manifest against which a restore is proven."""
