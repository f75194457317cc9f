# Tests of controller/recovery.
