// Rows in COPY's text format as a dump has them, without the line that ends them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace controller {

/// Collects rows into pieces that are worth sending.
class CopyRows {
 public:
  explicit CopyRows(std::function<void(std::string_view)> sink) : sink_(std::move(sink)) {}

  /// Takes the next bytes; "\." must be the last line of all.
  void feed(std::string_view bytes);

  /// True once "\." was taken; all rows have been passed on then.
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  std::function<void(std::string_view)> sink_;
  std::string pending_;
  bool ended_ = false;
};

}  // namespace controller
