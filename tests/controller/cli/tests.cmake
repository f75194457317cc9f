# Tests of controller/cli.
