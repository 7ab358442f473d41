"""The machines' door: partners' programs ask here, each let in by its own credential and under its own agreements.

Not for people (`web`) nor operators (`cli`). What is handed over is decided below: by agreements in `trust`, by queries in
`registry` and `programmes`. Here is who may ask what, how often, in what form, and how it is refused.
"""
