"""From a statement of the sources to what became of it, and from a hazard to the test that holds it.

For people who review the product; no request comes here.
"""
