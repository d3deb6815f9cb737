"""Patterns for therapists: what the answers may point to. Never shown to patients, no diagnosis."""
