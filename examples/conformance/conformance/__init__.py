"""A phone as the Stepwise API expects it: the reference for apps, without any framework."""
