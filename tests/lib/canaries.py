"""Looks for values that are nowhere else in the world, in whatever way they may be written."""

from base64 import b64encode

from amparo.project.databases import connect


def ways(text: str) -> set[bytes]:
    """Return how a text may stand in bytes: plain, UTF-16, hex of both cases, and base64 at each of three offsets."""
    plain = text.encode()
    # Of each offset the part that does not depend on what comes before and after.
    based = {b64encode(b"\0" * offset + plain)[4 * (offset > 0) + (offset > 0) : -4] for offset in range(3)}
    return {plain, text.encode("utf-16-le"), plain.hex().encode(), plain.hex().upper().encode(), *based}


def holds(content: bytes, text: str) -> bool:
    return any(each in content for each in ways(text))


def dumped(server, database) -> bytes:
    """Return every row of every table as COPY writes it: what pg_dump would hold."""
    with connect(server.server, database) as connection:
        tables = connection.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        found = []
        for (each,) in tables:
            with connection.cursor() as cursor, cursor.copy(f"COPY {each} TO STDOUT") as copy:
                found += [bytes(part) for part in copy]
        return b"".join(found)
