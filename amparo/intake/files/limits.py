"""How much of anything a delivered file may have. Each is far above what a census needs, far below what hurts."""

COLUMNS = 2_000
COLUMN_NAME_LENGTH = 200
FILE_NAME_LENGTH = 200
UNFINISHED = 50  # deliveries of one officer that wait, stand still or are worked on
CELL_LENGTH = 32_767  # characters: what a spreadsheet itself allows
LINE_BYTES = 4 << 20

MEMORY_BYTES = 3 << 29  # address space of the child: 1.5 GiB
OUTPUT_BYTES = 8 << 30  # of one file the child writes
SECONDS = 60  # a file of any size may take this long …
CPU_SECONDS = 30  # … and this much of a processor …
BYTES_PER_SECOND = 2 << 20  # … and both this much longer for its bytes

ZIP_ENTRIES = 1_000
ZIP_BYTES = 200 << 20
ZIP_RATIO = 100
ZIP_RATIO_FROM = 1 << 20  # an entry smaller than this may be as repetitive as it likes
XML_PROLOG_BYTES = 1 << 16
SHEET_CELLS = 5_000_000
SHEET_CHARACTERS = 256 << 20  # of all cells; a shared text counts as often as it is shown
FORMULAS = 10_000  # and other cells that are taken as they are written
PARQUET_ROWS = 1_000_000_000
