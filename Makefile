# The front door; scripts/ and CMakePresets.json do the work.
.PHONY: dev check asan tsan tidy format image demo test soak bench
dev:            ; cmake --preset dev && cmake --build --preset dev
check: dev      ; ctest --preset dev
asan tsan:      ; cmake --preset $@ && cmake --build --preset $@ && ctest --preset $@
tidy:           ; cmake --preset tidy && cmake --build --preset tidy
format:         ; git ls-files '*.cc' '*.h' | xargs clang-format -i
image:          ; scripts/image
demo test soak: ; scripts/$@
bench:          ; scripts/setup bench && /usr/bin/python3 tests/bench/run.py
