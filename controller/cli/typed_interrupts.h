// Ctrl-C where there is no terminal that makes a signal of it.
#pragma once

namespace controller {

/// From now on each byte ETX that can be read from `input` is a SIGINT of this process.  Its end is
/// nothing: whoever could have interrupted us has gone.  `input` stays open until the process ends.
void heed_typed_interrupts(int input);

}  // namespace controller
