#include "controller/cli/control_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "controller/archive/sha256.h"
#include "controller/archive/system_call.h"

namespace controller {

namespace {

// A tmpfs that is each container's own.
constexpr const char* kFolder = "/dev/shm/cofferdam";
constexpr std::size_t kNameLength = 16;
constexpr int kWaiting = 64;
constexpr std::size_t kRoomForDescriptors = CMSG_SPACE(3 * sizeof(int));

sockaddr_un address_of(const std::filesystem::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& text = socket.native();
  if (text.size() >= sizeof(address.sun_path)) {
    throw SettingError("the path " + text + " is too long for a socket");
  }
  text.copy(static_cast<char*>(address.sun_path), text.size());
  return address;
}

FileDescriptor new_socket() {
  FileDescriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!socket) {
    throw std::system_error(errno, std::generic_category(), "cannot make a socket");
  }
  return socket;
}

/// The calls take the address of any family.
template <typename Call>
bool with_address(const std::filesystem::path& socket, Call call) {
  const sockaddr_un address = address_of(socket);
  return call(reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

/// Whoever could write here could stand in for `serve`.
bool is_ours_alone(const std::filesystem::path& folder) {
  struct stat found {};
  return ::lstat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
         found.st_uid == ::geteuid() && (found.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

void make_folder(const std::filesystem::path& folder) {
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
    throw_errno("make", folder);
  }
  if (!is_ours_alone(folder)) {
    throw_error(EACCES, "use, since it is not this user's alone,", folder);
  }
}

/// A message's parts in the form that the calls want.
struct Envelope {
  Envelope(char* bytes, std::size_t size, bool with_descriptors) : part{bytes, size} {
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (with_descriptors) {
      header.msg_control = room.data();
      header.msg_controllen = room.size();
    }
  }
  Envelope(const Envelope&) = delete;
  Envelope& operator=(const Envelope&) = delete;

  iovec part;
  alignas(cmsghdr) std::array<char, kRoomForDescriptors> room{};
  msghdr header{};
};

bool send_envelope(int socket, const Envelope& envelope) {
  return ::sendmsg(socket, &envelope.header, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

/// Takes over those that came along; more than three are never sent, and the kernel drops them.
void take_descriptors(msghdr& header, Descriptors& descriptors) {
  const cmsghdr* control = CMSG_FIRSTHDR(&header);
  if (!control || control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) {
    return;
  }
  std::array<int, 3> numbers{-1, -1, -1};
  const std::size_t bytes = std::min(control->cmsg_len - CMSG_LEN(0), sizeof(numbers));
  std::memcpy(numbers.data(), CMSG_DATA(control), bytes);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    descriptors.at(i) = FileDescriptor(numbers.at(i));
  }
}

}  // namespace

std::filesystem::path control_socket(const Settings& settings) {
  std::error_code ignored;
  Sha256 digest;
  for (const auto& part : {std::filesystem::read_symlink("/proc/self/ns/mnt", ignored).string(),
                           settings.store.string(), settings.state.string(), settings.project}) {
    digest.add(part);
    digest.add(std::string_view("\0", 1));
  }
  return std::filesystem::path(kFolder) / (digest.hex().substr(0, kNameLength) + ".sock");
}

FileDescriptor listen_for_commands(const std::filesystem::path& socket) {
  make_folder(socket.parent_path());
  if (connect_to_serve(socket)) {
    throw SettingError("another `cofferdam serve` of this store runs here already");
  }
  ::unlink(socket.c_str());
  auto listener = new_socket();
  const bool bound = with_address(socket, [&](const sockaddr* address, socklen_t size) {
    return ::bind(listener.fd(), address, size);
  });
  if (!bound || ::chmod(socket.c_str(), S_IRUSR | S_IWUSR) != 0 ||
      ::listen(listener.fd(), kWaiting) != 0) {
    throw_errno("listen on", socket);
  }
  return listener;
}

std::optional<FileDescriptor> connect_to_serve(const std::filesystem::path& socket) {
  if (!is_ours_alone(socket.parent_path())) {
    return std::nullopt;
  }
  auto connection = new_socket();
  const bool connected = with_address(socket, [&](const sockaddr* address, socklen_t size) {
    return ::connect(connection.fd(), address, size);
  });
  return connected ? std::optional(std::move(connection)) : std::nullopt;
}

bool send_message(int socket, const std::string& text) {
  std::string bytes = text;
  return send_envelope(socket, Envelope(bytes.data(), bytes.size(), false));
}

bool send_message(int socket, const std::string& text, const std::array<int, 3>& descriptors) {
  std::string bytes = text;
  Envelope envelope(bytes.data(), bytes.size(), true);
  cmsghdr* control = CMSG_FIRSTHDR(&envelope.header);
  control->cmsg_level = SOL_SOCKET;
  control->cmsg_type = SCM_RIGHTS;
  control->cmsg_len = CMSG_LEN(sizeof(descriptors));
  std::memcpy(CMSG_DATA(control), descriptors.data(), sizeof(descriptors));
  return send_envelope(socket, envelope);
}

std::optional<Message> receive_message(int socket) {
  ssize_t size = -1;
  do {
    size = ::recv(socket, nullptr, 0, MSG_PEEK | MSG_TRUNC);
  } while (size < 0 && errno == EINTR);
  if (size <= 0) {
    return std::nullopt;
  }
  Message message;
  message.text.resize(static_cast<std::size_t>(size));
  Envelope envelope(message.text.data(), message.text.size(), true);
  if (::recvmsg(socket, &envelope.header, MSG_CMSG_CLOEXEC) != size) {
    return std::nullopt;
  }
  take_descriptors(envelope.header, message.descriptors);
  return message;
}

}  // namespace controller
