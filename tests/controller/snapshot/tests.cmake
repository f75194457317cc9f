# Tests of controller/snapshot.
