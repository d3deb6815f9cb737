"""What other apps may want to follow: rung inside the transaction that it speaks of, so that what
follows is done with it or not at all."""

from django.dispatch import Signal

# A recovery plan was opened. Sent with `plan`, the `rev` of the transaction, and `now`.
plan_opened = Signal()
