"""Notices: letters, e-mails and texts to people. What happened is told by whoever did it; where somebody is reached, and by what, is found here.

Not for what officers are told, and not for the decision's own explanation, which is printed and handed over (`web.letter`).
"""
