"""The pages: parse, ask who may see it, make one call, present."""
