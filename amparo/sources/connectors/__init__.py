"""How sources are asked: one folder for each kind, with the same two files.

`settings.py`  `wrong_with(settings, attributes)` → what is wrong with a connection's settings, as (key, example) pairs
`asking.py`    `ask(settings, question)` → `Raw`, or the reason why there is none. It raises nothing that a source can cause, and
               writes nobody's data anywhere. Where many may be asked about in one message, besides:
               `together(settings)` → about how many, and `ask_together(settings, questions)` → an answer to each, in order
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from amparo.sources.connectors.dci import asking as dci
from amparo.sources.connectors.dci import settings as dci_settings
from amparo.sources.connectors.drop import asking as drop
from amparo.sources.connectors.drop import settings as drop_settings
from amparo.sources.connectors.raw import Raw
from amparo.sources.connectors.rest import asking as rest
from amparo.sources.connectors.rest import settings as rest_settings
from amparo.sources.connectors.sql import asking as sql
from amparo.sources.connectors.sql import settings as sql_settings
from amparo.sources.types import Attribute, Question, Reason

Wrong = tuple[str, str]


@dataclass(frozen=True)
class Connector:
    ask: Callable[[Mapping[str, Any], Question], Raw | Reason]
    wrong_with: Callable[[Mapping[str, Any], Sequence[Attribute]], list[Wrong]]
    together: Callable[[Mapping[str, Any]], int] = lambda settings: 1
    ask_together: Callable[[Mapping[str, Any], Sequence[Question]], Sequence[Raw | Reason]] | None = None


CONNECTORS: dict[str, Connector] = {
    "rest": Connector(rest.ask, rest_settings.wrong_with),
    "dci": Connector(dci.ask, dci_settings.wrong_with, dci.together, dci.ask_together),
    "drop": Connector(drop.ask, drop_settings.wrong_with),
    "sql": Connector(sql.ask, sql_settings.wrong_with),
}
