# Tests of controller/database.
