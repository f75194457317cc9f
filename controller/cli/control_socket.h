// Where `serve` hears commands that are run beside it, and what the two say to each other.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>

#include "controller/archive/file_descriptor.h"
#include "controller/cli/settings.h"

namespace controller {

/// The socket of the `serve` of this store, state and project within this container (a mount
/// namespace).  In a folder of memory that only our user enters, which every container has, also
/// one whose root is read-only.
std::filesystem::path control_socket(const Settings& settings);

/// Listens there.  Makes the folder, and takes the place of a `serve` that is not alive any more.
/// Throws SettingError if another one answers or the folder is somebody else's, std::system_error
/// for anything else.
FileDescriptor listen_for_commands(const std::filesystem::path& socket);

/// Absent if nobody listens there, or if the folder is somebody else's.
std::optional<FileDescriptor> connect_to_serve(const std::filesystem::path& socket);

/// stdin, stdout and stderr.
using Descriptors = std::array<FileDescriptor, 3>;

/// One message, whole; false if whoever is to get it is gone or has no room for it.
bool send_message(int socket, const std::string& text);

/// The same with descriptors, which the other side gets copies of.
bool send_message(int socket, const std::string& text, const std::array<int, 3>& descriptors);

struct Message {
  std::string text;
  Descriptors descriptors;  // empty ones unless they came along
};

/// Waits for one.  Absent: the other side is gone.
std::optional<Message> receive_message(int socket);

}  // namespace controller
