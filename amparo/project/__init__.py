"""The installation: settings, addresses of pages, wiring of the packages, and the embedded database.

This package imports all others and none imports it. Rules of the domain do not belong here.
"""
