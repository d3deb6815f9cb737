"""What other apps may want to follow: rung inside the transaction that it speaks of, so that what
follows is done with it or not at all."""

from django.dispatch import Signal

# A patient's profile names another time zone. Sent with `user`, as stored now, and `now`.
zone_changed = Signal()

# A patient's record is about to be deleted, with or without her account. Sent with `patient` and
# `now`; what follows must not name her, and holds no id of hers.
data_going = Signal()
