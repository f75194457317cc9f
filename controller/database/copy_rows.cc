#include "controller/database/copy_rows.h"

namespace controller {

namespace {

constexpr std::string_view kEnd = "\\.\n";
constexpr std::size_t kPiece = std::size_t{256} << 10U;

}  // namespace

void CopyRows::feed(std::string_view bytes) {
  pending_.append(bytes);
  // Escaped as they are, no row can look like it.
  ended_ = pending_ == kEnd || pending_.ends_with("\n\\.\n");
  if (ended_) {
    pending_.erase(pending_.size() - kEnd.size());
  }
  if (!ended_ && pending_.size() < kPiece) {
    return;
  }
  // The end may come in pieces.
  const std::size_t kept = ended_ ? 0 : kEnd.size() + 1;
  if (pending_.size() > kept) {
    sink_(std::string_view(pending_).substr(0, pending_.size() - kept));
    pending_.erase(0, pending_.size() - kept);
  }
}

}  // namespace controller
