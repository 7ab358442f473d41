"""The DCI standard (interfaces between social protection systems, version 1.0.0) as pure code: no Django, no network.

For whoever answers such messages (`interop`) and whoever asks by them (`sources`):
`codes`      the standard's words: registries, actions, statuses, and the codes by which something is refused
`envelope`   header and message: `received` reads one, `request`, `answer` and `acknowledgement` make one
`signing`    `sign` and `expect_signed`, in three profiles
`sealing`    `seal` and `opened`: encrypted messages
`searching`  what a search asks: `asked_in`, then `query_of`, `sort_of`; and `identified`, `search_message` to ask
`enrolling`  whether somebody is enrolled, and what a programme's system tells of enrolments
`records`    Person, Member, Group, Beneficiary and Programme in the standard's words, from tables

What is wrong raises `codes.Wrong`, with the standard's code and a message. Nothing that is not understood is passed over.
"""
