"""The rule language, as examples that run on every engine and are published as its reference.

Each file is a chapter, each test a paragraph: its docstring is the text, its rule and tables the example.
`make docs` writes docs/reference/rule-language.md from them.
"""
