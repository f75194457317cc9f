// A PAX tar as it is written.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "controller/archive/tree_entry.h"

namespace controller {

/// Writes entries one after the other.  Whatever `output` throws comes out of the call that caused
/// it; then the archive is lost.
class TarWriter {
 public:
  using Output = std::function<void(std::string_view)>;

  explicit TarWriter(Output output);
  TarWriter(const TarWriter&) = delete;
  TarWriter& operator=(const TarWriter&) = delete;
  ~TarWriter();

  /// Begins an entry.  The entry before must have had all its data.
  void begin(const TreeEntry& entry);

  /// The next bytes of the entry's data.
  void data(std::string_view bytes);

  /// The next bytes of a sparse entry lie in a hole.
  void hole(std::uint64_t length);

  /// Writes the end marker.
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace controller
