"""How much of anything a delivered file may have. Each is far above what a census needs, far below what hurts."""

COLUMNS = 2_000
COLUMN_NAME_LENGTH = 200
CELL_LENGTH = 32_767  # characters: what a spreadsheet itself allows
LINE_BYTES = 4 << 20

MEMORY_BYTES = 3 << 29  # address space of the child: 1.5 GiB
SECONDS = 60  # a file of any size may take this long …
BYTES_PER_SECOND = 2 << 20  # … and this much longer for its bytes

ZIP_ENTRIES = 1_000
ZIP_BYTES = 200 << 20
ZIP_RATIO = 100
ZIP_RATIO_FROM = 1 << 20  # an entry smaller than this may be as repetitive as it likes
SHEET_CELLS = 5_000_000
FORMULAS = 10_000
