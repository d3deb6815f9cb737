"""What the pages say, as values and words; no template decides anything."""
