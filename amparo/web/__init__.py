"""The people's door: pages rendered on the server, for staff first.

Every view is declared with the permission it needs (`access.page`) or as open to all (`access.public`). Not here:
what the pages show and do, which lies in the queries and actions of the packages below.
"""
