"""Lists: `members`, a person's relatives (`m.children`), items (`household.items(plot)`)."""

from amparo.rules.catalogue import HOUSEHOLD, ITEM, MEMBER, RuleList
from amparo.rules.check.limits import MOST_MEMBERS, MOST_NESTED
from amparo.rules.check.scope import Scope, offers
from amparo.rules.model.nodes import MEMBERS, ListRead, Place
from amparo.rules.model.rule import PERSON_UNIT, RuleRefused
from amparo.rules.model.types import LIST
from amparo.rules.text import syntax


def source(written: syntax.Syntax, scope: Scope) -> ListRead | None:
    """Return the list that was written; None when it is none. Refuses members asked within a question to a list."""
    found = _source(written, scope)
    if found is not None and len(scope.grains) >= MOST_NESTED:
        raise RuleRefused("rules-nested-too-deep", written.place, most=MOST_NESTED)
    return found


def _source(written: syntax.Syntax, scope: Scope) -> ListRead | None:
    match written:
        case syntax.Name(name="members") if MEMBERS not in scope.variables:
            if scope.variables:
                raise RuleRefused("rules-nested", written.place)
            return ListRead(LIST, written.place, HOUSEHOLD, MEMBERS, MEMBER, MOST_MEMBERS, "")
        case syntax.Select(of=syntax.Name(name=root), name=name) if _is_holder(root, scope):
            found = scope.catalogue.a_list(scope.grain(root), name)
            is_relation = found is not None and found.elements == MEMBER
            return _read(found, root, written.place, scope) if is_relation and found else None
        case syntax.Call(of=syntax.Name(name=root), name="items") if _is_holder(root, scope):
            return _read(_items(written, scope.grain(root), scope), root, written.place, scope)
    return None


def _is_holder(root: str, scope: Scope) -> bool:
    return root in scope.variables or root == HOUSEHOLD or (root == MEMBER and scope.unit == PERSON_UNIT)


def _read(found: RuleList, root: str, place: Place, scope: Scope) -> ListRead:
    variable = scope.variables.get(root, root)
    return ListRead(LIST, place, variable, found.name, found.elements, found.most, found.label_id)


def _items(written: syntax.Call, grain: str, scope: Scope) -> RuleList:
    if len(written.arguments) != 1 or not isinstance(written.arguments[0], syntax.Name):
        raise RuleRefused("rules-items-argument", written.name_place)
    kind = written.arguments[0]
    found = scope.catalogue.a_list(grain, kind.name)
    if found is None or not found.elements.startswith(ITEM):
        kinds = [each.name for each in scope.catalogue.lists if each.grain == grain and each.elements.startswith(ITEM)]
        raise RuleRefused("rules-items-unknown", kind.place, kind=kind.name, known=offers(kind.name, kinds) or ["–"])
    return found
