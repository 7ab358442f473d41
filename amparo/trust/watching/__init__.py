"""Finds unusual use of records in the audit log, and raises an alert of each.

Shape   the log's new rows in, at most one alert per kind, officer, subject and day out (`rules`), with the rows it rests on
Units   records opened, not pages: a search that shows fifty names opens fifty. Days are the country's own
Nulls   an officer without colleagues to compare with is held to the absolute limits alone; a row that names nobody counts for
        nobody
Errors  whatever fails leaves the log uncounted from the same place on, and the next run begins there
"""
