"""Reminders: what rings when by the wall clock, and whether it is said."""
