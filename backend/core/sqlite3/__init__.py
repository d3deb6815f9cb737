"""Django's backend for SQLite, with connections that are kept from one request to the next."""
