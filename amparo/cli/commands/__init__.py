"""One file for each command. `amparo.cli.app` names them in a table."""
