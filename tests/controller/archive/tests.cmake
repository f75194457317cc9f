# Tests of controller/archive.
