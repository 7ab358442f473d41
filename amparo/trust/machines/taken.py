"""Messages that hold once: whoever sends one again, at once or after a restart, is told that it was taken."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction


def take(sender: UUID, message: str, *, until: datetime) -> bool:
    """Take a message of this name from a sender, and return whether it is the first; kept until it holds no more.

    Written before anything is done: what fails afterwards needs another message, and nothing is ever done twice.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO trust_taken (sender, message, until) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [sender, hashlib.sha256(message.encode()).hexdigest(), until],
        )
        return cursor.rowcount == 1


def forget_old(*, before: datetime) -> int:
    """Forget messages that hold no more; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM trust_taken WHERE until < %s", [before])
        return cursor.rowcount
