"""Questionnaires: what is asked, how answers are scored, what a change means, and when it is due."""
