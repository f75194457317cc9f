# Tests of controller/restore.
