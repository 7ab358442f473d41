"""`amparo profile check DIR`: everything that is wrong with a country's folder, before anything is installed."""

from typing import Annotated

import typer

from amparo.cli.printing import REFUSED, AsJson, as_json_text, errors, language, print_line, result, words
from amparo.trust.types.charged import charged

Folder = Annotated[str, typer.Argument(help=words("cli-profile-check-folder"))]


@charged()
def profile_check(context: typer.Context, folder: Folder, as_json: AsJson = False) -> None:
    from amparo.profiles.checking import check
    from amparo.profiles.country import country
    from amparo.profiles.finding import find
    from amparo.profiles.languages import say

    found = check(find(folder))
    if not found:
        profile = country(folder)
        values = {
            "profile": profile.code,
            "programmes": len(profile.programmes),
            "cases": len(profile.cases),
            "faults": [],
        }
        result(values, as_json=as_json, sentence="cli-profile-check-done")
        return
    told = [
        {"file": each.file, "place": each.place, "words": say(each.message, language()).split("\n")} for each in found
    ]
    if as_json:
        print_line(as_json_text({"profile": folder, "faults": told}))
    for each in told:
        errors.print(f"{each['file']}: {each['place']}", style="bold")
        for line in each["words"]:
            errors.print(f"  {line}")
    errors.print(words("cli-profile-check-faults", count=len(told)))
    raise typer.Exit(REFUSED)
