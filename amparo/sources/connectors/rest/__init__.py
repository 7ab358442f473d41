"""Any institution that answers in JSON over HTTP, mapped by settings: no code for each."""
