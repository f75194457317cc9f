# Tests of controller/capture.
