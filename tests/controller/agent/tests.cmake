# Tests of controller/agent.
