# Tests of controller/plan.
