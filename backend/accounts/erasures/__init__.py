"""Erasing people, and their data alone: at once, entirely, and again after a restore."""
