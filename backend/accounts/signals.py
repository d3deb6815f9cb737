"""What other apps may want to follow: rung inside the transaction that it speaks of, so that what
follows is done with it or not at all."""

from django.dispatch import Signal

# A patient's profile names another time zone. Sent with `user`, as stored now, and `now`.
zone_changed = Signal()
