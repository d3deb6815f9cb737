"""What is counted of attempts, by keys that name nobody."""

from django.db import models


class CacheEntry(models.Model):
    """A row of Django's database cache, which alone writes here: the counts of sign-in attempts
    and the one-time codes that were used. In the database, every process sees the same count."""

    cache_key = models.CharField(primary_key=True, max_length=255)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)


class LimitBucket(models.Model):
    """What is left of one allowance, such as guesses at a password: `tokens` as counted at
    `updated_at` (seconds since 1970). `limits` alone reads and writes it, in one statement."""

    key = models.CharField(primary_key=True, max_length=64)
    tokens = models.FloatField()
    updated_at = models.FloatField(db_index=True)
