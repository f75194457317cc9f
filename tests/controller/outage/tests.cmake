# Tests of controller/outage.
