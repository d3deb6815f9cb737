"""A patient's history as pages and phones show it: her days, with an explicit reason for each
absence, and one timeline of everything."""
