#include "controller/cli/book_changes.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace controller {

namespace {

constexpr int kLook = 1000;  // milliseconds

}  // namespace

BookChanges::BookChanges(const std::filesystem::path& book)
    : watch_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (!watch_ || ::inotify_add_watch(watch_.fd(), book.parent_path().c_str(), IN_MODIFY) < 0) {
    throw std::system_error(errno, std::generic_category(),
                            "cannot watch " + book.parent_path().string());
  }
}

void BookChanges::wait() {
  pollfd one{watch_.fd(), POLLIN, 0};
  ::poll(&one, 1, kLook);
  std::array<char, 4096> ignored{};
  while (::read(watch_.fd(), ignored.data(), ignored.size()) > 0) {
  }
}

}  // namespace controller
