"""How passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with 64 MiB and three passes (RFC 9106, the second recommended choice), on one lane
    since sign-ins share the machine's cores. Kept hashes are renewed as people sign in."""

    time_cost = 3
    memory_cost = 64 * 1024
    parallelism = 1
